"""The same order sent again: in its region, in the other one, and while only half of it has arrived there."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from functions.orders import contract
from tests.acceptance.service import NO_LAG, Answer, Service, Wish
from tests.waiting import until

pytestmark = pytest.mark.twin
HELD_SECONDS = 1.5


def order_of(answer: Answer) -> dict[str, Any]:
    """What an answer says about the order."""
    found: dict[str, Any] = answer.json
    return found


def stored_everywhere(service: Service, wish: Wish) -> list[dict[str, Any] | None]:
    """The order's item in each region, then the product's."""
    return [
        region.stored(table, identity)
        for table, identity in ((contract.ORDERS, wish.order), (contract.PRODUCTS, wish.product))
        for region in service.regions.values()
    ]


def assert_one_order(service: Service, wish: Wish, first: Answer) -> None:
    """Both regions hold this very order, and its product sold to it."""
    service.settle()
    east_order, west_order, east_product, west_product = stored_everywhere(service, wish)
    assert east_order is not None
    assert east_product is not None
    assert east_order == west_order
    assert east_product == west_product
    assert east_product[contract.PRODUCT_STATUS] == {"S": contract.SOLD}
    assert east_product[contract.ORDER_ID] == {"S": wish.order}
    assert east_order[contract.CREATED_AT] == {"S": order_of(first)[contract.CREATED_AT]}
    assert east_order[contract.REGION] == {"S": order_of(first)[contract.REGION]}


@contextmanager
def held_back(service: Service, table: str, item: dict[str, Any], *, gone: bool = False) -> Iterator[None]:
    """Hold back what is written to one item in the east meanwhile; everything else arrives at once.

    Changes of one item arrive in the order they were made. So one that takes long, made just before, holds
    back those after it. `gone` removes the item again, for one that must not be there yet.
    """
    east = service.east
    name, key = east.stack.table_names[table], contract.TABLE_KEYS[table]
    with service.lag(HELD_SECONDS, HELD_SECONDS):
        east.dynamodb.put_item(TableName=name, Item=item)
        if gone:
            east.dynamodb.delete_item(TableName=name, Key={key: item[key]})
    with service.lag(*NO_LAG):
        yield


def test_the_same_order_again_is_answered_200_with_the_same_body(service: Service) -> None:
    wish = service.pair().wish()
    first, again = service.east.order(wish), service.east.order(wish)

    assert (first.status, again.status) == (201, 200)
    assert again.json == first.json
    assert order_of(first)["msg"] == "Order created"
    assert_one_order(service, wish, first)


def test_the_same_order_again_in_the_other_region_is_answered_200(service: Service) -> None:
    wish = service.pair().wish()
    first = service.east.order(wish)
    service.settle()
    again = service.west.order(wish)

    assert (first.status, again.status, again.region) == (201, 200, service.west.name)
    assert again.json == first.json, "made in the east, whoever answers"
    assert_one_order(service, wish, first)


def test_with_strong_consistency_the_other_region_knows_the_order_at_once(strong: Service) -> None:
    wish = strong.pair().wish()
    first, there, again = strong.east.order(wish), strong.west.read(wish), strong.west.order(wish)

    assert (first.status, there.status, again.status) == (201, 200, 200)
    assert again.json == first.json


def test_a_retry_where_only_the_product_has_arrived_completes_the_one_order(eventual: Service) -> None:
    wish = eventual.pair().wish()
    with held_back(eventual, contract.ORDERS, {contract.ORDER_ID: {"S": wish.order}}, gone=True):
        first = eventual.east.order(wish)
        until(lambda: eventual.west.sold(wish.product), "the product arrived")
        assert eventual.west.stored(contract.ORDERS, wish.order) is None
        again = eventual.west.order(wish)

    assert (first.status, again.status, again.region) == (201, 200, eventual.west.name)
    assert again.json == first.json
    [line] = eventual.west.log_lines(contract.CREATE, wish.order)
    assert line["outcome"] == "completed", "the order itself had not arrived when it was sent again"
    assert_one_order(eventual, wish, first)


def test_a_retry_where_only_the_order_has_arrived_repeats_it(eventual: Service) -> None:
    wish = eventual.pair().wish()
    product = eventual.east.stored(contract.PRODUCTS, wish.product)
    assert product is not None
    with held_back(eventual, contract.PRODUCTS, product):
        first = eventual.east.order(wish)
        until(lambda: eventual.west.stored(contract.ORDERS, wish.order), "the order arrived")
        assert not eventual.west.sold(wish.product)
        again = eventual.west.order(wish)

    assert (first.status, again.status) == (201, 200)
    assert again.json == first.json
    assert_one_order(eventual, wish, first)


def test_a_retry_on_the_other_side_of_a_cut_link_leaves_one_order(eventual: Service) -> None:
    wish = eventual.pair().wish()
    eventual.twin.link(eventual.east.name, eventual.west.name, cut=True)
    eventual.twin.link(eventual.west.name, eventual.east.name, cut=True)
    answers = [eventual.east.order(wish), eventual.west.order(wish)]
    eventual.mend()
    eventual.settle()

    assert [answer.status for answer in answers] == [201, 201], "neither region can know of the other's"
    east_order, west_order, east_product, west_product = stored_everywhere(eventual, wish)
    assert east_order == west_order
    assert east_product == west_product
    assert [region.order(wish).status for region in eventual.regions.values()] == [200, 200]


def test_a_claimed_product_whose_order_was_never_put_is_completed(strong: Service) -> None:
    """What a function leaves that stops between its two writes."""
    wish = strong.pair().wish()
    claim = {
        contract.PRODUCT_ID: {"S": wish.product},
        contract.PRODUCT_STATUS: {"S": contract.SOLD},
        contract.ORDER_ID: {"S": wish.order},
        contract.CUSTOMER_ID: {"S": wish.customer},
        contract.SOLD_AT: {"S": "2026-11-24T12:00:00.000000Z"},
        contract.SOLD_IN: {"S": strong.east.name},
    }
    name = strong.east.stack.table_names[contract.PRODUCTS]
    strong.east.dynamodb.put_item(TableName=name, Item=claim)

    taken = strong.west.order(Wish(customer=wish.customer, product=wish.product, order="another-order"))
    completed = strong.west.order(wish)

    assert (taken.status, taken.code) == (409, "product-sold")
    assert completed.status == 200
    assert_one_order(strong, wish, completed)
