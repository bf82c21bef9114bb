"""What operators can do with their policies and nothing else: look, and move traffic."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from blueprint import output_names as names
from ops import cli
from ops.aws_errors import DENIED_CODES
from ops.checks import alarms, dashboards, failover
from ops.checks.findings import State
from ops.deployed import export
from ops.deployed.target import TwinTarget
from tests.acceptance.routing import SERVICE, Cluster
from tests.acceptance.service import EAST, WEST, Service
from twin.acting import act_as
from twin.client import TwinClient

pytestmark = pytest.mark.twin
NOBODY = "break-glass"
"""A user without any right."""
SWITCH, CHECK = "resilient-orders-region1-operator", "resilient-orders-region1-operator-check"
BOTH = "operator"
ONLY_EAST, ONLY_WEST = {EAST: "On", WEST: "Off"}, {EAST: "Off", WEST: "On"}

LOOKS = (
    "check",
    "controls list",
    "smoke --read-only --domain",
    "smoke --read-only --survivors --domain",
    f"smoke --read-only --region {WEST}",
    "parity",
)
"""What evacuating and failing back need but for the switch itself (docs/runbooks)."""


@dataclass(frozen=True, kw_only=True)
class Operator:
    """Somebody at a terminal, in the environment that `python -m twin env --as NAME` prints."""

    twin: TwinClient
    service: Service
    file: Path
    capture: pytest.CaptureFixture[str]

    def on_twin(self, line: str) -> tuple[int, Any, str]:
        """Exit status, the JSON on stdout, stderr."""
        return self._run(*line.split(), "--target", "twin")

    def on_aws(self, *command: str) -> tuple[int, Any, str]:
        """As somebody who works on AWS with these keys, and has nothing but an exported file."""
        return self._run(*command, "--target", "aws", "--deployment", str(self.file))

    def _run(self, *command: str) -> tuple[int, Any, str]:
        self.capture.readouterr()
        code = cli.main([*command, "--json"])
        out, err = self.capture.readouterr()
        return code, json.loads(out) if out else None, err

    def code(self, service: str, call: str, arguments: Mapping[str, Any], region: str = EAST) -> str:
        """How a call of the caller's own AWS clients is refused; empty when it is not."""
        session: Any = boto3.session.Session()
        try:
            getattr(session.client(service, region_name=region), call)(**arguments)
        except ClientError as error:
            return str(error.response["Error"]["Code"])
        return ""


Sign = Callable[[str], Operator]


