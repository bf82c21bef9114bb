"""The load generator's state machine in Amazon States Language: a pure function of its two functions' ARNs.

    Check -> Fill -> Order -> Pause -> More -> Order ...   the rest of the batch, one order a second
                                            -> Fill ...    the next batch
                                            -> Done

The data that goes from state to state is the tally alone: it is the output in the end, and the history shows
it at every step. What is left to do is kept in variables: never more than one batch of ids, so that a state
is a few kilobytes whatever is asked for (Step Functions allows 256 KiB). An execution's history is bounded
too, see `history_events`.
"""

from collections.abc import Mapping
from typing import Any, Final

from functions.load import contract as load
from functions.load.errors import InvalidInputError, OrderNotReadError

State = dict[str, Any]
Definition = dict[str, Any]

HISTORY_QUOTA: Final = 25_000
"""Events of a standard execution (Step Functions quotas page): with the next one it fails."""

PAUSE_SECONDS: Final = 1
FILL_RETRIES: Final = 4
ORDER_RETRIES: Final = 3
FUNCTION_SECONDS: Final[Mapping[str, int]] = {load.FILL_FUNCTION: 35, load.ORDER_FUNCTION: 25}
"""The functions' timeouts: above what their calls may take (functions/load)."""

# A function is started and answered within this, beside its own time.
_TASK_MARGIN_SECONDS: Final = 10
_INVOKE: Final = "arn:aws:states:::lambda:invoke"
_ANYTHING: Final = ["States.ALL"]
_NUMBER: Final = f"$states.input.{load.NUM_ITEMS}"


def definition(*, fill_arn: str, order_arn: str) -> Definition:
    """The whole machine. Expressions are JSONata, which the machine's version of the language evaluates."""
    return {
        "Comment": "Creates customers, products and orders through the shared name, one order a second",
        "QueryLanguage": "JSONata",
        "StartAt": "Check",
        "States": {
            "Check": _check(),
            "Refuse": {
                "Type": "Fail",
                "Error": InvalidInputError.__name__,
                "Cause": "{% $states.input.cause %}",
            },
            "Fill": _fill(fill_arn),
            "Order": _order(order_arn),
            "Pause": {"Type": "Wait", "Seconds": PAUSE_SECONDS, "Next": "More"},
            "More": {
                "Type": "Choice",
                "Choices": [
                    {"Condition": "{% $next < $count($batch) %}", "Next": "Order"},
                    {"Condition": "{% $left > 0 %}", "Next": "Fill"},
                ],
                "Default": "Done",
            },
            "Done": {"Type": "Succeed"},
        },
    }


