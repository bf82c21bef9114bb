"""Which alarms there are, and that each can go off and says what to do."""

import dataclasses
import re
from pathlib import Path

import pytest

from blueprint import alarm_definitions as definitions
from blueprint.alarm_definitions import AlarmDefinition
from blueprint.stack_config import StackConfig, load
from functions.orders import contract
from tests.fakes.aws_metrics import OPERATIONS, is_known

TABLES = {"customers": "t-customers", "products": "t-products", "orders": "t-orders"}
RUNBOOKS = Path(__file__).resolve().parents[3] / "docs" / "runbooks"
KNOWN_RUNBOOKS = {"evacuate-a-region.md", "rotate-a-region-out.md"}


def configured(stack: str = "region1", **settings: str) -> StackConfig:
    return load({"domainName": "orders.example.com", "hostedZone": "example.com", **settings}, "shop", stack)


def every(config: StackConfig) -> list[AlarmDefinition]:
    observed = [check(config) for check in (definitions.outside_check, definitions.inside_check)]
    own = definitions.regional(config, TABLES, functions=list(contract.HANDLERS))
    return [*own, *observed, definitions.domain_check(config)]


@pytest.mark.parametrize("consistency", ["eventual", "strong"])
def test_every_alarm_watches_a_metric_that_exists(consistency: str) -> None:
    for alarm in every(configured(consistency=consistency)):
        assert is_known(alarm.namespace, alarm.metric, alarm.dimensions), alarm
        assert alarm.dimensions.get("Operation", "GetItem") in OPERATIONS
        assert alarm.statistic in ("Average", "Sum", "Minimum", "p99")


def test_every_alarm_is_within_cloudwatchs_limits() -> None:
    for alarm in every(configured(canaryRateMinutes="60")):
        assert alarm.period % 60 == 0
        assert 1 <= alarm.breaching_periods <= alarm.periods
        # A day, and a week where a period is an hour or longer (CloudWatch API, PutMetricAlarm).
        assert alarm.period * alarm.periods <= (86_400 if alarm.period < 3600 else 604_800)
        assert len(alarm.description) <= 1024


def test_every_alarm_says_which_region_and_which_runbook() -> None:
    config = configured()
    texts = {alarm.key: alarm.description for alarm in every(config)}
    texts[definitions.UNHEALTHY_KEY] = definitions.unhealthy(config).description
    for key, text in texts.items():
        assert config.region in text or config.domain_name in text, key
        found = re.search(r"Runbook: docs/runbooks/([a-z-]+\.md)$", text)
        assert found, key
        assert found[1] in KNOWN_RUNBOOKS
        assert not RUNBOOKS.exists() or (RUNBOOKS / found[1]).exists()
    assert f"controls off {config.region}" in texts[definitions.UNHEALTHY_KEY]


def test_a_regions_own_alarms_are_told_apart_by_their_keys() -> None:
    keys = [alarm.key for alarm in every(configured())]
    assert len(set(keys)) == len(keys)
    assert {"api-5xx", "api-latency", "create-errors", "read-throttles", "orders-getitem-errors"} <= set(keys)
    assert "orders-to-us-west-2-lag" in keys


def test_a_switched_off_function_has_no_alarm() -> None:
    alarms = definitions.regional(configured(), TABLES, functions=["create", "read"])
    assert not [alarm for alarm in alarms if "fill" in alarm.key]


def test_strong_tables_have_no_replication_alarm() -> None:
    metrics = {alarm.metric for alarm in every(configured(consistency="strong"))}
    assert "ReplicationLatency" not in metrics
    assert "SystemErrors" in metrics


def test_with_three_regions_replication_to_each_of_the_others_is_watched() -> None:
    stacks = '{"region1": "us-east-1", "region2": "us-west-2", "region3": "eu-west-1"}'
    lags = [a for a in every(configured(stacks=stacks)) if a.metric == "ReplicationLatency"]
    assert len(lags) == 6
    assert {a.dimensions["ReceivingRegion"] for a in lags} == {"us-west-2", "eu-west-1"}


def test_replication_is_late_above_five_seconds() -> None:
    lag = next(a for a in every(configured()) if a.metric == "ReplicationLatency")
    assert (lag.threshold, lag.comparison) == (5000, "GreaterThanThreshold")


def test_errors_that_stop_are_not_missing_data_for_ever() -> None:
    assert {a.missing for a in every(configured()) if a.namespace != "CloudWatchSynthetics"} - {
        "notBreaching"
    } == {"breaching"}
    errors = [a for a in every(configured()) if a.metric == "SystemErrors"]
    assert {a.missing for a in errors} == {"notBreaching"}


@pytest.mark.parametrize("minutes", [1, 5])
def test_a_canary_that_fails_or_falls_silent_in_two_of_three_of_its_runs_breaches(minutes: int) -> None:
    config = configured(canaryRateMinutes=str(minutes))
    for check in (definitions.outside_check, definitions.inside_check, definitions.domain_check):
        alarm = check(config)
        assert (alarm.period, alarm.periods, alarm.breaching_periods) == (minutes * 60, 3, 2)
        assert (alarm.missing, alarm.comparison) == ("breaching", "LessThanThreshold")


def test_the_view_from_inside_is_the_metric_that_the_regions_canary_puts_into_the_observer() -> None:
    alarm = definitions.inside_check(configured("region2"))
    assert (alarm.namespace, alarm.metric) == ("ResilientOrders", "RegionCheck")
    assert alarm.dimensions == {"Region": "us-west-2"}
    assert alarm.threshold == 1


def test_the_composites_rule_is_cloudwatchs() -> None:
    assert definitions.any_of(["a-b", "c_d"]) == 'ALARM("a-b") OR ALARM("c_d")'


def test_definitions_are_values() -> None:
    alarm = definitions.outside_check(configured())
    assert dataclasses.replace(alarm) == alarm
