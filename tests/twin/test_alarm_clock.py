"""Alarms by a clock that is passed in: periods end, data is aggregated over the alarm's own dimensions."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest

import twin.aws  # noqa: F401 - it sets what the emulator reads while it is imported
from twin.aws.cloudwatch import service_metrics
from twin.aws.cloudwatch.alarms import Evaluation, judge_living_regions, period_values
from twin.aws.dynamodb.capacity import consumed

ACCOUNT, REGION = "111122223333", "us-east-1"
_numbers = itertools.count()
START = 1_800_000_000.0  # a whole minute


@contextmanager
def scope() -> Iterator[Any]:
    from ministack.core.responses import request_scope
    from ministack.services import cloudwatch as emulated

    with request_scope(ACCOUNT, REGION):
        yield emulated


@pytest.fixture
def alarm() -> Iterator[dict[str, Any]]:
    """On the maximum of a metric of its own, with the default of one minute in three."""
    name = f"clock-{next(_numbers)}"
    made = {
        "AlarmName": name,
        "AlarmArn": f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:{name}",
        "Namespace": name,
        "MetricName": "M",
        "Dimensions": [{"Name": "Region", "Value": "here"}],
        "Statistic": "Maximum",
        "Period": 60,
        "EvaluationPeriods": 3,
        "DatapointsToAlarm": 1,
        "Threshold": 0.5,
        "ComparisonOperator": "GreaterThanThreshold",
        "TreatMissingData": "notBreaching",
        "StateValue": "INSUFFICIENT_DATA",
    }
    with scope() as emulated:
        emulated._alarms[name] = made
        yield made
        del emulated._alarms[name]


def put(alarm: dict[str, Any], value: float, at: float, region: str = "here") -> None:
    with scope() as emulated:
        namespace = alarm["Namespace"]
        emulated._store_datum(namespace, "M", {"Region": region}, at, "None", value, None, None, None)


def state_at(evaluation: Evaluation, alarm: dict[str, Any], seconds: float) -> str:
    with scope():
        evaluation.of_region(REGION, START + seconds)
    return str(alarm["StateValue"])


def test_a_value_counts_when_its_period_has_ended_and_until_it_is_out_of_sight(alarm: dict[str, Any]) -> None:
    evaluation = Evaluation(minute=60)
    put(alarm, 1, START + 10)
    assert state_at(evaluation, alarm, 30) == "OK"
    assert state_at(evaluation, alarm, 62) == "ALARM"
    assert state_at(evaluation, alarm, 180) == "ALARM"
    assert state_at(evaluation, alarm, 362) == "OK"


def test_the_alarms_of_a_dead_region_stand_still(alarm: dict[str, Any]) -> None:
    dead: set[str] = set()
    core: Any = SimpleNamespace(
        settings=SimpleNamespace(regions=(REGION, "us-west-2"), account_id=ACCOUNT),
        outages=SimpleNamespace(is_up=lambda region: region not in dead),
    )
    evaluation = Evaluation(minute=60)
    judge_living_regions(core, evaluation, START)
    assert alarm["StateValue"] == "OK"
    put(alarm, 1, START + 10)
    dead.add(REGION)
    judge_living_regions(core, evaluation, START + 62)
    assert alarm["StateValue"] == "OK"
    dead.clear()
    judge_living_regions(core, evaluation, START + 63)
    assert alarm["StateValue"] == "ALARM"


def test_other_dimensions_of_the_metric_do_not_count(alarm: dict[str, Any]) -> None:
    put(alarm, 1, START + 10, region="elsewhere")
    assert state_at(Evaluation(minute=60), alarm, 62) == "OK"


def test_an_alarms_minute_can_be_made_shorter(alarm: dict[str, Any]) -> None:
    evaluation = Evaluation(minute=10)
    put(alarm, 1, START + 1)
    assert state_at(evaluation, alarm, 12) == "ALARM"
    assert state_at(evaluation, alarm, 62) == "OK"


def test_a_statistic_is_taken_of_each_period() -> None:
    points = [
        {"Timestamp": START + at, "Value": value, "Unit": "None"} for at, value in ((0, 1), (59, 5), (61, 3))
    ]
    number = int(START // 60)
    averages = period_values(points, "Average", period=60, ended=number + 3, count=4)
    assert averages == [None, 3.0, 3.0, None]
    assert period_values(points, "p50", period=60, ended=number + 1, count=1) == [3.0]


def test_what_is_counted_together_is_counted_each_time() -> None:
    namespace = f"together-{next(_numbers)}"
    with scope() as emulated:
        for value in (10.04, 10.01, 0, 2500.4):
            service_metrics.record(namespace, "M", value, "Milliseconds", {"A": "b"})
        points = emulated._metrics[(namespace, "M", "A=b")]
    counted = {point["Value"]: 0.0 for point in points}
    for point in points:
        counted[point["Value"]] += point["Count"]
    assert counted == {10.0: 2, 0.0: 1, 2500.0: 1}


TABLE_ARN = "arn:aws:dynamodb:us-east-1:111122223333:table/t"
LARGE = {"text": {"S": "x" * 1500}}


@pytest.mark.parametrize(
    ("operation", "request_", "units"),
    [
        ("GetItem", {"TableName": "t"}, {"t": (0.5, 0)}),
        ("GetItem", {"TableName": TABLE_ARN, "ConsistentRead": True}, {"t": (1, 0)}),
        ("PutItem", {"TableName": "t", "Item": LARGE}, {"t": (0, 2)}),
        (
            "TransactWriteItems",
            {"TransactItems": [{"Put": {"TableName": "a", "Item": {}}}, {"Update": {"TableName": "b"}}]},
            {"a": (0, 2), "b": (0, 2)},
        ),
        (
            "BatchWriteItem",
            {"RequestItems": {"a": [{"PutRequest": {"Item": {}}}] * 3, "b": [{"DeleteRequest": {}}]}},
            {"a": (0, 3), "b": (0, 1)},
        ),
        ("BatchGetItem", {"RequestItems": {"a": {"Keys": [1, 2]}}}, {"a": (1, 0)}),
        ("TransactGetItems", {"TransactItems": [{"Get": {"TableName": "a"}}]}, {"a": (2, 0)}),
    ],
)
def test_a_request_uses_units_of_each_table_it_names(
    operation: str, request_: dict[str, Any], units: dict[str, tuple[float, float]]
) -> None:
    found = consumed(operation, request_, answer_bytes=100)
    assert {table: (used.reads, used.writes) for table, used in found.items()} == units
