"""The canaries that the program deploys, at work in the twin."""

import json
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from functions.orders import contract
from tests.twin.conftest import DeployedTwin
from tests.twin.test_synthetics_service import zipped
from twin.cli import main
from twin.client import TwinClient
from twin.errors import AdminRefusedError

pytestmark = pytest.mark.twin

OBSERVER = "us-east-2"
CANARIES = {
    "resilient-orders-region1-inside": "us-east-1",
    "resilient-orders-region1-outside": OBSERVER,
    "resilient-orders-region1-domain": OBSERVER,
    "resilient-orders-region2-inside": "us-west-2",
    "resilient-orders-region2-outside": OBSERVER,
}
OUTSIDE_WEST = "resilient-orders-region2-outside"
INSIDE_WEST = "resilient-orders-region2-inside"


def last_run(client: TwinClient, name: str) -> dict[str, Any]:
    """What Synthetics' own API says of the newest run."""
    synthetics = client.boto3_client("synthetics", CANARIES[name])
    found: dict[str, Any] = synthetics.get_canary_runs(Name=name, MaxResults=1)["CanaryRuns"][0]
    return found


def log_group(client: TwinClient, name: str) -> str:
    """That of the function which the canary's engine ARN names."""
    canary = client.boto3_client("synthetics", CANARIES[name]).get_canary(Name=name)["Canary"]
    return f"/aws/lambda/{canary['EngineArn'].split(':')[6]}"


def newest(client: TwinClient, region: str, namespace: str, metric: str, dimensions: dict[str, str]) -> float:
    """The smallest value of the last minutes: a failure shows beside runs that passed."""
    statistics = client.boto3_client("cloudwatch", region).get_metric_statistics(
        Namespace=namespace,
        MetricName=metric,
        Dimensions=[{"Name": k, "Value": v} for k, v in dimensions.items()],
        StartTime=time.time() - 600,
        EndTime=time.time() + 60,
        Period=600,
        Statistics=["Minimum", "Maximum"],
    )
    return float(min(point["Minimum"] for point in statistics["Datapoints"]))


@pytest.fixture(scope="module")
def ran(deployed_twin: DeployedTwin) -> DeployedTwin:
    """The shared twin after one run of each canary."""
    for name, region in CANARIES.items():
        found = deployed_twin.client.run_canary(region, name)
        assert found["passed"], (name, found)
    return deployed_twin


@contextmanager
def failing_api(client: TwinClient, region: str) -> Iterator[None]:
    client.fault("execute-api", "failing", region=region)
    try:
        yield
    finally:
        client.clear_faults()


def test_every_canary_of_both_stacks_is_running_where_it_belongs(deployed_twin: DeployedTwin) -> None:
    for name, region in CANARIES.items():
        found = deployed_twin.client.boto3_client("synthetics", region).get_canary(Name=name)["Canary"]
        assert found["Status"]["State"] == "RUNNING"
        assert found["RuntimeVersion"] == "syn-python-selenium-14.0"
    names = [name for stack in ("region1", "region2") for name in deployed_twin.outputs[stack]["canaryNames"]]
    assert names == list(CANARIES)


def test_each_canary_passes_from_its_viewpoint(ran: DeployedTwin) -> None:
    for name in CANARIES:
        run = last_run(ran.client, name)
        assert run["Status"]["State"] == "PASSED", (name, run["Status"])
        assert run["Timeline"]["Completed"] > run["Timeline"]["Started"]


def test_a_run_writes_its_lines_into_the_log_group_of_the_stack(ran: DeployedTwin) -> None:
    logs = ran.client.boto3_client("logs", OBSERVER)
    name = log_group(ran.client, OUTSIDE_WEST)
    assert name.startswith("/aws/lambda/cwsyn-resilient-orders-regi-")
    [group] = logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    assert group["retentionInDays"] == 30
    events = logs.filter_log_events(logGroupName=group["logGroupName"])["events"]
    lines = [event["message"] for event in events]
    assert any("/live/health: 200 from us-west-2" in line for line in lines)
    assert any("/live/orders?orderId=0000000000CANARY" in line for line in lines)


