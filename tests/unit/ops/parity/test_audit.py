"""The audit goes on where something cannot be read, and the command says what it compared."""

from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError

from ops import cli
from ops.checks.findings import State
from ops.deployed import options
from ops.deployed.deployment import parse
from ops.parity import tables
from ops.parity.audit import audit
from tests.fakes.ops_target import FakeTarget
from tests.unit.ops.outputs import both, outputs

EAST, WEST = "us-east-1", "us-west-2"
REGIONS = (EAST, WEST)
DEPLOYMENT = parse(both(), source="test")
SERVICES = ("lambda", "apigateway", "dynamodb", "acm", "cloudwatch")
SECTIONS = {
    "functions",
    "API body",
    "API settings",
    "domain",
    "tables",
    "replicas",
    "certificate",
    "capacity",
}


class Dead:
    """A service of a region that does not answer; counts its calls."""

    def __init__(self) -> None:
        self.calls = 0

    def __getattr__(self, operation: str) -> Any:
        def call(**_: Any) -> Any:
            self.calls += 1
            raise ConnectTimeoutError(endpoint_url="https://dead.test")

        return call


def test_a_region_that_stops_answering_is_a_row_and_is_then_left_alone() -> None:
    dead = Dead()
    target = FakeTarget(clients=dict.fromkeys(SERVICES, dead))
    found = audit(target, DEPLOYMENT, now=datetime.now(UTC), days=1)
    assert [(row.section, row.state) for row in found.rows] == [("functions", State.NOT_READ)] * len(REGIONS)
    assert dead.calls == len(REGIONS)
    assert found.measured == ()


class Denied(Dead):
    """A service that these credentials may not read."""

    def __getattr__(self, operation: str) -> Any:
        error = {"Error": {"Code": "AccessDenied"}, "ResponseMetadata": {"HTTPStatusCode": 403}}
        raise ClientError(error, operation)  # type: ignore[arg-type]


def test_what_may_not_be_read_keeps_nothing_else_from_being_read() -> None:
    target = FakeTarget(clients=dict.fromkeys(SERVICES, Denied()))
    rows = audit(target, DEPLOYMENT, now=datetime.now(UTC), days=1).rows
    assert {row.section for row in rows} == SECTIONS
    assert {row.state for row in rows} == {State.NOT_READ}


def test_a_region_known_to_be_dead_is_not_called_at_all() -> None:
    dead = Dead()
    target = FakeTarget(clients=dict.fromkeys(SERVICES, dead))
    silent = dict.fromkeys(REGIONS, "nothing in 4 s")
    rows = audit(target, DEPLOYMENT, now=datetime.now(UTC), days=1, silent=silent).rows
    assert (dead.calls, target.asked) == (0, [])
    assert [row.note.partition(",")[0] for row in rows] == [
        f"{region} does not answer (nothing in 4 s)" for region in REGIONS
    ]


class Describing:
    """DynamoDB's description of any table."""

    def __init__(self, status: str, **replicas: str) -> None:
        self._table = {
            "TableStatus": status,
            "Replicas": [{"RegionName": r, "ReplicaStatus": s} for r, s in replicas.items()],
        }

    def describe_table(self, **_: Any) -> Any:
        return {"Table": self._table}


@pytest.mark.parametrize(
    ("west_sees", "state"),
    [("ACTIVE", State.OK), ("CREATING", State.FAILED), ("INACCESSIBLE_ENCRYPTION_CREDENTIALS", State.FAILED)],
)
def test_every_region_must_see_every_replica_active(west_sees: str, state: State) -> None:
    clients = {
        EAST: Describing("ACTIVE", **{WEST: "ACTIVE"}),
        WEST: Describing("ACTIVE", **{EAST: west_sees}),
    }
    seen = {stack.region: tables.replicas(clients[stack.region], stack) for stack in DEPLOYMENT.stacks}
    assert {row.state for row in tables.status(seen)} == {state}


def test_a_survivor_is_not_blamed_for_how_it_sees_a_dead_regions_replica() -> None:
    (_, west) = DEPLOYMENT.stacks
    seen = {WEST: tables.replicas(Describing("ACTIVE", **{EAST: "REGION_DISABLED"}), west)}
    assert {row.state for row in tables.status(seen)} == {State.OK}


def test_one_region_has_nothing_to_be_compared_with(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    target = FakeTarget(deployed={"region1": outputs(EAST)})
    monkeypatch.setattr(options, "open_target", lambda _: target)
    assert cli.main(["parity"]) == 2
    assert "Only us-east-1 is deployed" in capsys.readouterr().err


def test_more_days_than_cloudwatch_keeps_minutes_for_are_misuse(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["parity", "--days", "16"]) == 2
    assert "15 days" in capsys.readouterr().err
