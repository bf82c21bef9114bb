"""CloudWatch alarms: what is refused, when they change state, whom they tell.

The emulator keeps alarms and their history and follows composite rules. It evaluates an alarm over every
dimension at once, without periods and without missing data; that part is the twin's own (alarm_rules.py).
"""

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import ministack.services.cloudwatch as emulated
import ministack.services.sns as sns
from ministack.core.responses import request_scope

from twin.aws.cloudwatch import service_metrics
from twin.aws.cloudwatch.alarm_requests import lacking, problem, rule_of
from twin.aws.cloudwatch.alarm_rules import judge
from twin.aws.hooks import HookedName, declare, replace
from twin.aws.iam.permissions import policy_allows_service
from twin.core import Core

_MODULE = "ministack.services.cloudwatch"
_HANDLER = "(params, cbor_data, is_cbor, is_json)"
_SERVICE = "cloudwatch.amazonaws.com"
_TICK_SECONDS = 1.0
# Values of a period that has just ended may still be on their way.
_GRACE_SECONDS = 1.0

declare(
    HookedName(module=_MODULE, attribute="_alarms"),
    HookedName(module=_MODULE, attribute="_metrics"),
    HookedName(module=_MODULE, attribute="_dims_key", signature="(dims)"),
    HookedName(module=_MODULE, attribute="_calc_stats", signature="(points)"),
    HookedName(module=_MODULE, attribute="_stat_value", signature="(stats, stat_name, points)"),
    HookedName(module=_MODULE, attribute="_history_entries", signature="()"),
    HookedName(module=_MODULE, attribute="_ts_iso", signature="(epoch)"),
    HookedName(module=_MODULE, attribute="_is_sns_action_arn", signature="(action)"),
    HookedName(module=_MODULE, attribute="_evaluate_parent_alarms", signature="(child, seen)"),
    HookedName(
        module=_MODULE,
        attribute="_record_history",
        signature="(alarm_name, old_state, new_state, reason, alarm_type, reason_data)",
    ),
    HookedName(module="ministack.services.sns", attribute="_topic_by_arn_any_scope", signature="(topic_arn)"),
)

Alarm = dict[str, Any]
Handler = Callable[..., Any]


def install(core: Core) -> None:
    """Check requests, and evaluate every alarm of the living regions by the clock."""
    account = core.settings.account_id
    evaluation = Evaluation(minute=core.settings.minute)
    for operation, attribute in (
        ("PutMetricAlarm", "_put_metric_alarm"),
        ("PutCompositeAlarm", "_put_composite_alarm"),
    ):
        replace(HookedName(module=_MODULE, attribute=attribute, signature=_HANDLER), _checking(operation))
    replace(HookedName(module=_MODULE, attribute="_evaluate_alarm", signature="(alarm)"), _never)
    replace(HookedName(module=_MODULE, attribute="_evaluate_all_alarms", signature="()"), _never)
    replace(
        HookedName(
            module=_MODULE,
            attribute="_dispatch_alarm_actions",
            signature="(alarm, old_state, new_state, reason)",
        ),
        lambda original: _only_where_allowed(original, account),
    )

    async def evaluate() -> None:
        while True:
            await asyncio.sleep(_TICK_SECONDS)
            judge_living_regions(core, evaluation, time.time())

    async def start() -> None:
        core.run(evaluate(), "alarms")

    core.at_start.append(start)


def judge_living_regions(core: Core, evaluation: "Evaluation", now: float) -> None:
    """Evaluate the alarms of each region that is up; those of a dead region keep their last state."""
    for region in core.settings.regions:
        if core.outages.is_up(region):
            with request_scope(core.settings.account_id, region):
                evaluation.of_region(region, now)


def _never(_original: Handler) -> Handler:
    """In place of the emulator's own evaluation, which each request would start."""
    return lambda *_: None


