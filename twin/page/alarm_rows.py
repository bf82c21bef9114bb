"""The page's rows of alarms; those that still wait for their first data are told apart."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

Json = dict[str, Any]

WAITING = "WAITING"
# CloudWatch's words where every period that it judged was empty.
_NO_DATA = "no datapoints were received"
# Beyond the periods that an alarm needs: a canary's first run, and the delay of its metric.
_SLACK_PERIODS = 2


def alarm_rows(
    metric: Sequence[Mapping[str, Any]],
    composite: Sequence[Mapping[str, Any]],
    *,
    now: float,
    minute: float = 60.0,
) -> Iterator[Json]:
    """A region's alarms. `now` is seconds since the epoch; `minute` how many seconds a twin's minute has.

    An alarm that treats missing data as bad is in ALARM from its first look until its first data. Its state
    is WAITING as long as its periods cannot have been filled since it was configured, and so is that of a
    composite alarm which nothing but such alarms has set off.
    """
    states = {a["AlarmName"]: _state(a, now, minute) for a in metric}
    for alarm in metric:
        yield _row(alarm, "metric", states[alarm["AlarmName"]])
    for alarm in composite:
        of = [state for name, state in states.items() if name in alarm.get("AlarmRule", "")]
        waits = alarm.get("StateValue") == "ALARM" and WAITING in of and "ALARM" not in of
        yield _row(alarm, "composite", WAITING if waits else _given(alarm))


def _given(alarm: Mapping[str, Any]) -> str:
    return str(alarm.get("StateValue", "INSUFFICIENT_DATA"))


def _state(alarm: Mapping[str, Any], now: float, minute: float) -> str:
    configured = seconds(alarm.get("AlarmConfigurationUpdatedTimestamp"))
    if _given(alarm) != "ALARM" or configured is None or _NO_DATA not in alarm.get("StateReason", ""):
        return _given(alarm)
    periods = alarm.get("EvaluationPeriods", 1) + _SLACK_PERIODS
    due = configured + periods * alarm.get("Period", 60) * minute / 60
    return WAITING if now < due else "ALARM"


def _row(alarm: Mapping[str, Any], kind: str, state: str) -> Json:
    return {
        "arn": alarm.get("AlarmArn"),
        "name": alarm["AlarmName"],
        "kind": kind,
        "state": state,
        "reason": alarm.get("StateReason", ""),
        "description": alarm.get("AlarmDescription", ""),
        "rule": alarm.get("AlarmRule"),
        "threshold": alarm.get("Threshold"),
        "since": seconds(alarm.get("StateTransitionedTimestamp") or alarm.get("StateUpdatedTimestamp")),
    }


def seconds(moment: Any) -> float | None:
    """Since the epoch; None for what is no moment."""
    return moment.timestamp() if isinstance(moment, datetime) else None
