"""What dashboards show and what of it is empty; the alarms' states. CloudWatch is a fake."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from ops.checks import alarms, dashboards
from ops.errors import DeploymentError
from tests.fakes.ops_target import FakeTarget
from tests.unit.ops.outputs import outputs

URL = "https://us-east-1.console.aws.amazon.com/cloudwatch/home?region=us-east-1#dashboards/dashboard/"
STACKS = {
    "region1": outputs(
        "us-east-1",
        dashboardUrls={"DynamoDB-Metrics-us-east-1": f"{URL}shop-region1-DynamoDB"},
        alarmTopicArns={"us-east-1": "arn:aws:sns:us-east-1:1:shop-region1-alarms"},
    )
}
GRAPH = {"title": "Requests", "region": "us-east-1", "stat": "Sum", "period": 60}


@dataclass
class FakeCloudWatch:
    """One region's: bodies of dashboards, names of metrics with data, alarms by name."""

    bodies: dict[str, Any] = field(default_factory=dict)
    full: set[str] = field(default_factory=set)
    alarms: list[dict[str, Any]] = field(default_factory=list)
    asked: list[dict[str, Any]] = field(default_factory=list)

    def get_dashboard(self, DashboardName: str) -> dict[str, str]:  # noqa: N803 - boto3's name
        return {"DashboardBody": json.dumps(self.bodies[DashboardName])}

    def get_paginator(self, operation: str) -> "Pages":
        return Pages(self, operation)


@dataclass
class Pages:
    cloudwatch: FakeCloudWatch
    operation: str

    def paginate(self, **request: Any) -> Iterator[dict[str, Any]]:
        self.cloudwatch.asked.append(request)
        if self.operation == "describe_alarms":
            prefix = request["AlarmNamePrefix"]
            found = [a for a in self.cloudwatch.alarms if a["AlarmName"].startswith(prefix)]
            yield {"MetricAlarms": found[:1], "CompositeAlarms": []}
            yield {"MetricAlarms": [], "CompositeAlarms": found[1:]}
            return
        for query in request["MetricDataQueries"]:
            full = query["MetricStat"]["Metric"]["MetricName"] in self.cloudwatch.full
            yield {"MetricDataResults": [{"Id": query["Id"], "Values": [1.0] if full else []}]}


def body(*metrics: list[Any]) -> dict[str, Any]:
    text = {"type": "text", "properties": {"markdown": "note"}}
    return {"widgets": [text, {"type": "metric", "properties": {**GRAPH, "metrics": list(metrics)}}]}


def target(*metrics: list[Any], **west: Any) -> FakeTarget:
    east = FakeCloudWatch(bodies={"shop-region1-DynamoDB": body(*metrics)}, full={"Count"})
    return FakeTarget(
        clients={("cloudwatch", "us-east-1"): east, ("cloudwatch", "us-west-2"): FakeCloudWatch(**west)}
    )


COUNT = ["AWS/ApiGateway", "Count", "ApiName", "a", "Stage", "live", {"label": "x"}]
ELSEWHERE = [
    "AWS/ApiGateway",
    "Latency",
    "ApiName",
    "b",
    {"region": "us-west-2", "stat": "p99", "period": 300},
]


def test_every_line_of_a_graph_is_read_with_its_own_or_the_graphs_options() -> None:
    first, second = dashboards.shown_metrics(target(COUNT, ELSEWHERE), STACKS)
    assert (first.dimensions, first.region, first.statistic) == (
        (("ApiName", "a"), ("Stage", "live")),
        "us-east-1",
        "Sum",
    )
    assert (second.region, second.statistic, second.period) == ("us-west-2", "p99", 300)
    assert str(first) == (
        "shop-region1-DynamoDB, Requests: AWS/ApiGateway Count (ApiName a, Stage live), Sum, us-east-1"
    )


def test_lines_without_data_are_found_in_the_region_of_each() -> None:
    place = target(COUNT, ELSEWHERE)
    shown = dashboards.shown_metrics(place, STACKS)
    since = datetime(2026, 11, 25, tzinfo=UTC)
    assert dashboards.without_data(place, shown, since=since) == [shown[1]]
    (asked,) = place.clients["cloudwatch", "us-west-2"].asked
    assert asked["StartTime"] == since
    (query,) = asked["MetricDataQueries"]
    assert query["MetricStat"]["Stat"] == "p99"


def test_no_more_lines_are_asked_for_at_once_than_cloudwatch_takes() -> None:
    place = target(*([COUNT] * 501))
    assert (
        dashboards.without_data(place, dashboards.shown_metrics(place, STACKS), since=datetime.now(UTC)) == []
    )
    sizes = [len(asked["MetricDataQueries"]) for asked in place.clients["cloudwatch", "us-east-1"].asked]
    assert sizes == [500, 1]


@pytest.mark.parametrize("line", [["N"], ["N", "M", "A"], ["...", "b"], [{"expression": "a"}]])
def test_a_line_that_somebody_edited_is_named(line: list[Any]) -> None:
    with pytest.raises(DeploymentError, match="shop-region1-DynamoDB has a line"):
        dashboards.shown_metrics(target(line), STACKS)


def test_a_stack_without_dashboards_or_alarms_shows_none() -> None:
    bare = {"region1": outputs("us-east-1")}
    assert dashboards.shown_metrics(target(), bare) == []
    assert alarms.alarms(target(), bare) == []


def test_alarms_of_the_stack_are_found_by_the_beginning_of_their_names() -> None:
    place = target(COUNT)
    place.clients["cloudwatch", "us-east-1"].alarms = [
        {"AlarmName": "shop-region1-b", "StateValue": "OK", "StateReason": "Threshold Crossed: ..."},
        {"AlarmName": "shop-region1-a", "StateValue": "ALARM", "StateReason": "Unchecked: Initial alarm"},
        {"AlarmName": "shop-region10-a", "StateValue": "ALARM", "StateReason": ""},
    ]
    found = alarms.alarms(place, STACKS)
    assert [(a.name, a.state, a.evaluated) for a in found] == [
        ("shop-region1-a", "ALARM", False),
        ("shop-region1-b", "OK", True),
    ]
    assert alarms.alarms(place, STACKS, regions=["us-west-2"]) == []
