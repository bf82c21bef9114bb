"""What is wrong with a product and its orders, and what would mend it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from blueprint.order_service import CANARY_PRODUCT
from ops.reconcile.judge import Case, Judgement, Kind, judge
from ops.reconcile.suspects import RegionScan, together
from tests.unit.ops.reconcile.items import SOLD_AT, Item, customer, order, product

LONG_AFTER = datetime.fromisoformat(SOLD_AT) + timedelta(hours=1)
MINUTE = timedelta(minutes=1)
BUYER = customer()
OLD = order("old", "p", created="2026-11-24T18:00:00.000000Z")
RESTORED = datetime(2026, 11, 25, 6, tzinfo=UTC)


def verdict(
    one: Item | None,
    *orders: Item,
    now: datetime = LONG_AFTER,
    buyer: Item | None = BUYER,
    restored: datetime | None = None,
) -> Judgement | None:
    case = Case(product_id="p", product=one, orders={o["OrderId"]["S"]: o for o in orders}, customer=buyer)
    return judge(case, now=now, settle=MINUTE, restored=restored)


def words(found: Judgement | None) -> tuple[Kind, list[str]]:
    assert found is not None
    return found.kind, [repair.words for repair in found.repairs]


@pytest.mark.parametrize(
    "case",
    [
        (product("p"),),
        (product("p", "o"), order("o", "p")),
        (product("p", "o"), order("o", "p", status="CANCELLED")),
        (product("p", "o"), order("o", "p"), order("x", "p", status="CANCELLED")),
        (None,),
        (None, order("o", "p", status="CANCELLED")),
    ],
)
def test_what_fits_together_is_left_alone(case: tuple[Item | None, ...]) -> None:
    first, *orders = case
    assert verdict(first, *(o for o in orders if o is not None)) is None


def test_the_product_decides_which_of_two_orders_has_it() -> None:
    found = verdict(product("p", "b"), order("a", "p"), order("b", "p"), order("c", "p"))
    assert words(found) == (Kind.ANOTHER_ORDER, ["cancel the order a", "cancel the order c"])
    assert found is not None
    assert found.orders == ("a", "b", "c")


def test_an_order_that_is_there_beats_a_claim_without_one() -> None:
    found = verdict(product("p", "gone"), order("b", "p", created="2"), order("a", "p", created="1"))
    assert words(found) == (Kind.ANOTHER_ORDER, ["mark the product as sold to a", "cancel the order b"])


def test_an_order_whose_product_is_in_stock_gets_it() -> None:
    assert words(verdict(product("p"), order("o", "p"))) == (Kind.NOT_SOLD, ["mark the product as sold to o"])


def test_an_order_whose_product_was_sold_to_nobody_gets_it() -> None:
    found = verdict(product("p", status="SOLD"), order("o", "p"))
    assert words(found) == (Kind.TO_NOBODY, ["mark the product as sold to o"])


def test_an_order_without_its_product_is_for_a_person() -> None:
    assert words(verdict(None, order("o", "p"))) == (Kind.NO_PRODUCT, [])


def test_a_sale_without_its_order_gets_the_order_that_its_seller_would_have_written() -> None:
    found = verdict(product("p", "o", Synthetic={"BOOL": True}))
    assert words(found) == (Kind.NO_ORDER, ["write the order o"])
    assert found is not None
    request = found.repairs[0].request
    assert request["Item"] == order("o", "p") | {"Synthetic": {"BOOL": True}}
    assert request["ConditionExpression"] == "attribute_not_exists(OrderId)"


@pytest.mark.parametrize("missing", ["CustomerId", "SoldAt", "SoldIn"])
def test_a_sale_that_says_too_little_is_for_a_person(missing: str) -> None:
    one = product("p", "o")
    del one[missing]
    assert words(verdict(one)) == (Kind.NO_ORDER, [])


@pytest.mark.parametrize(("seconds", "found"), [(59, False), (61, True)])
def test_a_young_sale_without_its_order_may_be_a_create_under_way(seconds: int, found: bool) -> None:
    now = datetime.fromisoformat(SOLD_AT) + timedelta(seconds=seconds)
    assert (verdict(product("p", "o"), now=now) is not None) is found


@pytest.mark.parametrize("sold_at", ["", "yesterday", "2026-11-25T18:00:00"])
def test_a_sale_that_does_not_say_when_counts_as_old(sold_at: str) -> None:
    one = product("p", "o", SoldAt={"S": sold_at})
    assert verdict(one, now=datetime.now(UTC)) is not None


def test_a_product_sold_to_an_order_for_another_product_goes_back_into_stock() -> None:
    found = verdict(product("p", "o"), order("o", "other"))
    assert words(found) == (Kind.OTHER_PRODUCT, ["put the product back in stock"])


def test_a_product_sold_to_nobody_is_for_a_person() -> None:
    assert words(verdict(product("p", status="SOLD"))) == (Kind.TO_NOBODY, [])


def test_a_sale_whose_customer_is_gone_never_becomes_an_order() -> None:
    assert words(verdict(product("p", "o"), buyer=None)) == (Kind.NO_ORDER, [])


def test_the_order_of_a_synthetic_customer_is_synthetic_on_a_real_product_too() -> None:
    found = verdict(product("p", "o"), buyer=customer(Synthetic={"BOOL": True}))
    assert found is not None
    assert found.repairs[0].request["Item"] == order("o", "p") | {"Synthetic": {"BOOL": True}}


@pytest.mark.parametrize("status", ["SHIPPED", "RESERVED"])
@pytest.mark.parametrize("orders", [(), (order("a", "p"),), (order("a", "p"), order("b", "p"))])
def test_a_product_in_another_programs_status_is_reported_and_left_alone(
    status: str, orders: tuple[Item, ...]
) -> None:
    found = verdict(product("p", "a", status=status), *orders)
    assert words(found) == (Kind.OTHER_STATUS, [])


def test_an_order_for_another_customer_than_its_product_was_sold_to_is_for_a_person() -> None:
    found = verdict(product("p", "a"), order("a", "p", customer="d"), order("b", "p"))
    assert words(found) == (Kind.OTHER_CUSTOMER, [])


def test_a_claim_that_names_no_customer_fits_the_order_of_any() -> None:
    one = product("p", "a")
    del one["CustomerId"]
    assert verdict(one, order("a", "p", customer="d")) is None


def test_an_order_from_before_a_restore_has_the_product_whatever_was_sold_since() -> None:
    found = verdict(product("p", "new"), OLD, order("new", "p"), restored=RESTORED)
    assert words(found) == (Kind.ANOTHER_ORDER, ["mark the product as sold to old", "cancel the order new"])


def test_of_two_orders_from_before_a_restore_the_product_decides() -> None:
    older = order("older", "p", created="2026-11-23T18:00:00.000000Z")
    found = verdict(product("p", "old"), OLD, older, restored=RESTORED)
    assert words(found) == (Kind.ANOTHER_ORDER, ["cancel the order older"])


@pytest.mark.parametrize("created", ["2026-11-25T12:00:00.000000Z", "", "yesterday"])
def test_orders_that_are_not_known_to_be_older_than_a_restore_are_decided_as_ever(created: str) -> None:
    found = verdict(
        product("p", "new"), order("a", "p", created=created), order("new", "p"), restored=RESTORED
    )
    assert words(found) == (Kind.ANOTHER_ORDER, ["cancel the order a"])


def test_every_write_depends_on_what_was_seen() -> None:
    found = verdict(product("p", "gone"), order("a", "p", created="1"), order("b", "p", created="2"))
    assert found is not None
    sell, cancel = found.repairs
    assert sell.request["ConditionExpression"] == "ProductStatus = :was0 AND OrderId = :was1"
    assert sell.request["ExpressionAttributeValues"][":was1"] == {"S": "gone"}
    assert cancel.request["ConditionExpression"] == "OrderStatus = :was0 AND ProductId = :was1"
    unsold = verdict(product("p"), order("a", "p"))
    assert unsold is not None
    condition = unsold.repairs[0].request["ConditionExpression"]
    assert condition == "ProductStatus = :was0 AND attribute_not_exists(OrderId)"


def seen(products: list[Item], orders: list[Item]) -> dict[str, Any]:
    found = RegionScan()
    for item in products:
        found.add_product(item)
    for item in orders:
        found.add_order(item)
    return {name: set(involved) for name, involved in found.suspects().items()}


def test_one_pass_finds_every_product_that_does_not_fit_with_all_orders_involved() -> None:
    products = [
        product("fine", "1"),
        product("stock"),
        product("twice", "2"),
        product("lost", "4"),
        product("void", "1"),
        product("nobody", status="SOLD"),
        product("unsold"),
        product("cancelled", "8"),
        product("shipped", "9", status="SHIPPED"),
        product("reserved", status="RESERVED"),
        product("theirs", "10"),
    ]
    orders = [
        order("1", "fine"),
        order("2", "twice"),
        order("3", "twice"),
        order("6", "unsold"),
        order("7", "nowhere"),
        order("8", "cancelled", status="CANCELLED"),
        order("9", "shipped"),
        order("10", "theirs", customer="d"),
    ]
    assert seen(products, orders) == {
        "twice": {"2", "3"},
        "lost": {"4"},
        "void": {"1"},
        "nobody": set(),
        "unsold": {"6"},
        "nowhere": {"7"},
        "shipped": {"9"},
        "reserved": set(),
        "theirs": {"10"},
    }


def test_the_canaries_own_items_are_never_looked_at() -> None:
    assert seen([product(CANARY_PRODUCT, "gone")], []) == {}


def test_the_suspects_of_all_regions_are_looked_at_in_all_regions() -> None:
    east, west = {"p": frozenset({"a"})}, {"p": frozenset({"b"}), "q": frozenset[str]()}
    assert together([east, west]) == {"p": frozenset({"a", "b"}), "q": frozenset()}