@pytest.fixture
def signed_in(
    eventual: Service,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Iterator[Sign]:
    """Makes this process's environment that of whom one acts as."""
    file = tmp_path / "region1.json"
    export.write(
        export.Export(
            target="aws",
            primary="region1",
            exported_at=datetime.now(UTC),
            stacks=eventual.deployed.outputs,
        ),
        file,
    )
    eventual.iam.create_user(UserName=NOBODY)

    def sign_in(name: str) -> Operator:
        acting = act_as(eventual.twin, name)
        for variable, value in {**acting.env, "TWIN_HOME": str(eventual.twin.home)}.items():
            monkeypatch.setenv(variable, value)
        return Operator(twin=acting, service=eventual, file=file, capture=capsys)

    yield sign_in
    for key in eventual.iam.list_access_keys(UserName=NOBODY)["AccessKeyMetadata"]:
        eventual.iam.delete_access_key(UserName=NOBODY, AccessKeyId=key["AccessKeyId"])
    eventual.iam.delete_user(UserName=NOBODY)


def test_the_switching_policy_is_enough_to_move_traffic_from_an_exported_file(
    signed_in: Sign, cluster: Cluster
) -> None:
    cluster.set(ONLY_EAST)
    operator = signed_in(SWITCH)

    code, found, err = operator.on_aws("check")
    assert code == 0, err
    assert "exported just now" in err
    assert [one["problem"] for one in found["endpoints"]] == [""] * 5
    assert [one["states"] for one in found["endpoints"]] == [{EAST: True, WEST: False}] * 5

    # --yes: the names that AWS gives the regions' URLs lead nowhere from this process.
    code, found, _ = operator.on_aws("controls", "off", EAST, "--on", WEST, "--yes")
    assert (code, found["states"]) == (0, ONLY_WEST)
    assert cluster.states() == ONLY_WEST
    code, found, _ = operator.on_aws("controls", "on", EAST, "--yes")
    assert (code, found["states"]) == (0, {EAST: "On", WEST: "On"})


def test_without_a_policy_nothing_is_seen_or_moved_and_the_policies_are_named(
    signed_in: Sign, cluster: Cluster
) -> None:
    cluster.set(ONLY_EAST)
    nobody = signed_in(NOBODY)

    code, found, _ = nobody.on_aws("check")
    assert code == 1
    assert {one["problem"] for one in found["endpoints"]} == {"AccessDeniedException"}
    todo = [one["todo"] for one in found["checks"]]
    assert "operatorPolicyArn" in todo[0]
    assert "operatorCheckPolicyArn" in todo[-1]
    code, _, err = nobody.on_aws("controls", "off", EAST, "--on", WEST, "--yes")
    assert code == 1
    assert "AccessDeniedException" in err
    assert cluster.states() == ONLY_EAST


def test_an_operator_evacuates_looks_and_fails_back(signed_in: Sign, cluster: Cluster) -> None:
    cluster.set({EAST: "On", WEST: "On"})
    operator = signed_in(BOTH)
    assert operator.on_twin(f"controls off {EAST}")[0] == 0
    assert cluster.states() == ONLY_WEST
    for line in LOOKS:
        code, found, err = operator.on_twin(line)
        assert code == 0, f"{line}: {found} {err}"
        assert "denied" not in f"{found}{err}", line
    assert operator.on_twin(f"controls on {EAST}")[0] == 0
    assert cluster.states() == {EAST: "On", WEST: "On"}


def test_the_policy_to_look_is_enough_for_every_look_and_moves_nothing(
    signed_in: Sign, cluster: Cluster
) -> None:
    cluster.set(ONLY_WEST)
    looker = signed_in(CHECK)
    for line in LOOKS:
        code, found, err = looker.on_twin(line)
        assert code == 0, f"{line}: {found} {err}"
        assert "not readable" not in f"{found}", line
    for line in (f"controls on {EAST}", f"controls off {WEST} --on {EAST}"):
        code, _, err = looker.on_twin(line)
        assert (code, "AccessDenied" in err) == (1, True), err
    assert cluster.states() == ONLY_WEST


def reads(operator: Operator) -> dict[str, tuple[str, str, dict[str, Any]]]:
    """A call for each action that looking takes; orders and controls have tests of their own."""
    outputs = operator.service.deployed.outputs["region1"]
    function = outputs[names.FUNCTION_ARNS]["create"]
    table = {"TableName": outputs[names.TABLE_NAMES]["orders"]}
    layer = function.replace(":function:", ":layer:").replace("-orders-create", "-x") + ":1"
    certificate = f"arn:aws:acm:{EAST}:{function.split(':')[4]}:certificate/x"
    return {
        "sns:ListSubscriptionsByTopic": (
            "sns",
            "list_subscriptions_by_topic",
            {"TopicArn": outputs[names.ALARM_TOPIC_ARNS][EAST]},
        ),
        "cloudwatch:GetDashboard": (
            "cloudwatch",
            "get_dashboard",
            {"DashboardName": dashboards.dashboard_names(outputs)[0]},
        ),
        "cloudwatch:DescribeAlarms": ("cloudwatch", "describe_alarms", {}),
        "cloudwatch:GetMetricData": (
            "cloudwatch",
            "get_metric_data",
            {"MetricDataQueries": [], "StartTime": datetime.now(UTC), "EndTime": datetime.now(UTC)},
        ),
        "lambda:GetFunctionConcurrency": ("lambda", "get_function_concurrency", {"FunctionName": function}),
        "lambda:GetFunctionConfiguration": (
            "lambda",
            "get_function_configuration",
            {"FunctionName": function},
        ),
        "lambda:GetLayerVersion": ("lambda", "get_layer_version_by_arn", {"Arn": layer}),
        "lambda:GetAccountSettings": ("lambda", "get_account_settings", {}),
        "dynamodb:DescribeTable": ("dynamodb", "describe_table", table),
        "dynamodb:DescribeContinuousBackups": ("dynamodb", "describe_continuous_backups", table),
        "dynamodb:DescribeTimeToLive": ("dynamodb", "describe_time_to_live", table),
        "dynamodb:DescribeLimits": ("dynamodb", "describe_limits", {}),
        "apigateway:GET": ("apigateway", "get_account", {}),
        "acm:DescribeCertificate": ("acm", "describe_certificate", {"CertificateArn": certificate}),
    }


def test_the_twin_refuses_each_read_to_somebody_without_its_action(signed_in: Sign) -> None:
    """Else the tests above would pass with a policy that lacks it."""
    nobody = signed_in(NOBODY)
    calls = reads(nobody)
    iam, arn = nobody.service.iam, nobody.service.deployed.outputs["region1"][names.OPERATOR_CHECK_POLICY_ARN]
    version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    document = iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]
    allowed = {action for statement in document["Statement"] for action in statement["Action"]}
    tested_elsewhere = {"execute-api:Invoke", "route53-recovery-cluster:ListRoutingControls"}
    assert calls.keys() == allowed - tested_elsewhere
    codes = {action: nobody.code(*call) for action, call in calls.items()}
    assert {action: code for action, code in codes.items() if code not in DENIED_CODES} == {}


