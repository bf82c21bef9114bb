"""The load generator's first function: a batch of customers and products, and ids for their orders."""

import pytest

from functions.load.errors import InvalidInputError, NotFilledError
from functions.load.fill import fill
from functions.orders.contract import is_valid_id
from tests.fakes.orders_api_fake import FakeOrdersApi, answer


def ids(kind: str, number: int) -> list[str]:
    return [f"{kind}{n}" for n in range(number)]


def test_a_batch_has_a_customer_a_product_and_an_id_of_its_own_for_each_order() -> None:
    api = FakeOrdersApi(answer(200, customers=ids("c", 3), products=ids("p", 3)))
    orders = fill({"count": 3}, api)["orders"]
    assert [(o["customerId"], o["productId"]) for o in orders] == [("c0", "p0"), ("c1", "p1"), ("c2", "p2")]
    assert len({o["orderId"] for o in orders}) == 3
    assert all(is_valid_id(o["orderId"]) and len(o["orderId"]) == 26 for o in orders)
    assert api.calls == [("POST", "/fill", {"cust": "3", "product": "3", "order": "0"})]


def test_a_number_of_jsonata_is_whole_however_it_is_written() -> None:
    api = FakeOrdersApi(answer(200, customers=ids("c", 25), products=ids("p", 25)))
    assert len(fill({"count": 25.0}, api)["orders"]) == 25
    assert api.calls == [("POST", "/fill", {"cust": "25", "product": "25", "order": "0"})]


@pytest.mark.parametrize(
    "count", [0, 26, -1, 25.5, 26.0, 0.0, float("inf"), float("nan"), True, False, "3", None, [3]]
)
def test_a_batch_has_one_to_twenty_five_items(count: object) -> None:
    api = FakeOrdersApi()
    with pytest.raises(InvalidInputError, match="from 1 to 25"):
        fill({"count": count}, api)
    assert api.calls == []


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (answer(503, code="not-all-written"), "503 from us-east-1: not-all-written"),
        (answer(403, message="Forbidden"), "403 from us-east-1: Forbidden"),
        (answer(200, customers=["c"], products=["p"]), "200 from us-east-1"),
        (answer(200), "200 from us-east-1"),
        (ConnectionRefusedError("nobody there"), "no answer: nobody there"),
        (TimeoutError(), "no answer: TimeoutError"),
    ],
)
def test_whatever_is_not_a_whole_batch_is_an_error_that_says_so(given: Exception, said: str) -> None:
    with pytest.raises(NotFilledError, match=said):
        fill({"count": 2}, FakeOrdersApi(given))
