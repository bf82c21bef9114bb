"""Whatever the deployed dashboards show has data after a few orders; faults show in AWS's own metrics."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ops.checks import alarms, dashboards
from ops.checks.smoke import Smoke
from ops.client import calls
from ops.client.api import health
from ops.deployed.deployment import Deployment, Outputs
from ops.deployed.options import DeploymentChoice
from ops.deployed.stacks import PROJECT, read_plan
from ops.deployed.target import TwinTarget
from tests.fakes.twin_fixtures import DeployedTwin
from tests.waiting import until
from twin.client import TwinClient

pytestmark = pytest.mark.twin
EAST, WEST = "us-east-1", "us-west-2"
# Canaries write theirs when they run, once a minute: their own tests are about it.
CANARIES = "CloudWatchSynthetics"


@pytest.fixture(scope="module")
def place(deployed_twin: DeployedTwin) -> DeploymentChoice:
    return DeploymentChoice(target=TwinTarget(deployed_twin.client), stacks=read_plan("region1", PROJECT))


@pytest.fixture(scope="module")
def deployment(place: DeploymentChoice) -> Deployment:
    return place.deployment()


@pytest.fixture(scope="module")
def outputs(place: DeploymentChoice) -> Mapping[str, Outputs]:
    return place.target.outputs(place.plan)


@pytest.fixture
def broken_west(deployed_twin: DeployedTwin) -> Iterator[TwinClient]:
    """DynamoDB's reads fail in the west."""
    twin = deployed_twin.client
    twin.fault("dynamodb", "failing", operation="GetItem", region=WEST)
    yield twin
    twin.clear_faults()


def values(
    place: DeploymentChoice, region: str, namespace: str, name: str, dimensions: Mapping[str, str]
) -> list[float]:
    now = datetime.now(UTC)
    found = place.target.client("cloudwatch", region).get_metric_statistics(
        Namespace=namespace,
        MetricName=name,
        Dimensions=[{"Name": key, "Value": value} for key, value in dimensions.items()],
        StartTime=now - timedelta(minutes=10),
        EndTime=now + timedelta(minutes=1),
        Period=600,
        Statistics=["Sum"],
    )
    return [point["Sum"] for point in found["Datapoints"]]


def test_every_metric_on_a_dashboard_has_data_after_a_few_orders(
    place: DeploymentChoice, deployment: Deployment, outputs: Mapping[str, Outputs]
) -> None:
    apis = {stack.region: calls.regional(place.target, stack) for stack in deployment.stacks}
    smoke = Smoke(apis, report=lambda _: None)
    for region in deployment.regions:
        smoke.region(region)
    shown = dashboards.shown_metrics(place.target, outputs)
    assert len(shown) > 60

    since = datetime.now(UTC) - timedelta(minutes=10)

    def complete() -> bool:
        empty = dashboards.without_data(place.target, shown, since=since)
        missing[:] = [str(metric) for metric in empty if metric.namespace != CANARIES]
        return not missing

    missing: list[str] = []
    until(complete, lambda: f"data of {missing}")


def test_every_deployed_alarm_is_judged(place: DeploymentChoice, outputs: Mapping[str, Outputs]) -> None:
    def judged() -> list[alarms.DeployedAlarm]:
        found = alarms.alarms(place.target, outputs)
        return found if all(alarm.evaluated for alarm in found) else []

    found = until(judged, "every alarm judged")
    assert {alarm.region for alarm in found} == {EAST, WEST, "us-east-2"}
    assert len(found) == 2 * 15 + 3 + 4


def test_dynamodbs_failures_are_its_system_errors_and_the_apis_5xx(
    place: DeploymentChoice, deployment: Deployment, broken_west: TwinClient
) -> None:
    stack = deployment.stack_in(WEST)
    table = {"TableName": stack.table_names["orders"], "Operation": "GetItem"}
    api: dict[str, Any] = {"ApiName": "resilient-orders-region2-api", "Stage": "live"}
    before = sum(values(place, WEST, "AWS/ApiGateway", "5XXError", api))

    answer = calls.regional(place.target, stack).send(health())

    assert answer.status == 503
    assert sum(values(place, WEST, "AWS/DynamoDB", "SystemErrors", table)) >= 1
    assert sum(values(place, WEST, "AWS/ApiGateway", "5XXError", api)) == before + 1


def test_a_metric_is_asked_for_with_all_its_dimensions_or_not_found(place: DeploymentChoice) -> None:
    assert values(place, WEST, "AWS/ApiGateway", "Count", {}) == []


def test_detailed_metrics_and_used_capacity_are_there(
    place: DeploymentChoice, deployment: Deployment
) -> None:
    stack = deployment.stack_in(EAST)
    assert calls.regional(place.target, stack).send(health()).status == 200
    api = {"ApiName": "resilient-orders-region1-api", "Stage": "live", "Method": "GET", "Resource": "/health"}
    assert sum(values(place, EAST, "AWS/ApiGateway", "Count", api)) >= 1
    table = {"TableName": stack.table_names["orders"]}
    assert sum(values(place, EAST, "AWS/DynamoDB", "ConsumedReadCapacityUnits", table)) >= 0.5