def test_an_operator_sees_the_alarms_and_what_the_dashboards_show(signed_in: Sign) -> None:
    operator = signed_in(CHECK)
    target, outputs = TwinTarget(operator.twin), operator.service.deployed.outputs
    assert {one.region for one in alarms.alarms(target, outputs)} == {EAST, WEST, "us-east-2"}
    assert dashboards.shown_metrics(target, outputs)


def test_the_switching_policy_alone_reads_no_settings_and_calls_no_api(
    signed_in: Sign, cluster: Cluster
) -> None:
    cluster.set({EAST: "On", WEST: "On"})
    operator = signed_in(SWITCH)
    code, found, _ = operator.on_twin("parity")
    assert (code, found["compared"]) == (1, 0)
    code, found, _ = operator.on_twin("smoke --read-only")
    assert code == 1
    assert {one["seen"].split()[0] for one in found["checks"] if not one["ok"]} == {"403"}


def test_an_operator_may_do_nothing_else(signed_in: Sign, cluster: Cluster) -> None:
    """Not even to pass over the safety rule, to sell something, or to look into a table."""
    cluster.set(ONLY_EAST)
    operator = signed_in(BOTH)
    endpoint = operator.twin.addresses["arcEndpoints"][-1]
    session: Any = boto3.session.Session(region_name=endpoint["region"])
    own = session.client(SERVICE, endpoint_url=endpoint["url"])
    with pytest.raises(ClientError, match="AccessDenied"):
        Cluster(client=own, arns=cluster.arns, rule=cluster.rule, panel=cluster.panel).set({EAST: "Off"})
    assert cluster.states() == ONLY_EAST
    outputs = operator.service.deployed.outputs["region1"]
    table, function = outputs[names.TABLE_NAMES]["orders"], outputs[names.FUNCTION_ARNS]["create"]
    item = {"OrderId": {"S": "nobodys"}}
    for service, region, call, arguments in (
        ("dynamodb", WEST, "put_item", {"TableName": table, "Item": item}),
        ("dynamodb", WEST, "get_item", {"TableName": table, "Key": item}),
        ("dynamodb", EAST, "list_tables", {}),
        ("lambda", EAST, "get_function", {"FunctionName": function}),
        ("apigateway", EAST, "delete_stage", {"restApiId": outputs[names.API_ID], "stageName": "live"}),
        ("route53-recovery-control-config", WEST, "list_clusters", {}),
        ("iam", EAST, "list_users", {}),
    ):
        assert operator.code(service, call, arguments, region).startswith("AccessDenied"), call
    code, found, err = operator.on_twin(f"smoke --region {EAST}")
    assert code == 1
    failed = [one for one in found["checks"] if not one["ok"]]
    assert [(one["name"], one["seen"][:3]) for one in failed] == [("make a customer and a product", "403")]
    assert "--read-only" in err
    code, _, err = operator.on_twin("reconcile")
    assert code == 1
    assert "access denied to Scan" in err


def test_a_mail_address_that_nobody_confirmed_is_found(eventual: Service) -> None:
    target = TwinTarget(eventual.twin)
    sns = target.client("sns", EAST)
    topic = sns.create_topic(Name="unconfirmed")["TopicArn"]
    try:
        (nobody,) = failover.subscriptions(target, [topic])
        sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="team@example.com")
        (found,) = failover.subscriptions(target, [topic])
    finally:
        sns.delete_topic(TopicArn=topic)
    assert nobody.state is State.WARNING
    assert (found.state, found.name) == (State.FAILED, f"unconfirmed, {EAST}")
    assert found.seen == "not confirmed: team@example.com"


def test_an_exported_file_serves_a_failover_says_its_age_and_is_of_its_own_target_only(
    eventual: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TWIN_HOME", str(eventual.twin.home))
    file = str(tmp_path / "kept.json")
    assert cli.main(["export", "--target", "twin", "--file", file]) == 0
    capsys.readouterr()
    assert cli.main(["controls", "list", "--target", "twin", "--deployment", file, "--json"]) == 0
    out, err = capsys.readouterr()
    assert json.loads(out)["states"].keys() == {EAST, WEST}
    assert f"{file}, exported just now" in err
    assert cli.main(["controls", "off", EAST, "--target", "aws", "--deployment", file]) == 1
    assert "exported on twin, not on aws" in capsys.readouterr().err
