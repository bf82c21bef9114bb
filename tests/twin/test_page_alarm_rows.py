"""Which alarms the page shows as waiting for their first data."""

from datetime import UTC, datetime
from typing import Any

import pytest

from twin.page.alarm_rows import WAITING, alarm_rows

CONFIGURED = 1_700_000_000.0
SILENT = "Threshold Crossed: no datapoints were received for 3 periods and 3 missing datapoints were treated"
RULE = 'ALARM("arn:...:alarm:inside") OR ALARM("arn:...:alarm:outside")'


def alarm(name: str, **fields: Any) -> dict[str, Any]:
    values = {
        "AlarmName": name,
        "StateValue": "ALARM",
        "StateReason": SILENT,
        "EvaluationPeriods": 3,
        "Period": 60,
        "AlarmConfigurationUpdatedTimestamp": datetime.fromtimestamp(CONFIGURED, UTC),
    }
    return values | fields


def states(*metric: dict[str, Any], after: float, minute: float = 60.0) -> dict[str, str]:
    composite = [{"AlarmName": "unhealthy", "StateValue": "ALARM", "AlarmRule": RULE}]
    rows = alarm_rows(metric, composite, now=CONFIGURED + after, minute=minute)
    return {row["name"]: row["state"] for row in rows}


def test_an_alarm_without_any_data_waits_until_its_periods_could_have_been_filled() -> None:
    assert states(alarm("inside"), after=299) == {"inside": WAITING, "unhealthy": WAITING}
    assert states(alarm("inside"), after=300) == {"inside": "ALARM", "unhealthy": "ALARM"}


def test_the_twins_shorter_minutes_count() -> None:
    assert states(alarm("inside"), after=49, minute=10)["inside"] == WAITING
    assert states(alarm("inside"), after=50, minute=10)["inside"] == "ALARM"


@pytest.mark.parametrize(
    ("change", "state"),
    [({"StateReason": "Threshold Crossed: 2 datapoints were below"}, "ALARM"), ({"StateValue": "OK"}, "OK")],
)
def test_an_alarm_that_had_data_does_not_wait(change: dict[str, Any], state: str) -> None:
    assert states(alarm("inside", **change), after=10)["inside"] == state


def test_a_composite_alarm_that_one_real_alarm_set_off_does_not_wait() -> None:
    real = alarm("outside", StateReason="Threshold Crossed: 2 datapoints were below")
    assert states(alarm("inside"), real, after=10)["unhealthy"] == "ALARM"