def history_events(items: int, *, every_retry: bool) -> int:
    """The events in the history of an execution of so many items: when all goes well, or the most there can
    be, with every retry used up.

    A state that runs has an event when it is entered and one when it is left; each attempt of a task has
    three between (scheduled, started, and succeeded or failed). Then the execution's own: started, ended.
    """
    batches = -(-items // load.BATCH_ITEMS)
    plain, end = 2, 2
    a_fill = plain + 3 * (1 + FILL_RETRIES * every_retry)
    an_order = plain + 3 * (1 + ORDER_RETRIES * every_retry)
    pause_and_choice = 2 * plain
    check_and_done = 2 * plain
    # A batch that could not be made pauses and chooses once, in the place of its orders.
    return end + check_and_done + batches * a_fill + items * (an_order + pause_and_choice)


def _check() -> State:
    """Nothing is called before the input is known to be good."""
    good = (
        f"$type({_NUMBER}) = 'number' "
        f"? ({_NUMBER} >= 1 and {_NUMBER} <= {load.MAX_ITEMS} and $floor({_NUMBER}) = {_NUMBER}) "
        ": false"
    )
    seen = f"$exists({_NUMBER}) ? $string({_NUMBER}) : 'missing'"
    why = (
        f"'{load.NUM_ITEMS} is ' & ({seen}) & ': give a whole number from 1 to {load.MAX_ITEMS}. "
        f"More would not fit into the history of one execution: start several, one after another. "
        f"The input is an object with {load.NUM_ITEMS} and {load.URL}.'"
    )
    return {
        "Type": "Choice",
        "Choices": [
            {
                "Condition": _expression(good),
                "Assign": {
                    "url": _expression(f"$exists($states.input.{load.URL}) ? $states.input.{load.URL} : ''"),
                    "left": _expression(_NUMBER),
                    "batch": [],
                    "next": 0,
                },
                "Output": {
                    load.ASKED: _expression(_NUMBER),
                    load.CREATED: 0,
                    load.READ_BACK: 0,
                    load.FAILED: 0,
                    load.REGIONS: {},
                },
                "Next": "Fill",
            },
            {"Condition": _expression("true"), "Output": {"cause": _expression(why)}, "Next": "Refuse"},
        ],
    }


def _fill(function_arn: str) -> State:
    size = f"$min([$left, {load.BATCH_ITEMS}])"
    made = f"$states.result.Payload.{load.ORDERS}"
    return {
        **_task(
            function_arn,
            {load.URL: _expression("$url"), load.COUNT: _expression(size)},
            function=load.FILL_FUNCTION,
        ),
        "Assign": {
            "batch": _expression(made),
            "next": 0,
            "left": _expression(f"$left - $count({made})"),
        },
        "Output": _expression("$states.input"),
        "Retry": [_never(InvalidInputError), _retry(FILL_RETRIES, first_seconds=2)],
        "Catch": [
            {
                "ErrorEquals": [InvalidInputError.__name__],
                "Output": {"cause": _expression("$parse($states.errorOutput.Cause).errorMessage")},
                "Next": "Refuse",
            },
            {
                "ErrorEquals": _ANYTHING,
                "Assign": {"batch": [], "next": 0, "left": _expression(f"$left - {size}")},
                "Output": _tally_with(load.FAILED, by=size),
                "Next": "Pause",
            },
        ],
        "Next": "Order",
    }


def _order(function_arn: str) -> State:
    payload = {
        load.URL: _expression("$url"),
        load.ORDER: _expression("$batch[$next]"),
        load.TALLY: _expression("$states.input"),
    }
    following = {"next": _expression("$next + 1")}
    return {
        **_task(function_arn, payload, function=load.ORDER_FUNCTION),
        "Assign": following,
        "Output": _expression(f"$states.result.Payload.{load.TALLY}"),
        "Retry": [_retry(ORDER_RETRIES, first_seconds=1)],
        "Catch": [
            {
                "ErrorEquals": [OrderNotReadError.__name__],
                "Assign": following,
                "Output": _tally_with(load.CREATED, load.FAILED),
                "Next": "Pause",
            },
            {
                "ErrorEquals": _ANYTHING,
                "Assign": following,
                "Output": _tally_with(load.FAILED),
                "Next": "Pause",
            },
        ],
        "Next": "Pause",
    }


def _task(function_arn: str, payload: Mapping[str, object], *, function: str) -> State:
    return {
        "Type": "Task",
        "Resource": _INVOKE,
        "Arguments": {"FunctionName": function_arn, "Payload": dict(payload)},
        "TimeoutSeconds": FUNCTION_SECONDS[function] + _TASK_MARGIN_SECONDS,
    }


def _retry(times: int, *, first_seconds: int) -> State:
    return {
        "ErrorEquals": _ANYTHING,
        "IntervalSeconds": first_seconds,
        "MaxAttempts": times,
        "BackoffRate": 2,
    }


def _never(error: type[Exception]) -> State:
    return {"ErrorEquals": [error.__name__], "MaxAttempts": 0}


def _tally_with(*counts: str, by: str = "1") -> str:
    more = ", ".join(f"'{count}': $states.input.{count} + {by}" for count in counts)
    return _expression(f"$merge([$states.input, {{{more}}}])")


def _expression(jsonata: str) -> str:
    return f"{{% {jsonata} %}}"
