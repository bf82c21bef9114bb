"""The load generator's second function: one order, created and read back, and counted."""

import json
from http.client import RemoteDisconnected
from typing import Any

import pytest

from functions.load.errors import InvalidInputError, OrderNotCreatedError, OrderNotReadError
from functions.load.order import place
from tests.fakes.orders_api_fake import FakeOrdersApi, answer

ORDER = {"customerId": "c", "productId": "p", "orderId": "o"}
STORED = {"OrderId": "o", "ProductId": "p", "CustomerId": "c"}
TALLY = {"asked": 9, "created": 0, "read": 0, "failed": 0, "regions": {}}
WEST = "us-west-2"


def placing(*answers: Any, **given: Any) -> tuple[dict[str, Any], FakeOrdersApi]:
    api = FakeOrdersApi(*answers)
    return place({"order": ORDER, "tally": TALLY, **given}, api), api


def test_an_order_is_created_as_synthetic_then_read_back_and_counted() -> None:
    result, api = placing(answer(201, **STORED), answer(200, **STORED))
    assert api.calls == [
        ("POST", "/orders", {**ORDER, "synthetic": "true"}),
        ("GET", "/orders", {"orderId": "o", "productId": "p"}),
    ]
    assert result["order"] == {
        "orderId": "o",
        "productId": "p",
        "createdIn": "us-east-1",
        "readIn": "us-east-1",
    }
    counted = {"created": 1, "read": 1}
    assert result["tally"] == {**TALLY, "created": 1, "read": 1, "regions": {"us-east-1": counted}}


def test_a_retry_that_finds_the_order_is_as_good_as_the_first_attempt() -> None:
    result, _ = placing(answer(200, **STORED), answer(200, **STORED))
    assert result["tally"]["created"] == 1


def test_regions_are_counted_by_what_each_of_them_did() -> None:
    before = {**TALLY, "created": 4, "read": 4, "regions": {"us-east-1": {"created": 4, "read": 4}}}
    result, _ = placing(answer(201, **STORED), answer(200, WEST, **STORED), tally=before)
    assert result["tally"]["regions"] == {
        "us-east-1": {"created": 5, "read": 4},
        WEST: {"created": 0, "read": 1},
    }
    assert before["regions"] == {"us-east-1": {"created": 4, "read": 4}}, "the input is as it was"


def test_counts_stay_whole_when_the_state_machine_writes_them_otherwise() -> None:
    before = {**TALLY, "created": 4.0, "read": 4.0, "regions": {"us-east-1": {"created": 4.0, "read": 4.0}}}
    result, _ = placing(answer(201, **STORED), answer(200, **STORED), tally=before)
    assert json.dumps(result["tally"]["regions"]) == '{"us-east-1": {"created": 5, "read": 5}}'
    assert (repr(result["tally"]["created"]), repr(result["tally"]["read"])) == ("5", "5")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (answer(503, code="unavailable"), "order o: 503 from us-east-1: unavailable"),
        (answer(409, code="sold"), "order o: 409 from us-east-1: sold"),
        (RemoteDisconnected("gone"), "order o: no answer: gone"),
        (TimeoutError(), "order o: no answer: TimeoutError"),
    ],
)
def test_an_order_that_nobody_acknowledged_is_not_created(given: Any, said: str) -> None:
    with pytest.raises(OrderNotCreatedError, match=said):
        placing(given)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (answer(404, code="no-such-order"), "order o: 404 from us-east-1: no-such-order"),
        (answer(200, OrderId="o", ProductId="other"), "answered another order"),
        (answer(200), "answered another order"),
        (TimeoutError(), "order o: no answer"),
    ],
)
def test_an_acknowledged_order_that_is_not_there_is_another_error(given: Any, said: str) -> None:
    with pytest.raises(OrderNotReadError, match=said):
        placing(answer(201, **STORED), given)


@pytest.mark.parametrize(
    "wrong", [{"order": None}, {"order": {**ORDER, "orderId": "../x"}}, {"tally": "none"}, {"order": {}}]
)
def test_wrong_input_is_refused_before_anything_is_called(wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidInputError):
        placing(**wrong)