class Evaluation:
    """Which alarms were judged up to when. `minute` is how many seconds a minute of their periods lasts."""

    def __init__(self, *, minute: float) -> None:
        self._speed = 60.0 / minute
        self._judged: dict[tuple[str, str], tuple[Alarm, int]] = {}

    def of_region(self, region: str, now: float) -> None:
        """Judge the alarms of the current scope of which a period has ended, or to which old data came."""
        late = service_metrics.take_late_metrics(region)
        for alarm in list(emulated._alarms.values()):
            period = float(alarm["Period"]) / self._speed
            ended = int((now - _GRACE_SECONDS) // period)
            key = (region, alarm["AlarmName"])
            if self._judged.get(key) == (alarm, ended) and _metric_of(alarm) not in late:
                continue
            self._judged[key] = (alarm, ended)
            _judge(alarm, period, ended)


def _metric_of(alarm: Alarm) -> tuple[str, str, str]:
    dimensions = {d["Name"]: d["Value"] for d in alarm.get("Dimensions") or []}
    return alarm["Namespace"], alarm["MetricName"], emulated._dims_key(dimensions)


def _judge(alarm: Alarm, period: float, ended: int) -> None:
    rule = rule_of(alarm)
    points = emulated._metrics.get(_metric_of(alarm)) or []
    if alarm.get("Unit"):
        points = [point for point in points if point["Unit"] == alarm["Unit"]]
    statistic = alarm.get("ExtendedStatistic") or alarm["Statistic"]
    values = period_values(points, statistic, period=period, ended=ended, count=rule.looks_back)
    verdict = judge(rule, values)
    if verdict.state is not None and verdict.state != alarm["StateValue"]:
        _move(alarm, verdict.state, verdict.reason)


def period_values(
    points: Iterable[Mapping[str, Any]], statistic: str, *, period: float, ended: int, count: int
) -> list[float | None]:
    """The statistic in each of the last `count` periods before the one numbered `ended`, the oldest first."""
    buckets: dict[int, list[Mapping[str, Any]]] = {}
    for point in points:
        number = int(point["Timestamp"] // period)
        if ended - count <= number < ended:
            buckets.setdefault(number, []).append(point)
    return [
        emulated._stat_value(emulated._calc_stats(found), statistic, found)
        if (found := buckets.get(number))
        else None
        for number in range(ended - count, ended)
    ]


def _move(alarm: Alarm, state: str, reason: str) -> None:
    old, now = alarm["StateValue"], int(time.time())
    alarm.update(
        StateValue=state, StateReason=reason, StateUpdatedTimestamp=now, StateTransitionedTimestamp=now
    )
    emulated._record_history(alarm["AlarmName"], old, state, reason)
    emulated._dispatch_alarm_actions(alarm, old, state, reason)
    emulated._evaluate_parent_alarms(alarm)


def _only_where_allowed(original: Handler, account: str) -> Handler:
    """Tell the topics whose policy lets CloudWatch publish for the alarm; each attempt is in the history."""

    def dispatch(alarm: Alarm, old_state: str, new_state: str, reason: str) -> None:
        members = {"ALARM": "AlarmActions", "OK": "OKActions"}
        member = members.get(new_state, "InsufficientDataActions")
        arns = [arn for arn in alarm.get(member) or [] if emulated._is_sns_action_arn(arn)]
        if not alarm.get("ActionsEnabled", True):
            return
        refusals = {arn: _refusal(arn, alarm, account) for arn in arns}
        told = [arn for arn, refusal in refusals.items() if refusal is None]
        original({**alarm, member: told}, old_state, new_state, reason)
        for arn, refusal in refusals.items():
            _note_action(alarm, arn, refusal)

    return dispatch


def _refusal(topic_arn: str, alarm: Alarm, account: str) -> str | None:
    topic = sns._topic_by_arn_any_scope(topic_arn)
    if topic is None:
        return "Resource does not exist"
    region = topic_arn.split(":")[3]
    allowed = policy_allows_service(
        topic["attributes"].get("Policy") or "",
        _SERVICE,
        account,
        region,
        "sns:Publish",
        topic_arn,
        alarm["AlarmArn"],
    )
    return None if allowed else "CloudWatch Alarms is not authorized to perform: SNS:Publish on the resource"


def _note_action(alarm: Alarm, arn: str, refusal: str | None) -> None:
    summary = (
        f"Successfully executed action {arn}"
        if refusal is None
        else f'Failed to execute action {arn}. Received error: "{refusal}"'
    )
    emulated._history_entries().append(
        {
            "AlarmName": alarm["AlarmName"],
            "AlarmType": "CompositeAlarm" if "AlarmRule" in alarm else "MetricAlarm",
            "Timestamp": emulated._ts_iso(time.time()),
            "HistoryItemType": "Action",
            "HistorySummary": summary,
            "HistoryData": "{}",
        }
    )


def _checking(operation: str) -> Callable[[Handler], Handler]:
    """Refuse what AWS refuses and what the twin lacks; keep an alarm as it was asked for."""

    def make(original: Handler) -> Handler:
        def handler(
            params: Mapping[str, Any], cbor_data: Mapping[str, Any], is_cbor: bool, is_json: bool = False
        ) -> Any:
            refused = _check(operation, cbor_data)
            if refused is not None:
                code, message, status = refused
                return emulated._error(code, message, status, use_json=is_json, use_cbor=is_cbor)
            answer = original(params, cbor_data, is_cbor, is_json)
            if operation == "PutMetricAlarm" and answer[0] == 200:
                _keep(cbor_data)
            return answer

        return handler

    return make


def _check(operation: str, request: Mapping[str, Any]) -> tuple[str, str, int] | None:
    missing = lacking(request) if operation == "PutMetricAlarm" else _composite_lacking(request)
    if missing is not None:
        return "NotImplemented", f"not in the twin: cloudwatch.{operation} with {missing}", 501
    wrong = (
        problem(request, region=service_metrics.current_region()) if operation == "PutMetricAlarm" else None
    )
    return ("ValidationError", wrong, 400) if wrong is not None else None


def _composite_lacking(request: Mapping[str, Any]) -> str | None:
    return next((member for member in request if member.startswith("ActionsSuppressor")), None)


def _keep(request: Mapping[str, Any]) -> None:
    """What the emulator adds or forgets: a statistic beside a percentile, what to do with few samples."""
    alarm = emulated._alarms[request["AlarmName"]]
    if request.get("ExtendedStatistic"):
        alarm.pop("Statistic", None)
    if request.get("EvaluateLowSampleCountPercentile"):
        alarm["EvaluateLowSampleCountPercentile"] = request["EvaluateLowSampleCountPercentile"]
