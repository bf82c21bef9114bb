"""Synthetics by boto3, without a socket, with a clock that the test moves."""

import datetime
import io
import zipfile
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.fakes.own_services import ACCOUNT_ID, InProcess
from twin.aws.synthetics.rules import invalid
from twin.aws.synthetics.service import Synthetics
from twin.aws.synthetics.state import Run, SyntheticsState
from twin.front.operations import OPERATIONS

ROLE = f"arn:aws:iam::{ACCOUNT_ID}:role/canary"
EPOCH = datetime.datetime(2026, 11, 25, 12, tzinfo=datetime.UTC)
REGION = "us-east-2"


def zipped(name: str = "python/check.py", text: str = "A = 1") -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(name, text)
    return buffer.getvalue()


class World:
    """The service with one object in S3, and time."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.refused_role = ""
        self.state = SyntheticsState(
            account_id=ACCOUNT_ID,
            clock=lambda: self.seconds,
            now=lambda: EPOCH + datetime.timedelta(seconds=self.seconds),
            settle_seconds=1.0,
        )
        self.service = Synthetics(
            self.state, fetch_code=self._fetch, role_refusal=lambda role: self.refused_role
        )
        self.served = InProcess(self.service)
        self.client = self.served.client("synthetics", REGION)

    def _fetch(self, region: str, bucket: str, key: str) -> bytes:
        if (region, bucket, key) != (REGION, "code", "check.zip"):
            raise invalid(f"The canary's code was not found in S3: {bucket}/{key}")
        return zipped()

    def create(self, name: str = "watch", **changes: Any) -> Any:
        request: dict[str, Any] = {
            "Name": name,
            "Code": {"S3Bucket": "code", "S3Key": "check.zip", "Handler": "check.handler"},
            "ArtifactS3Location": "s3://results/watch",
            "ExecutionRoleArn": ROLE,
            "Schedule": {"Expression": "rate(1 minute)", "DurationInSeconds": 0},
            "RuntimeVersion": "syn-python-selenium-14.0",
            "RunConfig": {"TimeoutInSeconds": 50, "MemoryInMB": 960, "EnvironmentVariables": {"MODE": "b"}},
            "Tags": {"Project": "orders"},
        }
        return self.client.create_canary(**{**request, **changes})["Canary"]

    def status(self, name: str = "watch") -> str:
        return str(self.client.get_canary(Name=name)["Canary"]["Status"]["State"])

    def settle(self) -> None:
        self.seconds += 1.0


@pytest.fixture
def world() -> World:
    return World()


def code_of(error: pytest.ExceptionInfo[ClientError]) -> str:
    return str(error.value.response["Error"]["Code"])


def test_the_operations_that_the_twin_claims_are_those_of_the_service(world: World) -> None:
    assert OPERATIONS["synthetics"] == world.service.operations


def test_a_canary_passes_through_the_states_of_its_life(world: World) -> None:
    assert world.create()["Status"]["State"] == "CREATING"
    seen = [world.status()]
    for act in (
        lambda: None,
        lambda: world.client.start_canary(Name="watch"),
        lambda: world.client.stop_canary(Name="watch"),
        lambda: world.client.update_canary(Name="watch", SuccessRetentionPeriodInDays=3),
        lambda: world.client.delete_canary(Name="watch", DeleteLambda=True),
    ):
        world.settle()
        seen.append(world.status())
        act()
        seen.append(world.status())
    assert seen == [
        *("CREATING", "READY", "READY", "READY", "STARTING", "RUNNING", "STOPPING"),
        *("STOPPED", "UPDATING", "STOPPED", "DELETING"),
    ]
    world.settle()
    with pytest.raises(ClientError) as gone:
        world.status()
    assert code_of(gone) == "ResourceNotFoundException"


def test_a_canary_reads_back_as_it_was_made(world: World) -> None:
    world.create()
    world.settle()
    found = world.client.get_canary(Name="watch")["Canary"]
    assert found["Schedule"] == {"Expression": "rate(1 minute)", "DurationInSeconds": 0}
    assert found["RunConfig"] == {"TimeoutInSeconds": 50, "MemoryInMB": 960, "ActiveTracing": False}
    assert found["ArtifactS3Location"] == "results/watch"
    assert found["Tags"] == {"Project": "orders"}
    assert found["Timeline"]["Created"] == EPOCH
    function, arn = f"cwsyn-watch-{found['Id']}", f"arn:aws:lambda:{REGION}:{ACCOUNT_ID}"
    assert found["EngineArn"] == f"{arn}:function:{function}:1"
    assert found["Code"] == {"SourceLocationArn": f"{arn}:layer:{function}:1", "Handler": "check.handler"}


def test_each_region_has_canaries_of_its_own(world: World) -> None:
    world.create()
    elsewhere = world.served.client("synthetics", "us-east-1")
    assert elsewhere.describe_canaries()["Canaries"] == []
    assert [c["Name"] for c in world.client.describe_canaries()["Canaries"]] == ["watch"]


def test_a_call_needs_the_right_on_its_canary_and_to_pass_the_role(world: World) -> None:
    world.create()
    arn = f"arn:aws:synthetics:{REGION}:{ACCOUNT_ID}:canary:watch"
    asked = {(p.action, p.resource) for p in world.served.asked}
    assert asked == {("synthetics:CreateCanary", arn), ("iam:PassRole", ROLE)}
    world.served.denied.add("synthetics:StartCanary")
    world.settle()
    with pytest.raises(ClientError, match="not authorized"):
        world.client.start_canary(Name="watch")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"RuntimeVersion": "syn-python-selenium-99.0"}, "does not exist"),
        ({"RuntimeVersion": "syn-python-selenium-5.1"}, "deprecated"),
        ({"Schedule": {"Expression": "rate(90 minutes)"}}, "not valid"),
        ({"Schedule": {"Expression": "rate(2 minute)"}}, "not valid"),
        ({"RunConfig": {"TimeoutInSeconds": 61}}, "longer than the canary's 1 minutes rate"),
        ({"RunConfig": {"MemoryInMB": 1000}}, "multiple of 64"),
        ({"RunConfig": {"ActiveTracing": True}}, "tracing is not supported"),
        ({"RunConfig": {"EnvironmentVariables": {"AWS_REGION": "a"}}}, "reserved"),
        ({"Code": {"S3Bucket": "code", "S3Key": "no.zip", "Handler": "check.handler"}}, "not found in S3"),
        ({"Code": {"ZipFile": zipped("check.py"), "Handler": "check.handler"}}, r"no python/check\.py"),
        ({"Code": {"ZipFile": b"text", "Handler": "check.handler"}}, "not a zip"),
        ({"Code": {"Handler": "check.handler"}}, "either ZipFile"),
    ],
)
def test_what_aws_would_refuse_is_refused(world: World, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ClientError, match=message) as refused:
        world.create(**changes)
    assert code_of(refused) == "ValidationException"
    assert world.client.describe_canaries()["Canaries"] == []


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"RuntimeVersion": "syn-nodejs-puppeteer-16.1"}, "syn-nodejs-puppeteer-16.1"),
        ({"Schedule": {"Expression": "cron(0 * * * ? *)"}}, "cron"),
        ({"Schedule": {"Expression": "rate(1 minute)", "RetryConfig": {"MaxRetries": 1}}}, "RetryConfig"),
        ({"VpcConfig": {"SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"]}}, "VpcConfig"),
        ({"ResourcesToReplicateTags": ["lambda-function"]}, "ResourcesToReplicateTags"),
    ],
)
def test_what_only_the_twin_lacks_is_refused_by_name(
    world: World, changes: dict[str, Any], named: str
) -> None:
    with pytest.raises(ClientError, match=f"not in the twin.*{named}") as refused:
        world.create(**changes)
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501


def test_a_role_that_lambda_cannot_take_ends_in_error_with_the_reason(world: World) -> None:
    world.refused_role = "The role defined for the function cannot be assumed by Lambda."
    world.create()
    world.settle()
    status = world.client.get_canary(Name="watch")["Canary"]["Status"]
    assert (status["State"], status["StateReasonCode"]) == ("ERROR", "CREATE_FAILED")
    assert status["StateReason"] == world.refused_role


def test_another_runtime_needs_the_code_again(world: World) -> None:
    world.create()
    world.settle()
    with pytest.raises(ClientError, match="Code must be provided"):
        world.client.update_canary(Name="watch", RuntimeVersion="syn-python-selenium-13.0")
    code = {"S3Bucket": "code", "S3Key": "check.zip", "Handler": "check.handler"}
    world.client.update_canary(Name="watch", RuntimeVersion="syn-python-selenium-13.0", Code=code)
    assert world.client.get_canary(Name="watch")["Canary"]["RuntimeVersion"] == "syn-python-selenium-13.0"


def test_an_update_leaves_what_it_does_not_name_and_needs_no_pause_of_the_environment(world: World) -> None:
    world.create()
    world.settle()
    world.client.update_canary(Name="watch", Schedule={"Expression": "rate(5 minutes)"})
    canary = world.state.get(REGION, "watch")
    assert canary.definition.minutes == 5
    assert canary.definition.environment == {"MODE": "b"}
    assert canary.version == 2


def test_a_running_canary_is_not_deleted_and_a_stopped_one_not_stopped(world: World) -> None:
    world.create()
    world.settle()
    world.client.start_canary(Name="watch")
    world.settle()
    for call in (world.client.delete_canary, world.client.start_canary):
        with pytest.raises(ClientError, match="RUNNING") as refused:
            call(Name="watch")
        assert code_of(refused) == "ConflictException"
    with pytest.raises(ClientError, match="exists already"):
        world.create()


def test_a_canary_with_a_duration_stops_by_itself(world: World) -> None:
    world.create(Schedule={"Expression": "rate(1 minute)", "DurationInSeconds": 120})
    world.settle()
    world.client.start_canary(Name="watch")
    world.seconds += 119
    assert [c.name for c in world.state.running()] == ["watch"]
    world.seconds += 1
    assert world.state.running() == []
    world.settle()
    assert world.status() == "STOPPED"


def ran(second: int, failure: str = "") -> Run:
    started = EPOCH + datetime.timedelta(seconds=second)
    return Run(
        id=f"00000000-0000-0000-0000-{second:012d}",
        started=started,
        completed=started + datetime.timedelta(seconds=1),
        failure=failure,
        reason="the API answered 503" if failure else "",
        artifacts="results/watch/1",
    )


def test_runs_are_told_newest_first_with_their_reason(world: World) -> None:
    world.create()
    world.create("other")
    runs = world.state.get(REGION, "watch").runs
    runs.extend([ran(1), ran(2, "CANARY_FAILURE")])
    found = world.client.get_canary_runs(Name="watch")["CanaryRuns"]
    assert [run["Status"]["State"] for run in found] == ["FAILED", "PASSED"]
    assert found[0]["Status"]["StateReason"] == "the API answered 503"
    assert found[0]["Status"]["StateReasonCode"] == "CANARY_FAILURE"
    assert (found[0]["Timeline"]["Completed"] - found[0]["Timeline"]["Started"]).total_seconds() == 1
    [last] = world.client.describe_canaries_last_run()["CanariesLastRun"]
    assert (last["CanaryName"], last["LastRun"]["Id"]) == ("watch", found[0]["Id"])


def test_long_lists_come_in_pages(world: World) -> None:
    world.create()
    world.state.get(REGION, "watch").runs.extend(ran(second) for second in range(5))
    first = world.client.get_canary_runs(Name="watch", MaxResults=3)
    rest = world.client.get_canary_runs(Name="watch", MaxResults=3, NextToken=first["NextToken"])
    assert len(first["CanaryRuns"]) + len(rest["CanaryRuns"]) == 5
    assert "NextToken" not in rest


def test_tags_are_set_listed_and_removed(world: World) -> None:
    world.create()
    arn = f"arn:aws:synthetics:{REGION}:{ACCOUNT_ID}:canary:watch"
    world.client.tag_resource(ResourceArn=arn, Tags={"Stack": "region1"})
    world.client.untag_resource(ResourceArn=arn, TagKeys=["Project"])
    assert world.client.list_tags_for_resource(ResourceArn=arn)["Tags"] == {"Stack": "region1"}


def test_the_runtimes_are_listed_with_their_ends(world: World) -> None:
    found = {r["VersionName"]: r for r in world.client.describe_runtime_versions()["RuntimeVersions"]}
    assert "DeprecationDate" not in found["syn-python-selenium-14.0"]
    assert found["syn-python-selenium-5.1"]["DeprecationDate"].date() == datetime.date(2026, 2, 3)