def test_a_run_has_the_metrics_of_synthetics_in_its_region(ran: DeployedTwin) -> None:
    for name, region in CANARIES.items():
        found = ran.client.boto3_client("cloudwatch", region).list_metrics(Namespace="CloudWatchSynthetics")
        mine = {
            m["MetricName"]
            for m in found["Metrics"]
            if m["Dimensions"] == [{"Name": "CanaryName", "Value": name}]
        }
        assert mine == {"SuccessPercent", "Duration", "Failed"}


def test_the_inside_canaries_tell_the_observer_region(ran: DeployedTwin) -> None:
    found = ran.client.boto3_client("cloudwatch", OBSERVER).list_metrics(
        Namespace=contract.METRICS_NAMESPACE, MetricName=contract.REGION_CHECK
    )["Metrics"]
    assert sorted(metric["Dimensions"][0]["Value"] for metric in found) == ["us-east-1", "us-west-2"]
    assert {metric["Dimensions"][0]["Name"] for metric in found} == {contract.REGION_DIMENSION}


def test_a_broken_api_fails_its_canaries_and_the_metrics_say_so(ran: DeployedTwin) -> None:
    client = ran.client
    with failing_api(client, "us-west-2"):
        outside = client.run_canary(OBSERVER, OUTSIDE_WEST)
        inside = client.run_canary("us-west-2", INSIDE_WEST)
    assert not outside["passed"]
    assert "/live/health answered 5" in outside["reason"]
    status = last_run(client, OUTSIDE_WEST)["Status"]
    assert (status["State"], status["StateReasonCode"]) == ("FAILED", "CANARY_FAILURE")
    assert status["StateReason"] == outside["reason"]
    of_outside = {"CanaryName": OUTSIDE_WEST}
    assert newest(client, OBSERVER, "CloudWatchSynthetics", "SuccessPercent", of_outside) == 0
    assert not inside["passed"]
    west = {contract.REGION_DIMENSION: "us-west-2"}
    assert newest(client, OBSERVER, contract.METRICS_NAMESPACE, contract.REGION_CHECK, west) == 0


def test_without_the_permission_to_call_the_api_a_canary_fails(ran: DeployedTwin) -> None:
    iam = ran.client.boto3_client("iam", "us-east-1")
    role = {"RoleName": "resilient-orders-region2-canary-outside", "PolicyName": "own-work"}
    document = iam.get_role_policy(**role)["PolicyDocument"]
    without = [s for s in document["Statement"] if s["Action"] != "execute-api:Invoke"]
    assert len(without) == len(document["Statement"]) - 1
    iam.put_role_policy(**role, PolicyDocument=json.dumps({**document, "Statement": without}))
    try:
        found = ran.client.run_canary(OBSERVER, OUTSIDE_WEST)
    finally:
        iam.put_role_policy(**role, PolicyDocument=json.dumps(document))
    assert not found["passed"]
    assert "/live/health answered 403" in found["reason"]
    assert ran.client.run_canary(OBSERVER, OUTSIDE_WEST)["passed"], "the shared twin is left as it was"


def test_the_right_to_put_metrics_is_for_two_namespaces(ran: DeployedTwin) -> None:
    client = ran.client
    iam = client.boto3_client("iam", "us-east-1")
    role = {"RoleName": "resilient-orders-region2-canary-inside", "PolicyName": "own-work"}
    document = iam.get_role_policy(**role)["PolicyDocument"]
    narrowed = json.loads(json.dumps(document).replace(f'"{contract.METRICS_NAMESPACE}"', '"Other"'))
    assert narrowed != document
    iam.put_role_policy(**role, PolicyDocument=json.dumps(narrowed))
    try:
        assert client.run_canary("us-west-2", INSIDE_WEST)["passed"], "a metric changes no verdict"
    finally:
        iam.put_role_policy(**role, PolicyDocument=json.dumps(document))
    logs = client.boto3_client("logs", "us-west-2")
    group = log_group(client, INSIDE_WEST)
    lines = [event["message"] for event in logs.filter_log_events(logGroupName=group)["events"]]
    assert any("ERROR" in line and "was not put as a metric: ClientError" in line for line in lines)


