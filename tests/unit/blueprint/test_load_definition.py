"""The load generator's state machine: its structure, and what it does on functions that work or fail."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from blueprint.load_definition import FILL_RETRIES, HISTORY_QUOTA, ORDER_RETRIES, definition, history_events
from functions.load import contract
from functions.load.errors import InvalidInputError, NotFilledError, OrderNotCreatedError, OrderNotReadError
from functions.load.order import counted
from tests.fakes import state_machine
from tests.fakes.state_machine import Execution
from twin.aws.stepfunctions.asl import problems

FILL, ORDER = (f"arn:aws:lambda:us-east-1:111122223333:function:{name}" for name in ("fill", "order"))
MACHINE = definition(fill_arn=FILL, order_arn=ORDER)
STATE_QUOTA = 256 * 1024
"""Bytes of a state's input or output (Step Functions quotas page)."""


class Shop:
    """The two functions. `fails` maps the number of an order to the error that it always has."""

    def __init__(self, fails: Mapping[int, Exception] | None = None, *, filled: bool = True) -> None:
        self.fails = fails or {}
        self.filled = filled
        self.batches: list[int] = []
        self.orders: list[str] = []

    def fill(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        assert payload["url"] == "orders.example.com"
        self.batches.append(payload["count"])
        if not self.filled:
            raise NotFilledError("503 from us-east-1")
        first = sum(self.batches[:-1])
        names = ("customerId", "productId", "orderId")
        return {
            "orders": [{name: f"{name[0]}{first + n:025}" for name in names} for n in range(payload["count"])]
        }

    def order(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        order = payload["order"]["orderId"]
        self.orders.append(order)
        error = self.fails.get(int(order[1:]))
        if error is not None:
            raise error
        return {"order": payload["order"], "tally": counted(payload["tally"], "us-east-1", "us-west-2")}

    def run(self, items: object, url: object = "orders.example.com") -> Execution:
        functions = {"fill": self.fill, "order": self.order}
        return state_machine.run(MACHINE, {"num_items": items, "url": url}, functions)


def tally(asked: int, created: int, read: int, failed: int) -> dict[str, Any]:
    regions = {"us-east-1": {"created": read, "read": 0}, "us-west-2": {"created": 0, "read": read}}
    return {
        "asked": asked,
        "created": created,
        "read": read,
        "failed": failed,
        "regions": regions if read else {},
    }


def test_every_state_is_reachable_and_every_field_is_one_of_the_language() -> None:
    assert problems(json.dumps(MACHINE)) == []


def test_every_task_is_retried_caught_and_limited_in_time() -> None:
    tasks = [state for state in MACHINE["States"].values() if state["Type"] == "Task"]
    assert [task["Arguments"]["FunctionName"] for task in tasks] == [FILL, ORDER]
    for task in tasks:
        assert task["Retry"][-1]["ErrorEquals"] == task["Catch"][-1]["ErrorEquals"] == ["States.ALL"]
        assert task["Retry"][-1]["MaxAttempts"] > 0
        assert 0 < task["TimeoutSeconds"] < 60


def test_orders_come_one_by_one_in_batches_of_at_most_twenty_five_with_a_second_between() -> None:
    shop = Shop()
    done = shop.run(60)
    assert done.status == "SUCCEEDED"
    assert done.output == tally(60, 60, 60, 0)
    assert shop.batches == [25, 25, 10]
    assert shop.orders == [f"o{n:025}" for n in range(60)]
    assert MACHINE["States"]["Pause"]["Seconds"] == 1
    assert done.count("WaitStateEntered") == 60


def test_a_failing_order_is_retried_counted_and_carried_on_from() -> None:
    shop = Shop({1: OrderNotCreatedError("503"), 2: OrderNotReadError("404")})
    done = shop.run(4)
    assert done.status == "SUCCEEDED"
    assert done.output == tally(4, 3, 2, 2), "the order that was only not read back was created"
    assert len(shop.orders) == 4 + 2 * ORDER_RETRIES
    assert len(set(shop.orders)) == 4, "a retry is for the same order"


def test_a_batch_that_is_not_filled_is_retried_counted_and_carried_on_from() -> None:
    shop = Shop(filled=False)
    done = shop.run(27)
    assert done.status == "SUCCEEDED"
    assert done.output == tally(27, 0, 0, 27)
    assert shop.batches == [25] * (1 + FILL_RETRIES) + [2] * (1 + FILL_RETRIES)


@pytest.mark.parametrize("items", [0, 1001, -1, 1.5, "7", None, True, [3, 4], {}])
def test_a_number_of_items_out_of_range_is_refused_before_anything_is_called(items: object) -> None:
    shop = Shop()
    done = shop.run(items)
    assert (done.status, done.error) == ("FAILED", "InvalidInputError")
    assert "a whole number from 1 to 1000" in str(done.cause)
    assert shop.batches == []


@pytest.mark.parametrize("given", [{}, [], "text", 7, None, {"url": "orders.example.com"}])
def test_an_input_without_a_number_of_items_is_refused_in_words(given: object) -> None:
    done = state_machine.run(MACHINE, given, {})
    assert done.error == "InvalidInputError"
    assert "num_items is missing" in str(done.cause)


def test_a_url_that_the_function_refuses_ends_the_execution_with_the_functions_words() -> None:
    def refuse(_: Mapping[str, Any]) -> None:
        raise InvalidInputError("url is 'elsewhere'")

    done = state_machine.run(MACHINE, {"num_items": 3, "url": "elsewhere"}, {"fill": refuse})
    assert (done.status, done.error, done.cause) == ("FAILED", "InvalidInputError", "url is 'elsewhere'")
    assert done.count("TaskFailed") == 1, "it is not retried"


def events_on_aws(done: Execution) -> int:
    """AWS also notes the start of each attempt, which the engine of this test does not."""
    return len(done.events) + done.count("TaskScheduled")


@pytest.mark.parametrize("items", [1, 25, 26, 60])
def test_the_number_of_history_events_is_known(items: int) -> None:
    assert events_on_aws(Shop().run(items)) == history_events(items, every_retry=False)


def test_a_thousand_failing_orders_fit_into_one_history_and_every_state_stays_small() -> None:
    done = Shop({n: OrderNotCreatedError("503") for n in range(1000)}).run(contract.MAX_ITEMS)
    assert done.output == tally(1000, 0, 0, 1000)
    events = events_on_aws(done)
    fills = 1000 // contract.BATCH_ITEMS
    assert events == history_events(1000, every_retry=True) - fills * 3 * FILL_RETRIES
    assert history_events(contract.MAX_ITEMS, every_retry=True) < HISTORY_QUOTA
    assert max(len(json.dumps(event)) for event in done.events) < STATE_QUOTA / 50
