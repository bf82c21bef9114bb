"""Executions of state machines: with the machine's role, in living regions only, with a log and a history.

A region that dies takes its executions with it: they stand still where they are, and go on when it lives
again. What AWS would do with them nobody has written down; nothing is done in a dead region.
"""

import asyncio
import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any

import ministack.services.stepfunctions as emulated
from ministack.core.responses import get_account_id, get_region, request_scope

from twin.aws.cloudwatch import service_metrics
from twin.aws.hooks import HookedName, declare, replace
from twin.aws.iam.permissions import role_allows
from twin.aws.logs import delivery
from twin.aws.stepfunctions.control import MODULE, log_group_of
from twin.core import Core

HISTORY_QUOTA = 25_000
"""Events of one standard execution (Step Functions quotas page)."""

_LOOK_SECONDS = 0.1
_STARTED = "ExecutionStarted"
_ENDED = ("ExecutionSucceeded", "ExecutionFailed", "ExecutionAborted", "ExecutionTimedOut")
_METRICS = {
    _STARTED: "ExecutionsStarted",
    "ExecutionSucceeded": "ExecutionsSucceeded",
    "ExecutionFailed": "ExecutionsFailed",
    "ExecutionAborted": "ExecutionsAborted",
}
declare(
    HookedName(module=MODULE, attribute="_ExecutionError", signature="(error, cause)"),
    HookedName(module=MODULE, attribute="_extract_lambda_ref", signature="(resource)"),
)

Json = dict[str, Any]
# The execution that the current thread walks through.
_current: ContextVar[Json | None] = ContextVar("twin-execution", default=None)


class Executions:
    """What is hooked into the emulator's engine, which runs each execution on a thread of its own."""

    def __init__(self, core: Core) -> None:
        self._is_up = core.outages.is_up
        self._loop: asyncio.AbstractEventLoop | None = None

    async def bind(self) -> None:
        self._loop = asyncio.get_running_loop()

    def run(self, original: Callable[[str], None]) -> Callable[[str], None]:
        def run_execution(exec_arn: str) -> None:
            execution = emulated._executions.get(exec_arn)
            if execution is None:
                return
            self._observe(execution, execution["events"][0])
            with _walking(execution):
                original(exec_arn)

        return run_execution

    def start(self, original: Callable[[Json], Any]) -> Callable[[Json], Any]:
        def start_execution(data: Json) -> Any:
            try:
                json.loads(data.get("input") or "{}")
            except ValueError as error:
                message = f"Invalid State Machine Execution Input: '{error}'"
                return emulated.error_response_json("InvalidExecutionInput", message, 400)
            return original(data)

        return start_execution

    def add_event(self, original: Callable[..., Json]) -> Callable[..., Json]:
        def add(execution: Json, event_type: str, details: Json | None = None) -> Json:
            if _current.get() is execution:
                self._wait_for_region(execution)
            if execution["events"][-1]["type"] in _ENDED:
                # A step that was under way when the execution ended.
                return dict(execution["events"][-1])
            self._refuse_one_too_many(execution, event_type)
            event = original(execution, event_type, _as_aws_says(event_type, details or {}))
            event["previousEventId"] = event["id"] - 1
            self._observe(execution, event)
            if event_type == "TaskScheduled":
                add(execution, "TaskStarted", {"taskStartedEventDetails": {}})
            return event

        return add

    def fail(self, original: Callable[..., None]) -> Callable[..., None]:
        def fail_execution(execution: Json, error: str, cause: str) -> None:
            if execution["status"] != "RUNNING":
                return  # stopped meanwhile: that is how it ended
            original(execution, error, cause)
            execution["output"] = None  # only executions that succeeded have one

        return fail_execution

    def call_lambda(self, original: Callable[..., Any]) -> Callable[..., Any]:
        def call(func_ref: str, event: Any) -> Any:
            execution = _current.get()
            if execution is not None:
                self._check(execution, func_ref)
            return original(func_ref, event)

        return call

    def _check(self, execution: Json, func_ref: str) -> None:
        account, region = get_account_id(), get_region()
        if not self._is_up(region):
            raise emulated._ExecutionError("Lambda.SdkClientException", f"Lambda in {region} does not answer")
        is_arn = func_ref.startswith("arn:")
        arn = func_ref if is_arn else f"arn:aws:lambda:{region}:{account}:function:{func_ref}"
        role = str(execution["events"][0]["executionStartedEventDetails"]["roleArn"])
        if not role_allows(role, account, region, "lambda:InvokeFunction", arn):
            who = f"arn:aws:sts::{account}:assumed-role/{role.rpartition('/')[2]}/{execution['name']}"
            raise emulated._ExecutionError(
                "Lambda.AWSLambdaException",
                f"User: {who} is not authorized to perform: lambda:InvokeFunction on resource: {arn} because "
                "no identity-based policy allows the lambda:InvokeFunction action "
                "(Service: Lambda, Status Code: 403)",
            )

    def _wait_for_region(self, execution: Json) -> None:
        region = _region_of(execution)
        while not self._is_up(region):
            time.sleep(_LOOK_SECONDS)

    def _refuse_one_too_many(self, execution: Json, event_type: str) -> None:
        if len(execution["events"]) >= HISTORY_QUOTA - 1 and event_type not in _ENDED:
            raise emulated._ExecutionError(
                "States.Runtime",
                f"The execution reached the maximum number of history events ({HISTORY_QUOTA}).",
            )

    def _observe(self, execution: Json, event: Json) -> None:
        """Metrics and log of an event, written on the twin's own loop."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(_write, execution, event)


def install(core: Core) -> None:
    """Hook the emulator's engine."""
    ours = Executions(core)
    core.at_start.append(ours.bind)
    for attribute, signature, make in (
        ("_start_execution", "(data)", ours.start),
        ("_run_execution", "(exec_arn)", ours.run),
        ("_add_event", "(execution, event_type, details)", ours.add_event),
        ("_fail_execution", "(execution, error, cause)", ours.fail),
        ("_call_lambda", "(func_ref, event)", ours.call_lambda),
    ):
        replace(HookedName(module=MODULE, attribute=attribute, signature=signature), make)


