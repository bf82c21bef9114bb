"""Taking a deployment down: order, drains, refusals, and what is said."""

import io
import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml
from botocore.exceptions import ClientError

from ops.console import Console
from ops.deployed.options import DeploymentChoice
from ops.deployed.stacks import PROJECT
from ops.deploying.destroy import Destroyed, destroy
from ops.deploying.pulumi_deployer import PulumiDeployer
from ops.deploying.teardown import StackResource, client_seconds, drain_plan, standing_of
from ops.errors import DeploymentError, RefusedError
from tests.fakes.arc_endpoints import FakeArcCluster
from tests.fakes.ops_target import FakeTarget
from tests.unit.ops.outputs import both
from tests.unit.ops.plans import plan

DOMAIN = "orders.example.com"
TABLE = StackResource(type="aws:dynamodb/table:Table", name="orders", identity="O", protected=True)
ROLE = StackResource(type="aws:iam/role:Role", name="logs", identity="logs-1234567", retained=True)
RECORD = {"Name": "orders.example.com.", "Type": "CNAME", "SetIdentifier": "eu-west-1", "HealthCheckId": "h2"}


class Pages:
    """A client all of whose lists are one page."""

    def __init__(self, **pages: Any) -> None:
        self._pages = pages

    def get_paginator(self, operation: str) -> "Pages":
        self._operation = operation
        return self

    def paginate(self, **arguments: Any) -> list[dict[str, Any]]:
        found: Any = self._pages.get(self._operation, {})
        return [found(arguments) if callable(found) else found]


@dataclass
class World:
    """Two deployed stacks; notes what is done, with what takes traffic at that time."""

    held: dict[str, list[StackResource]] = field(
        default_factory=lambda: {"region1": [TABLE, ROLE], "region2": [ROLE]}
    )
    events: list[str] = field(default_factory=list)
    failing: set[str] = field(default_factory=set)
    records: list[dict[str, str]] = field(default_factory=list)
    said: io.StringIO = field(default_factory=io.StringIO)
    attached: int | None = 0
    attached_of: str = "arn:of:the-policy"

    def __post_init__(self) -> None:
        self.target = FakeTarget(cluster=FakeArcCluster(states={"arn:east": True, "arn:west": True}))
        self.target.deployed = {
            stack: {
                **outputs,
                "canaryNames": [f"resilient-orders-{stack}-inside"],
                "operatorPolicyArn": "arn:of:the-policy",
                "operatorCheckPolicyArn": "arn:of:the-check-policy",
            }
            for stack, outputs in both().items()
        }
        self.target.clients = {
            "route53": Pages(list_resource_record_sets={"ResourceRecordSets": self.records}),
            "dynamodb": Pages(list_backups={"BackupSummaries": []}),
            "logs": Pages(describe_log_groups={"logGroups": []}),
            "iam": self,
        }

    def get_policy(self, **asked: str) -> dict[str, dict[str, int]]:
        if self.attached is None:
            raise ClientError({"Error": {"Code": "NoSuchEntity", "Message": "gone"}}, "GetPolicy")
        return {"Policy": {"AttachmentCount": self.attached if asked["PolicyArn"] == self.attached_of else 0}}

    def standing(self, stack: str) -> Sequence[StackResource]:
        return self.held.get(stack, [])

    def unprotect(self, stack: str) -> None:
        self.events.append(f"unprotect {stack}")

    def destroy(self, stack: str) -> None:
        if stack in self.failing:
            raise DeploymentError(f"{stack} failed")
        on = "+".join(arn.removeprefix("arn:") for arn, on in self.target.cluster.states.items() if on)
        self.events.append(f"destroy {stack}, {on} on")
        del self.held[stack]

    def run(self, *, typed: str = DOMAIN) -> Destroyed:
        choice = DeploymentChoice(target=self.target, stacks=plan())
        console = Console(err=self.said, ask=lambda _: typed)
        return destroy(choice, self, console, drain=0.0)


def test_protection_is_lifted_then_secondaries_are_drained_and_the_primary_goes_last() -> None:
    world = World()
    done = world.run()
    assert world.events == ["unprotect region1", "destroy region2, east on", "destroy region1, east on"]
    assert done.stacks == ["region2", "region1"]
    # As soon as it is so: a second run after a failure of the primary would not know it.
    assert world.said.getvalue().count("Kept on purpose: Role logs-1234567") == 2


