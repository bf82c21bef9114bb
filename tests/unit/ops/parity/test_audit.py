"""The audit goes on where something cannot be read, and the command says what it compared."""

from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ConnectTimeoutError

from ops import cli, options
from ops.deployment import parse
from ops.findings import State
from ops.parity import tables
from ops.parity.audit import audit
from tests.fakes.ops_target import FakeTarget
from tests.unit.ops.outputs import both, outputs

EAST, WEST = "us-east-1", "us-west-2"


class Dead:
    """A service of a region that does not answer."""

    def __getattr__(self, operation: str) -> Any:
        def call(**_: Any) -> Any:
            raise ConnectTimeoutError(endpoint_url="https://dead.test")

        return call


def test_a_region_that_does_not_answer_is_a_row_of_each_section_and_no_trace() -> None:
    services = ("lambda", "apigateway", "dynamodb", "acm", "cloudwatch")
    target = FakeTarget(clients=dict.fromkeys(services, Dead()))
    deployment = parse(both(), source="test")
    rows = audit(target, deployment, now=datetime.now(UTC), days=1)
    assert {row.state for row in rows} == {State.FAILED}
    assert {row.section for row in rows} == {
        "functions",
        "API body",
        "API settings",
        "domain",
        "tables",
        "capacity",
    }
    assert all("dead.test" in row.note for row in rows)


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
    stack = parse({"region1": outputs(EAST)}, source="test").primary
    assert {row.state for row in tables.status(clients, stack)} == {state}


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
