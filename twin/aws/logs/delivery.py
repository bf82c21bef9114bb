"""CloudWatch Logs as other services write to it: with the permissions they need, metrics taken out."""

import hashlib
import itertools
import time
from collections.abc import Iterable
from typing import Any

import ministack.services.cloudwatch_logs as emulated
from ministack.core.responses import request_scope

from twin.aws.cloudwatch import service_metrics
from twin.aws.cloudwatch.embedded_metrics import embedded_metrics
from twin.aws.hooks import HookedName, declare, replace
from twin.aws.iam.permissions import role_allows
from twin.aws.lambda_runtime.function_spec import FunctionSpec
from twin.aws.lambda_runtime.log_stream import LogEvents
from twin.core import Core

_MODULE = "ministack.services.cloudwatch_logs"
declare(
    HookedName(module=_MODULE, attribute="_log_groups"),
    HookedName(module=_MODULE, attribute="_create_log_group", signature="(data)"),
    HookedName(module=_MODULE, attribute="_create_log_stream", signature="(data)"),
    HookedName(module=_MODULE, attribute="_append_log_events", signature="(stream, events)"),
)
# How long a role's permission to write is remembered, in seconds: policies take effect within it.
_PERMISSION_SECONDS = 1.0
_numbers = itertools.count(1)
_allowed: dict[tuple[str, str, str], tuple[float, bool]] = {}


def install(core: Core) -> None:
    """Refuse filter patterns: the emulator matches them in its own way, and nothing here needs one."""
    del core
    _allowed.clear()
    replace(
        HookedName(module=_MODULE, attribute="_filter_log_events", signature="(data)"), _refusing_patterns
    )


def _refusing_patterns(original: Any) -> Any:
    def filter_log_events(data: dict[str, Any]) -> Any:
        if data.get("filterPattern"):
            message = "not in the twin: logs.FilterLogEvents with filterPattern"
            return emulated.error_response_json("NotImplemented", message, 501)
        return original(data)

    return filter_log_events


def write_function_events(spec: FunctionSpec, stream: str, events: LogEvents) -> None:
    """A function's log events, as far as its role may write them; metrics in them reach CloudWatch.

    Without the permissions the lines are lost, silently, as on AWS.
    """
    with request_scope(spec.account, spec.region):
        if not _may_write(spec, stream):
            return
        _append(spec.logs.group, stream, events)
        for _, message in events:
            for datum in embedded_metrics(message):
                service_metrics.store(datum)


def write_access_line(api_id: str, stage: str, *, group: str, line: str) -> None:
    """A line of an API's access log, in the current region; lost when the log group is gone."""
    if group not in emulated._log_groups:
        return
    unique = hashlib.sha256(f"{api_id}/{stage}".encode()).hexdigest()[:32]
    _append(group, unique, [(int(time.time() * 1000), line)])


def write_execution_line(state_machine_arn: str, *, group: str, line: str) -> None:
    """A line of a state machine's log, in the current region; lost when the log group is gone."""
    if group not in emulated._log_groups:
        return
    name = state_machine_arn.rpartition(":")[2]
    stream = f"states/{name}/{time.strftime('%Y-%m-%d-%H', time.gmtime())}/{_short(state_machine_arn)}"
    _append(group, stream, [(int(time.time() * 1000), line)])


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def _may_write(spec: FunctionSpec, stream: str) -> bool:
    key = (spec.region, spec.role, f"{spec.logs.group}:{stream}")
    known = _allowed.get(key)
    now = time.monotonic()
    if known is not None and now - known[0] < _PERMISSION_SECONDS:
        return known[1]
    allowed = _has_permissions(spec, stream)
    _allowed[key] = (now, allowed)
    return allowed


def _has_permissions(spec: FunctionSpec, stream: str) -> bool:
    group = f"arn:aws:logs:{spec.region}:{spec.account}:log-group:{spec.logs.group}"
    # Policies name a group with or without the part of its streams; IAM takes both for actions on the group.
    on_group = (f"{group}:log-stream:", group)
    if spec.logs.group not in emulated._log_groups:
        if not _any_allowed(spec, "logs:CreateLogGroup", on_group):
            return False
        emulated._create_log_group({"logGroupName": spec.logs.group})
    may_put = _any_allowed(spec, "logs:PutLogEvents", (f"{group}:log-stream:{stream}",))
    return may_put and _any_allowed(spec, "logs:CreateLogStream", on_group)


def _any_allowed(spec: FunctionSpec, action: str, resources: Iterable[str]) -> bool:
    return any(role_allows(spec.role, spec.account, spec.region, action, arn) for arn in resources)


def _append(group: str, stream: str, events: LogEvents) -> None:
    streams = emulated._log_groups[group]["streams"]
    if stream not in streams:
        emulated._create_log_stream({"logGroupName": group, "logStreamName": stream})
    now = int(time.time() * 1000)
    stored = [
        {"timestamp": at, "message": message, "ingestionTime": now, "eventId": _event_id(at)}
        for at, message in events
    ]
    emulated._append_log_events(streams[stream], stored)


def _event_id(at: int) -> str:
    """56 digits, rising with time, as CloudWatch Logs gives them."""
    return f"{at:020d}{next(_numbers):036d}"