def test_what_stands_what_is_lifted_and_what_stays_is_said_before_anybody_is_asked() -> None:
    world = World()
    with pytest.raises(RefusedError, match="Nothing was destroyed"):
        world.run(typed="yes")
    assert "region2 (us-west-2): 1 resources, of which 1 stay (1 Role)" in world.said.getvalue()
    assert "First the protection of region1 is lifted" in world.said.getvalue()
    assert world.events == []
    assert world.target.cluster.updates == []


def test_without_anybody_to_type_the_option_is_named() -> None:
    with pytest.raises(RefusedError, match="--confirm-domain"):
        World().run(typed="")


def test_the_primary_stays_when_a_secondary_could_not_be_destroyed_and_the_next_run_goes_on() -> None:
    world = World(failing={"region2"})
    with pytest.raises(DeploymentError, match="region2 failed"):
        world.run()
    assert world.held.keys() == {"region1", "region2"}
    assert "Kept on purpose" not in world.said.getvalue()
    world.failing = set()
    world.held["region1"] = [ROLE]
    world.events.clear()
    assert world.run().stacks == ["region2", "region1"]
    assert [event.split(",")[0] for event in world.events] == ["destroy region2", "destroy region1"]


def test_a_secondary_that_pulumi_still_knows_keeps_the_primary() -> None:
    world = World()
    world.held["region2"] = [ROLE]
    world.destroy = lambda stack: world.events.append(f"destroy {stack}")  # type: ignore[method-assign]
    with pytest.raises(RefusedError, match="region1 stays, since region2 still needs"):
        world.run()
    assert "destroy region1" not in world.events


def test_records_of_a_stack_that_nobody_names_any_more_keep_the_primary() -> None:
    world = World(
        records=[RECORD, {**RECORD, "SetIdentifier": "us-east-1"}, {**RECORD, "HealthCheckId": "else"}]
    )
    with pytest.raises(RefusedError, match=r"records still use its health checks: those of eu-west-1\."):
        world.run()
    assert "region1" in world.held


@pytest.mark.parametrize("policy", ["arn:of:the-policy", "arn:of:the-check-policy"])
def test_an_operator_policy_that_somebody_has_is_named_before_anything_is_asked_or_done(policy: str) -> None:
    world = World(attached=2, attached_of=policy)
    with pytest.raises(RefusedError, match=rf"{policy} is attached to 2 .*Nothing was destroyed"):
        world.run(typed="must not be asked")
    assert world.events == []
    assert World(attached=None).run().stacks == ["region2", "region1"]


def test_a_stack_without_outputs_is_destroyed_though_it_cannot_be_drained() -> None:
    world = World()
    world.target.deployed.clear()
    world.run()
    assert "Not drained" in world.said.getvalue()
    assert world.held == {}


def test_where_nothing_stands_nothing_is_asked() -> None:
    done = World(held={}).run(typed="must not be asked")
    assert (done.stacks, done.remains) == ([], [])


def test_what_aws_keeps_is_named() -> None:
    world = World()
    backup = {"TableName": "O", "BackupArn": "arn:of:a/backup/1"}
    world.target.clients["dynamodb"] = Pages(
        list_backups=lambda asked: (
            {"BackupSummaries": [backup, {**backup, "TableName": "else"}]}
            if asked == {"BackupType": "SYSTEM"}
            else {"BackupSummaries": []}
        )
    )
    groups = {
        "API-Gateway-Execution-Logs_api-us-east-1/live",
    }
    world.target.clients["logs"] = Pages(
        describe_log_groups=lambda asked: {
            "logGroups": [{"logGroupName": g} for g in groups if g.startswith(asked["logGroupNamePrefix"])]
        }
    )
    remains = world.run().remains
    text = "\n".join(remains)
    assert "Role logs-1234567 of region1: kept on purpose" in text
    # In both regions and the observer's.
    assert sum("backup/1" in line for line in remains) == 3
    assert all(group in text for group in groups)
    assert "else" not in text