@contextmanager
def _walking(execution: Json) -> Iterator[None]:
    token = _current.set(execution)
    try:
        yield
    finally:
        _current.reset(token)


def _region_of(execution: Mapping[str, Any]) -> str:
    return str(execution["executionArn"]).split(":")[3]


def _as_aws_says(event_type: str, details: Json) -> Json:
    """A task's resource, which the emulator names by its ARN, as service and action."""
    if not event_type.startswith("Task") or event_type.startswith("TaskState"):
        return details
    for described in details.values():
        described["resourceType"] = "lambda"
        described["resource"] = "invoke"
        if event_type == "TaskScheduled":
            described["region"] = get_region()
    return details


def _write(execution: Json, event: Json) -> None:
    arn = str(execution["executionArn"])
    _, _, _, region, account, *_ = arn.split(":")
    with request_scope(account, region):
        metric = _METRICS.get(event["type"])
        if metric:
            machine = {"StateMachineArn": str(execution["stateMachineArn"])}
            service_metrics.record("AWS/States", metric, 1, "Count", machine)
        machine_now = emulated._state_machines.get(execution["stateMachineArn"])
        logging = (machine_now or {}).get("loggingConfiguration") or {}
        group = log_group_of(logging)
        if group is not None and _is_logged(event["type"], str(logging.get("level", "OFF"))):
            line = json.dumps(_line(execution, event, with_data=bool(logging.get("includeExecutionData"))))
            delivery.write_execution_line(str(execution["stateMachineArn"]), group=group, line=line)


def _is_logged(event_type: str, level: str) -> bool:
    """Step Functions Developer Guide, "Log levels for Step Functions execution events"."""
    if level == "ALL":
        return True
    bad_end = event_type in _ENDED and event_type != "ExecutionSucceeded"
    if level == "FATAL":
        return bad_end
    return level == "ERROR" and (bad_end or "Fail" in event_type or "TimedOut" in event_type)


def _line(execution: Json, event: Json, *, with_data: bool) -> Json:
    described: Json = next((value for value in event.values() if isinstance(value, dict)), {})
    hidden = () if with_data else ("input", "output", "parameters", "error", "cause")
    at = datetime.fromisoformat(str(event["timestamp"]).replace("Z", "+00:00"))
    return {
        "id": str(event["id"]),
        "type": event["type"],
        "details": {key: value for key, value in described.items() if key not in hidden},
        "previous_event_id": str(event["id"] - 1),
        "event_timestamp": str(int(at.timestamp() * 1000)),
        "execution_arn": execution["executionArn"],
        "redrive_count": "0",
    }
