"""What a deployment needs beforehand."""

from collections.abc import Mapping
from typing import Any

import pytest
from botocore.exceptions import ClientError

from ops.checks.findings import Finding, State, table
from ops.deployed.stacks import StackPlan
from ops.deploying.preflight import inspect
from tests.fakes.ops_target import FakeTarget
from tests.unit.ops.outputs import both, outputs
from tests.unit.ops.plans import plan


class FakeRoute53:
    def __init__(self, *zones: Mapping[str, Any]) -> None:
        self._zones = zones

    def list_hosted_zones_by_name(self, *, DNSName: str) -> Mapping[str, Any]:  # noqa: N803 - boto3's name
        return {"HostedZones": list(self._zones)}


class FakeGateway:
    def __init__(self, role: str | None) -> None:
        self._role = role

    def get_account(self) -> Mapping[str, Any]:
        if self._role == "denied":
            raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "GetAccount")
        return {"cloudwatchRoleArn": self._role} if self._role else {}


def zone(identity: str = "Z1", name: str = "example.com.", *, private: bool = False) -> Mapping[str, Any]:
    return {"Id": f"/hostedzone/{identity}", "Name": name, "Config": {"PrivateZone": private}}


def target(*zones: Mapping[str, Any], role: str | None = "arn:role", **fields: Any) -> FakeTarget:
    clients = {"route53": FakeRoute53(*(zones or (zone(),))), "apigateway": FakeGateway(role)}
    return FakeTarget(clients=clients, **({"deployed": both()} | fields))


def states(where: FakeTarget, of: StackPlan | None = None) -> dict[str, State]:
    return {f.name: f.state for f in inspect(where, of or plan())}


def finding(where: FakeTarget, name: str, of: StackPlan | None = None) -> Finding:
    return next(f for f in inspect(where, of or plan()) if f.name == name)


def test_everything_there_is_all_well() -> None:
    assert set(states(target()).values()) == {State.OK}
    assert len(states(target())) == 5


def test_another_account_fails() -> None:
    found = finding(target(account="999999999999"), "account", plan(accountId="111122223333"))
    assert found.state is State.FAILED
    assert "999999999999" in found.seen


@pytest.mark.parametrize(
    "zones",
    [
        [zone(name="other.com.")],
        [zone(private=True)],
    ],
)
def test_a_zone_that_is_missing_or_private_fails_with_what_to_do(zones: list[Mapping[str, Any]]) -> None:
    found = finding(target(*zones), "hosted zone")
    assert found.state is State.FAILED
    assert "hostedZone" in found.todo


def test_two_public_zones_of_one_name_need_the_id() -> None:
    two = target(zone("Z1"), zone("Z2"))
    assert finding(two, "hosted zone").state is State.FAILED
    assert "Z1, Z2" in finding(two, "hosted zone").seen
    assert finding(two, "hosted zone", plan(hostedZoneId="Z2")).state is State.OK


def test_access_logs_need_the_role_unless_a_stack_makes_it_or_there_are_none() -> None:
    name, bare = "API Gateway's log role in us-west-2", target(role=None)
    assert finding(bare, name).state is State.FAILED
    assert "manageApiGatewayAccount" in finding(bare, name).todo
    assert finding(bare, name, plan(manageApiGatewayAccount=True)).state is State.LATER
    assert finding(bare, name, plan(apiAccessLogs=False)).state is State.OK


def test_a_check_that_may_not_be_made_fails_and_the_others_go_on() -> None:
    found = states(target(role="denied"))
    assert found["API Gateway's log role in us-east-1"] is State.FAILED
    assert found["primary stack region1"] is State.OK


def test_a_primary_that_is_not_deployed_yet_comes_first() -> None:
    assert finding(target(deployed={}), "primary stack region1").state is State.LATER


def test_a_primary_of_a_newer_schema_fails() -> None:
    newer = target(deployed={"region1": outputs("us-east-1", schemaVersion=9)})
    assert finding(newer, "primary stack").state is State.FAILED


def test_the_table_says_what_to_do_below_what_failed() -> None:
    text = table([Finding(name="a", state=State.FAILED, seen="none", todo="make one")])
    assert text.splitlines() == ["FAILED  a  none", "           -> make one"]
