"""The page's questions about metrics: few, and only about what can have changed."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from twin.page import metric_data
from twin.page.metric_data import MetricData
from twin.page.widgets import Metric, Series, Widget

NOW = 1_800_000_000.0
HOUR = 3600
EAST, WEST = "us-east-1", "us-west-2"


class CloudWatch:
    """Answers GetMetricData with a value a period, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[float, list[str]]] = []
        self.refused: set[str] = set()
        self.statistics = 0

    def get_paginator(self, name: str) -> "CloudWatch":
        assert name == "get_metric_data"
        return self

    def paginate(self, **question: Any) -> Iterator[Mapping[str, Any]]:
        queries: Sequence[Mapping[str, Any]] = question["MetricDataQueries"]
        names = [q.get("Expression") or q["MetricStat"]["Metric"]["MetricName"] for q in queries]
        start = question["StartTime"].timestamp()
        self.asked.append((start, names))
        if self.refused & set(names):
            raise ClientError(
                {"Error": {"Code": "NotImplemented", "Message": "not in the twin"}}, "GetMetricData"
            )
        at = datetime.fromtimestamp(start, UTC)
        yield {"MetricDataResults": [{"Id": q["Id"], "Timestamps": [at], "Values": [1.0]} for q in queries]}

    def get_metric_statistics(self, **_question: Any) -> Mapping[str, Any]:
        self.statistics += 1
        return {"Datapoints": [{"Unit": "Milliseconds"}]}


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def cloudwatch() -> CloudWatch:
    return CloudWatch()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def data(cloudwatch: CloudWatch, clock: Clock) -> MetricData:
    return MetricData(lambda _region: cloudwatch, clock)


def metric(name: str, region: str = EAST, expression: str = "") -> Metric:
    return Metric(region=region, period=60, namespace="N", name=name, expression=expression)


def widget(*metrics: Metric) -> Widget:
    series = tuple(
        Series(metric=m, id=f"m{n}", label=m.name, color=None, right=False, visible=True)
        for n, m in enumerate(metrics)
    )
    return Widget(kind="metric", place={}, properties={}, series=series)


def everywhere(_region: str) -> bool:
    return True


def test_what_is_known_is_not_asked_for_again(data: MetricData, cloudwatch: CloudWatch, clock: Clock) -> None:
    shown = [widget(metric("A"), metric("B")), widget(metric("B"))]
    data.refresh(shown, HOUR, everywhere)
    assert cloudwatch.asked == [(NOW - HOUR, ["A", "B"])]
    clock.now += 2
    data.refresh(shown, HOUR, everywhere)
    since, names = cloudwatch.asked[-1]
    assert names == ["A", "B"]
    assert NOW - metric_data.LATE_SECONDS - 60 <= since <= NOW - metric_data.LATE_SECONDS
    assert since % 60 == 0
    assert [at for at, _ in data.points(metric("A"), NOW - HOUR)] == [int(NOW - HOUR), int(since)]


def test_a_longer_range_is_asked_for_whole(data: MetricData, cloudwatch: CloudWatch) -> None:
    data.refresh([widget(metric("A"))], HOUR, everywhere)
    data.refresh([widget(metric("A"))], 2 * HOUR, everywhere)
    assert cloudwatch.asked[-1][0] == NOW - 2 * HOUR


def test_one_bad_question_does_not_spoil_the_others(data: MetricData, cloudwatch: CloudWatch) -> None:
    cloudwatch.refused = {"B"}
    data.refresh([widget(metric("A"), metric("B"), metric("C"))], HOUR, everywhere)
    assert data.problem(metric("B")) == "not in the twin"
    assert data.problem(metric("A")) is data.problem(metric("C")) is None
    assert data.points(metric("C"), NOW - HOUR)


def test_after_a_failure_all_is_asked_for(data: MetricData, cloudwatch: CloudWatch) -> None:
    cloudwatch.refused = {"A"}
    data.refresh([widget(metric("A"))], HOUR, everywhere)
    cloudwatch.refused = set()
    data.refresh([widget(metric("A"))], HOUR, everywhere)
    assert cloudwatch.asked[-1][0] == NOW - HOUR
    assert data.problem(metric("A")) is None


def test_expressions_are_asked_with_the_rows_they_name_and_less_often(
    data: MetricData, cloudwatch: CloudWatch, clock: Clock
) -> None:
    shown = [widget(metric("A"), metric("", expression="m0*2"))]
    data.refresh(shown, HOUR, everywhere)
    clock.now += 2
    data.refresh(shown, HOUR, everywhere)
    assert [names for _, names in cloudwatch.asked] == [["A", "m0*2"]]
    clock.now += metric_data.EXPRESSION_SECONDS
    data.refresh(shown, HOUR, everywhere)
    assert len(cloudwatch.asked) == 2


def test_a_region_that_is_down_is_not_asked_and_keeps_its_values(
    data: MetricData, cloudwatch: CloudWatch, clock: Clock
) -> None:
    shown = [widget(metric("A"), metric("B", WEST)), widget(metric("", WEST, expression="m1"))]
    data.refresh(shown, HOUR, everywhere)
    before, asked = data.points(metric("B", WEST), NOW - HOUR), len(cloudwatch.asked)
    for _ in range(3):
        clock.now += metric_data.FORGET_SECONDS
        data.refresh(shown, HOUR, lambda region: region == EAST)
    assert [names for _, names in cloudwatch.asked[asked:]] == [["A"]] * 3
    assert data.points(metric("B", WEST), NOW - HOUR) == before


def test_what_nobody_looks_at_is_forgotten(data: MetricData, clock: Clock) -> None:
    data.refresh([widget(metric("A"))], HOUR, everywhere)
    clock.now += metric_data.FORGET_SECONDS + 1
    data.refresh([widget(metric("B"))], HOUR, everywhere)
    assert data.points(metric("A"), NOW - HOUR) == []


def test_many_metrics_are_asked_for_in_small_portions(data: MetricData, cloudwatch: CloudWatch) -> None:
    data.refresh([widget(*(metric(f"M{n:02}") for n in range(45)))], HOUR, everywhere)
    assert [len(names) for _, names in cloudwatch.asked] == [20, 20, 5]


def test_a_unit_is_asked_for_once_and_few_at_a_time(data: MetricData, cloudwatch: CloudWatch) -> None:
    shown = [widget(*(metric(f"M{n}") for n in range(metric_data.UNITS_A_ROUND + 1)))]
    data.refresh(shown, HOUR, everywhere)
    assert data.unit(metric("M0")) == "Milliseconds"
    assert cloudwatch.statistics == metric_data.UNITS_A_ROUND
    for _ in range(2):
        data.refresh(shown, HOUR, everywhere)
    assert cloudwatch.statistics == metric_data.UNITS_A_ROUND + 1
