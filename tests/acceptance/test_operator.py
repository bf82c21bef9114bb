"""What somebody can do who has the operator policy and nothing else: look, and move traffic."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from blueprint import output_names as names
from ops import cli
from ops.checks import failover
from ops.checks.findings import State
from ops.deployed import export
from ops.deployed.target import TwinTarget
from tests.acceptance.routing import SERVICE, Cluster
from tests.acceptance.service import EAST, WEST, Service

pytestmark = pytest.mark.twin
USER = "break-glass"
ONLY_EAST, ONLY_WEST = {EAST: "On", WEST: "Off"}, {EAST: "Off", WEST: "On"}


@dataclass(frozen=True, kw_only=True)
class Operator:
    """A user of the account; commands run with this user's keys and nothing but an exported file."""

    service: Service
    file: Path
    capture: pytest.CaptureFixture[str]

    @property
    def policy(self) -> str:
        return str(self.service.deployed.outputs["region1"][names.OPERATOR_POLICY_ARN])

    def attach(self) -> None:
        self.service.iam.attach_user_policy(UserName=USER, PolicyArn=self.policy)

    def run(self, *command: str) -> tuple[int, Any, str]:
        """Exit status, the JSON on stdout, stderr."""
        self.capture.readouterr()
        code = cli.main([*command, "--target", "aws", "--deployment", str(self.file), "--json"])
        out, err = self.capture.readouterr()
        return code, json.loads(out) if out else None, err


@pytest.fixture
def operator(
    eventual: Service,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Iterator[Operator]:
    """A user without any right; the environment is that of somebody who works on AWS with its keys."""
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
    iam = eventual.iam
    iam.create_user(UserName=USER)
    key = iam.create_access_key(UserName=USER)["AccessKey"]
    keys = {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}
    for name, value in {**eventual.twin.env, **keys}.items():
        monkeypatch.setenv(name, value)
    found = Operator(service=eventual, file=file, capture=capsys)
    yield found
    for policy in iam.list_attached_user_policies(UserName=USER)["AttachedPolicies"]:
        iam.detach_user_policy(UserName=USER, PolicyArn=policy["PolicyArn"])
    iam.delete_access_key(UserName=USER, AccessKeyId=key["AccessKeyId"])
    iam.delete_user(UserName=USER)


def test_the_operator_policy_is_enough_to_check_and_to_move_traffic(
    operator: Operator, cluster: Cluster
) -> None:
    cluster.set(ONLY_EAST)
    operator.attach()

    code, found, err = operator.run("check")
    assert code == 0, err
    assert "exported just now" in err
    assert [one["problem"] for one in found["endpoints"]] == [""] * 5
    assert [one["states"] for one in found["endpoints"]] == [{EAST: True, WEST: False}] * 5

    # --yes: the names that AWS gives the regions' URLs lead nowhere from this process.
    code, found, _ = operator.run("controls", "off", EAST, "--on", WEST, "--yes")
    assert (code, found["states"]) == (0, ONLY_WEST)
    assert cluster.states() == ONLY_WEST
    code, found, _ = operator.run("controls", "on", EAST, "--yes")
    assert (code, found["states"]) == (0, {EAST: "On", WEST: "On"})


def test_without_the_policy_nothing_is_seen_or_moved_and_the_policy_is_named(
    operator: Operator, cluster: Cluster
) -> None:
    cluster.set(ONLY_EAST)

    code, found, _ = operator.run("check")
    assert code == 1
    assert {one["problem"] for one in found["endpoints"]} == {"AccessDeniedException"}
    assert "operatorPolicyArn" in found["checks"][0]["todo"]
    code, _, err = operator.run("controls", "off", EAST, "--on", WEST, "--yes")
    assert code == 1
    assert "AccessDeniedException" in err
    assert cluster.states() == ONLY_EAST


def test_the_operator_policy_allows_nothing_else(operator: Operator, cluster: Cluster) -> None:
    """Not even to pass over the safety rule, nor to look into a table."""
    cluster.set(ONLY_EAST)
    operator.attach()
    twin = operator.service.twin
    endpoint = twin.addresses["arcEndpoints"][-1]
    session: Any = boto3.session.Session(region_name=endpoint["region"])
    own = session.client(SERVICE, endpoint_url=endpoint["url"])
    with pytest.raises(ClientError, match="AccessDenied"):
        Cluster(client=own, arns=cluster.arns, rule=cluster.rule, panel=cluster.panel).set({EAST: "Off"})
    assert cluster.states() == ONLY_EAST
    for service, region, call in (
        ("dynamodb", EAST, "list_tables"),
        ("route53-recovery-control-config", WEST, "list_clusters"),
        ("iam", EAST, "list_users"),
    ):
        with pytest.raises(ClientError, match="AccessDenied"):
            getattr(session.client(service, region), call)()


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
