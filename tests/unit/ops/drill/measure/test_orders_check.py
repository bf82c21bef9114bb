"""What became of the orders."""

from ops.deployed.tables import StoredOrder
from ops.drill.measure.ledger import Promise
from ops.drill.measure.orders_check import aftermath, data_loss, sold_twice


def promise(order: str, answered: float = 1.0, product: str | None = None) -> Promise:
    return Promise(order_id=order, product_id=product or f"p-{order}", answered=answered, region="east")


def stored(*orders: str, product: str | None = None) -> dict[str, StoredOrder]:
    return {o: StoredOrder(order_id=o, product_id=product or f"p-{o}") for o in orders}


def test_promised_orders_that_the_survivor_lacks_are_the_rpo_with_the_oldest_ones_age() -> None:
    loss = data_loss([promise("a", 5.0), promise("b", 9.25), promise("c", 9.5)], {"a"}, at=10.0)
    assert (loss.missing, loss.oldest_age, loss.order_ids) == (2, 0.75, ("b", "c"))


def test_orders_promised_after_the_switch_are_not_in_the_rpo() -> None:
    assert data_loss([promise("a", 10.5)], set(), at=10.0).missing == 0


def test_nothing_missing_has_no_age() -> None:
    loss = data_loss([promise("a")], {"a"}, at=10.0)
    assert (loss.missing, loss.oldest_age) == (0, 0.0)


def test_after_healing_every_promise_is_everywhere() -> None:
    after = aftermath([promise("a"), promise("b")], {"east": stored("a", "b"), "west": stored("a", "b")})
    assert after.everywhere
    assert (after.acknowledged, after.lost, after.incomplete, after.unacknowledged) == (2, (), (), 0)


def test_an_order_in_no_region_is_lost_and_one_in_some_is_incomplete() -> None:
    after = aftermath([promise("a"), promise("b")], {"east": stored("a"), "west": stored()})
    assert (after.lost, after.incomplete) == (("b",), ("a", "b"))
    assert not after.everywhere


def test_an_order_stored_that_nobody_was_told_of_is_counted() -> None:
    assert aftermath([promise("a")], {"east": stored("a", "x"), "west": stored("a")}).unacknowledged == 1


def test_two_promises_of_one_product_are_a_double_sale() -> None:
    assert sold_twice([promise("a", product="p"), promise("b", product="p")]) == {"p": ("a", "b")}


def test_a_double_sale_shows_in_the_tables_though_one_buyer_never_heard() -> None:
    tables = {"east": stored("a", product="p"), "west": stored("b", product="p")}
    after = aftermath([promise("a", product="p")], tables)
    assert after.sold_twice == {"p": ("a", "b")}


def test_one_order_seen_in_two_regions_is_one_sale() -> None:
    tables = {"east": stored("a", product="p"), "west": stored("a", product="p")}
    assert sold_twice([promise("a", product="p")], tables) == {}
