"""Acting as somebody in a running twin: exactly a name's rights, by keys that outlive a dead region."""

import json
import shlex
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.twin.running import PROJECT, clean_environment
from twin.acting import act_as
from twin.client import TwinClient
from twin.errors import ActingError

pytestmark = pytest.mark.twin

READS_TABLES = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "dynamodb:ListTables", "Resource": "*"}],
}
READS_TOPICS = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "sns:ListTopics", "Resource": "*"}],
}
POLICY, USER = "acting-reads-tables", "acting-somebody"


@pytest.fixture
def iam(twin: TwinClient) -> Any:
    return twin.boto3_client("iam", "us-east-1")


@pytest.fixture
def policy(iam: Any) -> Iterator[str]:
    arn = iam.create_policy(PolicyName=POLICY, PolicyDocument=json.dumps(READS_TABLES))["Policy"]["Arn"]
    yield arn
    iam.delete_policy(PolicyArn=arn)


def allowed(client: TwinClient) -> set[str]:
    """Which of two calls somebody may make."""
    calls = {"tables": ("dynamodb", "list_tables"), "topics": ("sns", "list_topics")}
    codes = {what: code(client, *call) for what, call in calls.items()}
    assert set(codes.values()) <= {"", "AccessDeniedException", "AuthorizationError"}
    return {what for what, refused in codes.items() if not refused}


def code(client: TwinClient, service: str, call: str) -> str:
    """How a call is refused; empty when it is not."""
    try:
        getattr(client.boto3_client(service, "us-west-2"), call)()
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return ""


def test_the_name_of_a_managed_policy_is_a_user_with_that_policy_alone(twin: TwinClient, policy: str) -> None:
    acting = act_as(twin, POLICY)
    assert allowed(acting) == {"tables"}
    assert acting.boto3_client("sts", "us-west-2").get_caller_identity()["Arn"].endswith(f"user/as-{POLICY}")


def test_the_policy_stays_free_to_be_deleted(twin: TwinClient, iam: Any, policy: str) -> None:
    act_as(twin, POLICY)
    assert iam.get_policy(PolicyArn=policy)["Policy"]["AttachmentCount"] == 0


def test_acting_again_keeps_the_key_and_takes_the_policy_as_it_is_now(
    twin: TwinClient, iam: Any, policy: str
) -> None:
    before = act_as(twin, POLICY)
    version = iam.create_policy_version(
        PolicyArn=policy, PolicyDocument=json.dumps(READS_TOPICS), SetAsDefault=True
    )["PolicyVersion"]["VersionId"]
    after = act_as(twin, POLICY)
    assert after.env == before.env
    assert allowed(after) == {"topics"}
    (old,) = {v["VersionId"] for v in iam.list_policy_versions(PolicyArn=policy)["Versions"]} - {version}
    iam.delete_policy_version(PolicyArn=policy, VersionId=old)


def test_an_iam_user_is_taken_as_it_is(twin: TwinClient, iam: Any) -> None:
    iam.create_user(UserName=USER)
    assert allowed(act_as(twin, USER)) == set()
    iam.put_user_policy(UserName=USER, PolicyName="own", PolicyDocument=json.dumps(READS_TOPICS))
    acting = act_as(twin, USER)
    assert allowed(acting) == {"topics"}
    iam.delete_access_key(UserName=USER, AccessKeyId=acting.env["AWS_ACCESS_KEY_ID"])
    again = act_as(twin, USER)
    assert again.env["AWS_ACCESS_KEY_ID"] != acting.env["AWS_ACCESS_KEY_ID"]


@pytest.mark.usefixtures("policy")
def test_in_an_outage_of_iam_there_is_the_key_that_was_made_before(twin: TwinClient) -> None:
    before = act_as(twin, POLICY)
    twin.kill("us-east-1")
    try:
        assert act_as(twin, POLICY).env == before.env
        with pytest.raises(ActingError, match=r"cannot make a key for 'ci-drill': IAM, .*us-east-1.*clear"):
            act_as(twin, "ci-drill")
    finally:
        twin.clear_faults()


def test_nobody_is_an_operator_before_there_is_a_deployment(twin: TwinClient) -> None:
    with pytest.raises(ActingError, match=r"no stack is deployed .*python -m twin deploy"):
        act_as(twin, "operator")


def command(twin: TwinClient, *options: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "twin", "env", *options],
        cwd=PROJECT,
        env={**clean_environment(), "TWIN_HOME": str(twin.home)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.usefixtures("policy")
def test_the_command_prints_the_environment_of_whom_it_is_asked_for(twin: TwinClient) -> None:
    asked, plain = command(twin, "--as", POLICY), command(twin)
    assert (asked.returncode, plain.returncode) == (0, 0)
    exports = dict(
        line.removeprefix("export ").split("=", 1)
        for line in asked.stdout.splitlines()
        if line.startswith("export ")
    )
    acting = act_as(twin, POLICY)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_ENDPOINT_URL", "TWIN_INSTANCE"):
        assert shlex.split(exports[name]) == [acting.env[name]]
    assert exports["TWIN_CALLER"] == POLICY
    assert "export TWIN_CALLER" not in plain.stdout
    assert "TWIN_CALLER" in plain.stdout.splitlines()[0].split()


def test_an_unknown_name_is_refused_in_one_line_that_names_the_known_ones(twin: TwinClient) -> None:
    refused = command(twin, "--as", "oprator")
    assert (refused.returncode, refused.stdout, len(refused.stderr.splitlines())) == (2, "", 1)
    for word in ("'oprator'", "operator", "ci-deploy", "ci-drill", "ci-preview", "twin-admin"):
        assert word in refused.stderr
