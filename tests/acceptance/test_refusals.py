"""Every reason for which an order is not made has an answer of its own."""

import pytest

from functions.orders import contract
from tests.acceptance.service import Answer, Service, Wish

pytestmark = pytest.mark.twin
DATABASE = "dynamodb"


def refusal(answer: Answer) -> tuple[int, str | None]:
    assert answer.headers["content-type"] == contract.PROBLEM_CONTENT_TYPE
    assert answer.json["status"] == answer.status
    return answer.status, answer.code


def test_an_unknown_customer_an_unknown_product_and_neither_known(service: Service) -> None:
    pair = service.pair()
    nobody, nothing = "no-such-person", "no-such-thing"
    east = service.east

    assert refusal(east.order(Wish(customer=nobody, product=pair.product, order="o-1"))) == (
        404,
        "no-such-customer",
    )
    assert refusal(east.order(Wish(customer=pair.customer, product=nothing, order="o-1"))) == (
        404,
        "no-such-product",
    )
    assert refusal(east.order(Wish(customer=nobody, product=nothing, order="o-1"))) == (
        404,
        "no-such-customer",
    )
    assert not east.sold(pair.product)
    assert east.stored(contract.ORDERS, "o-1") is None


def test_a_sold_product_goes_to_no_other_order(service: Service) -> None:
    pair = service.pair()
    sale = pair.wish()
    assert service.east.order(sale).status == 201
    service.settle()

    for region in service.regions.values():
        late = pair.wish()
        assert refusal(region.order(late)) == (409, "product-sold")
        assert region.stored(contract.ORDERS, late.order) is None


def test_an_order_id_names_one_order_for_ever(service: Service) -> None:
    sale, other = (pair.wish() for pair in service.stock(2))
    assert service.east.order(sale).status == 201
    service.settle()

    for region in service.regions.values():
        for product, customer in ((other.product, sale.customer), (sale.product, other.customer)):
            wrong = Wish(customer=customer, product=product, order=sale.order)
            assert refusal(region.order(wrong)) == (409, "order-id-taken")
        assert not region.sold(other.product)
    service.settle()
    assert service.west.order(other).status == 201, "the product is still to be had"


@pytest.mark.parametrize(
    ("kind", "status", "code"), [("throttled", 429, "throttled"), ("failing", 503, "unavailable")]
)
def test_a_database_that_does_not_serve_is_retried_and_then_said_so(
    service: Service, kind: str, status: int, code: str
) -> None:
    assert_refused_while(service, kind, (status, code))


def test_a_product_that_another_transaction_holds_is_retried_and_then_said_so(eventual: Service) -> None:
    assert_refused_while(eventual, "conflicting", (503, "busy"))


def assert_refused_while(service: Service, kind: str, expected: tuple[int, str]) -> None:
    wish = service.pair().wish()
    service.twin.fault(DATABASE, kind, region=service.east.name)
    answer = service.east.order(wish)
    service.twin.clear_faults()

    assert refusal(answer) == expected
    assert int(answer.headers["retry-after"]) >= 1
    assert answer.region == service.east.name
    [line] = service.east.log_lines(contract.CREATE, wish.order)
    assert line["calls"] == 3, "twice more, and no more"
    assert service.east.order(wish).status == 201, "the same request is safe to send again"


def test_the_other_region_serves_while_one_database_is_throttled(eventual: Service) -> None:
    wish, other = (pair.wish() for pair in eventual.stock(2))
    eventual.twin.fault(DATABASE, "throttled", region=eventual.east.name)

    assert eventual.east.order(wish).status == 429
    assert eventual.west.order(other).status == 201


def test_a_database_that_is_too_slow_is_given_up_in_time(eventual: Service) -> None:
    wish = eventual.pair().wish()
    eventual.twin.fault(DATABASE, "slow", region=eventual.east.name, seconds=30)
    answer = eventual.east.order(wish)
    eventual.twin.clear_faults()

    assert refusal(answer) == (503, "unavailable")
    assert eventual.east.order(wish).status in (200, 201)


def test_a_region_that_cannot_read_its_data_is_not_healthy(service: Service) -> None:
    assert service.east.call("GET", contract.HEALTH_PATH).json == {
        "region": service.east.name,
        "status": "ok",
    }
    service.twin.fault(DATABASE, "failing", region=service.east.name, operation="GetItem")
    answer = service.east.call("GET", contract.HEALTH_PATH)

    assert refusal(answer) == (503, "unhealthy")
    assert int(answer.headers["retry-after"]) >= 1
    assert service.west.call("GET", contract.HEALTH_PATH).status == 200


def test_fill_says_what_it_did_not_write(eventual: Service) -> None:
    eventual.twin.fault(DATABASE, "throttled", region=eventual.east.name)
    answer = eventual.east.fill(customers=2, products=1)
    eventual.twin.clear_faults()

    assert refusal(answer) == (503, "not-all-written")
    assert int(answer.headers["retry-after"]) >= 1
    assert {kind: len(ids) for kind, ids in answer.json["unwritten"].items()} == {
        "customers": 2,
        "products": 1,
        "orders": 0,
    }
    assert not any(answer.json["written"].values())
    for customer in answer.json["unwritten"]["customers"]:
        assert eventual.east.stored(contract.CUSTOMERS, customer) is None