def test_the_status_shows_each_canary_with_its_last_run(ran: DeployedTwin) -> None:
    shown = ran.client.status()["canaries"]
    assert shown["minuteSeconds"] == 60
    assert {canary["name"]: canary["region"] for canary in shown["canaries"]} == CANARIES
    assert all(canary["lastRun"]["seconds"] > 0 for canary in shown["canaries"])


def test_the_command_line_shows_the_canaries_and_runs_one(
    ran: DeployedTwin, capsys: pytest.CaptureFixture[str]
) -> None:
    home = ["--home", str(ran.client.home)]
    assert main(["canary", *home]) == 0
    assert len(json.loads(capsys.readouterr().out)["canaries"]) == len(CANARIES)
    assert main(["canary", "--run", INSIDE_WEST, *home]) == 0
    assert json.loads(capsys.readouterr().out)["passed"] is True
    assert main(["canary", "--run", "nobody", *home]) == 2
    assert INSIDE_WEST in capsys.readouterr().err


def test_a_canary_that_is_not_there_is_named_with_those_that_are(ran: DeployedTwin) -> None:
    with pytest.raises(AdminRefusedError, match=f"nobody.*{INSIDE_WEST}"):
        ran.client.run_canary("us-west-2", "nobody")


# A canary of one's own

SCRIPT = """
import os, sys, time
def handler(event, context):
    for name in os.environ.get("TRY", "").split():
        try:
            __import__(name)
        except ModuleNotFoundError:
            continue
        raise Exception(f"{name} is there")
    if "HANG" in os.environ:
        time.sleep(60)
"""


def create(client: TwinClient, **environment: str) -> str:
    name = f"own-{uuid.uuid4().hex[:8]}"
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "lambda.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
    iam = client.boto3_client("iam", "us-east-1")
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    client.boto3_client("synthetics", OBSERVER).create_canary(
        Name=name,
        Code={"ZipFile": zipped("python/check.py", SCRIPT), "Handler": "check.handler"},
        ArtifactS3Location="s3://nowhere/here",
        ExecutionRoleArn=role,
        Schedule={"Expression": "rate(1 hour)"},
        RuntimeVersion="syn-python-selenium-14.0",
        RunConfig={"TimeoutInSeconds": 3, "EnvironmentVariables": environment or {"MODE": "b"}},
    )
    return name


def test_a_canary_finds_nothing_of_this_project_or_this_machine(twin: TwinClient) -> None:
    modules = "components twin ops functions pulumi ministack pytest selenium"
    assert twin.run_canary(OBSERVER, create(twin, TRY=modules))["passed"]
    assert twin.run_canary(OBSERVER, create(twin, TRY="boto3"))["reason"] == "boto3 is there"


def test_a_run_that_hangs_is_ended_at_its_timeout(twin: TwinClient) -> None:
    found = twin.run_canary(OBSERVER, create(twin, HANG="yes"))
    assert "timed out after 3" in found["reason"]
    assert 3 <= found["seconds"] < 10


def test_without_the_right_to_put_metrics_none_are_recorded(twin: TwinClient) -> None:
    name = create(twin)
    assert twin.run_canary(OBSERVER, name)["passed"]
    found = twin.boto3_client("cloudwatch", OBSERVER).list_metrics(
        Namespace="CloudWatchSynthetics", Dimensions=[{"Name": "CanaryName", "Value": name}]
    )
    assert found["Metrics"] == []
