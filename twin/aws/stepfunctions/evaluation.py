"""JSONata at work: what Step Functions fails with States.QueryEvaluationError, and its engine here would run.

The Step Functions guide ("Transforming data with JSONata") says that `$eval` is not available. Limits of
memory and of depth were measured on AWS by the authors of the emulator floci (its
docs/services/step-functions.md, August 2026): 100 levels of evaluation, 873,782 elements of a range,
360,145 of `$range`; AWS promises none of these figures. Memory as such is not bounded here: large values
that are made in another way pass. The limit of one second is the emulator's own.
"""

from typing import Any

import ministack.services.stepfunctions as emulated

from twin.aws.hooks import HookedName, declare, replace
from twin.aws.stepfunctions.control import MODULE

MAX_DEPTH = 100
MAX_RANGE = 873_782
MAX_RANGE_FUNCTION = 360_145
TIMEOUT_MS = 1000

_TOO_LARGE = "Expression evaluation memory limit exceeded: Check for excessive memory usage"
declare(HookedName(module=MODULE, attribute="_sfn_jsonata_range", signature="(start, end, step)"))


def install() -> None:
    """Hook what the emulator does to an expression before it evaluates it."""
    hooked = HookedName(module=MODULE, attribute="_register_sfn_jsonata_functions", signature="(expr)")
    replace(hooked, _limited)


def _limited(original: Any) -> Any:
    def register(expression: Any) -> None:
        original(expression)
        expression.register_lambda("eval", _no_function)
        expression.register_lambda("range", _bounded_function)
        expression.evaluate_range_expression = _bounded_operator(expression.evaluate_range_expression)
        expression.environment.set_runtime_bounds(TIMEOUT_MS, MAX_DEPTH)

    return register


def _no_function(*_: Any) -> None:
    raise ValueError("T1006: Attempted to invoke a non-function")


def _bounded_operator(original: Any) -> Any:
    def evaluate(lhs: Any, rhs: Any) -> Any:
        made = original(lhs, rhs)
        if made is not None and rhs - lhs >= MAX_RANGE:
            raise ValueError(_TOO_LARGE)
        return made

    return evaluate


def _bounded_function(start: Any, end: Any, step: Any) -> Any:
    if step and (end - start) / step >= MAX_RANGE_FUNCTION:
        raise ValueError(_TOO_LARGE)
    return emulated._sfn_jsonata_range(start, end, step)