@pytest.mark.parametrize(
    ("states", "left", "changes"),
    [
        ({"e": True, "w": True}, ["e"], {"w": False}),
        ({"e": False, "w": True}, ["e"], {"w": False, "e": True}),
        # Switched off on purpose: not switched on while another one carries the traffic.
        ({"e": False, "n": True, "w": True}, ["e", "n"], {"w": False}),
        # A region that is gone carries nothing, whatever its control says.
        ({"e": False, "n": True, "w": True}, ["e"], {"w": False, "e": True}),
        ({"e": True, "w": False}, ["e"], {}),
    ],
)
def test_a_drain_leaves_the_traffic_to_a_region_that_is_left(
    states: dict[str, bool], left: list[str], changes: dict[str, bool]
) -> None:
    assert drain_plan(states, "w", left=left, keeper="e").changes == changes


def test_clients_are_waited_for_as_long_as_their_resolvers_remember() -> None:
    assert client_seconds("cname", 10) == 15
    assert client_seconds("alias", 10) == 65


def test_a_pulumi_export_gives_what_stands_with_its_protection() -> None:
    urn = "urn:pulumi:region1::resilient-orders::a$b::"
    exported = {
        "deployment": {
            "resources": [
                {"urn": f"{urn}s", "type": "pulumi:pulumi:Stack"},
                {"urn": f"{urn}c", "type": "resilient-orders:app:Functions", "custom": False},
                {"urn": f"{urn}p", "type": "pulumi:providers:aws", "custom": True, "id": "1"},
                {
                    "urn": f"{urn}r",
                    "type": "aws:iam/role:Role",
                    "custom": True,
                    "id": "role",
                    "retainOnDelete": True,
                },
                {
                    "urn": f"{urn}l",
                    "type": "aws:x/y:Cluster",
                    "custom": True,
                    "id": "found",
                    "external": True,
                },
                {
                    "urn": f"{urn}t",
                    "type": "aws:dynamodb/table:Table",
                    "custom": True,
                    "id": "T",
                    "inputs": {"deletionProtectionEnabled": True},
                },
                {"urn": f"{urn}k", "type": "aws:x/y:Panel", "custom": True, "id": "arn", "protect": True},
            ]
        }
    }
    found = {one.name: (one.protected, one.retained) for one in standing_of(exported)}
    assert found == {"r": (False, True), "t": (True, False), "k": (True, False)}
    assert standing_of({"version": 3, "deployment": {}}) == []


def answered(monkeypatch: pytest.MonkeyPatch, code: int, out: str = "", err: str = "") -> list[list[str]]:
    """What pulumi was called with, when it ends like this."""
    calls: list[list[str]] = []

    def run(command: list[str], **_: Any) -> "subprocess.CompletedProcess[str]":
        calls.append(command)
        if "--config-file" in command:
            calls.append([Path(command[command.index("--config-file") + 1]).read_text()])
        return subprocess.CompletedProcess(command, code, out, err)

    monkeypatch.setattr(subprocess, "run", run)
    return calls


def test_pulumi_is_asked_for_its_state_since_outputs_say_nothing_of_half_a_deployment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    calls = answered(monkeypatch, 0, json.dumps({"deployment": {"resources": []}}))
    assert PulumiDeployer(yes=True).standing("region1") == []
    assert calls == [["pulumi", "stack", "export", "--stack", "region1"]]
    answered(monkeypatch, 255, err="error: no stack named 'region1' found")
    assert PulumiDeployer(yes=True).standing("region1") == []
    answered(monkeypatch, 255, err="error: not logged in")
    with pytest.raises(DeploymentError, match="not logged in"):
        PulumiDeployer(yes=True).standing("region1")


def test_protection_is_lifted_from_a_copy_and_the_stack_file_stays_as_it_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    file = PROJECT / "Pulumi.region1.yaml"
    before = file.read_text()
    calls = answered(monkeypatch, 0)
    PulumiDeployer(yes=True).unprotect("region1")
    command, (copy,) = calls
    assert command[:4] == ["pulumi", "up", "--stack", "region1"]
    assert command[-1] == "--yes"
    own, copied = (yaml.safe_load(text)["config"] for text in (before, copy))
    assert copied == {**own, "resilient-orders:protect": False}
    assert file.read_text() == before


def test_a_failed_pulumi_names_its_command_and_its_stack(monkeypatch: pytest.MonkeyPatch) -> None:
    answered(monkeypatch, 255)
    with pytest.raises(
        DeploymentError, match=r"pulumi destroy of region2 ended with 255.*same command again"
    ):
        PulumiDeployer(yes=False).destroy("region2")


def test_no_pulumi_is_one_clear_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(DeploymentError, match="not on the PATH"):
        PulumiDeployer(yes=True).up("region1")
