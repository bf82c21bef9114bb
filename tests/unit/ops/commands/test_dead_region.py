"""Every command that looks at regions, from the command line, while one of them is dead."""

import json

import pytest
from botocore.exceptions import ConnectTimeoutError

from ops import cli
from ops.client import calls
from ops.deployed import options
from ops.deployed.deployment import Stack
from ops.deployed.target import Target
from tests.fakes.arc_endpoints import FakeArcCluster
from tests.fakes.ops_target import FakeTarget
from tests.unit.ops.checks.test_smoke import FakeApi
from tests.unit.ops.outputs import both

EAST, WEST = "us-east-1", "us-west-2"


@pytest.fixture
def target(monkeypatch: pytest.MonkeyPatch) -> FakeTarget:
    """The east is dead; both controls are On."""
    made = FakeTarget(
        deployed=both(),
        problems={EAST: ConnectTimeoutError(endpoint_url="https://sts.test")},
        cluster=FakeArcCluster(states={"arn:east": True, "arn:west": True}),
    )
    monkeypatch.setattr(options, "open_target", lambda _: made)
    return made


@pytest.fixture
def apis(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The regions whose API was called."""
    called: list[str] = []
    orders: dict[str, int] = {}

    def regional(_: Target, stack: Stack) -> FakeApi:
        called.append(stack.region)
        return FakeApi(stack.region, orders)

    monkeypatch.setattr(calls, "regional", regional)
    monkeypatch.setattr(calls, "shared", lambda *_: FakeApi(WEST, orders))
    return called


def test_smoke_of_one_region_touches_that_region_alone(target: FakeTarget, apis: list[str]) -> None:
    assert cli.main(["smoke", "--region", WEST, "--domain"]) == 0
    assert set(target.asked) == {WEST}
    assert apis == [WEST]


def test_smoke_of_the_survivors_names_who_is_left_out(
    target: FakeTarget, apis: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["smoke", "--survivors", "--json"]) == 0
    said = capsys.readouterr()
    assert apis == [WEST]
    assert json.loads(said.out)["leftOut"] == {EAST: "does not answer"}
    assert f"Left out: {EAST}, does not answer" in said.err


def test_smoke_without_a_survivor_is_an_error_and_not_an_empty_success(
    target: FakeTarget, apis: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    target.cluster.states["arn:west"] = False
    assert cli.main(["smoke", "--survivors"]) == 1
    assert "No region is On and answers" in capsys.readouterr().err


def test_smoke_of_the_survivors_goes_on_where_no_cluster_endpoint_answers(
    target: FakeTarget, apis: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    target.cluster.dead = {EAST, WEST}
    assert cli.main(["smoke", "--survivors"]) == 0
    assert apis == [WEST]
    assert "Which regions are Off is not known" in capsys.readouterr().err


def test_a_drill_does_not_move_customers_while_a_region_is_dead(
    target: FakeTarget, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["drill"]) == 1
    assert "us-east-1 did not answer" in capsys.readouterr().err
    assert target.cluster.updates == []


def test_reconcile_does_not_repair_what_not_all_regions_agree_on(
    target: FakeTarget, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["reconcile", "--repair"]) == 1
    assert "Nothing was written" in capsys.readouterr().err.replace("\n", " ")


class NoItems:
    """A table without items."""

    def get_paginator(self, _: str) -> "NoItems":
        return self

    def paginate(self, **_: object) -> list[object]:
        return [{"Items": []}]


def test_reconcile_reads_the_regions_that_answer_and_names_the_others(
    target: FakeTarget, capsys: pytest.CaptureFixture[str]
) -> None:
    target.clients = {("dynamodb", WEST): NoItems()}
    assert cli.main(["reconcile", "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert (found["regions"], found["notRead"]) == ([WEST], [EAST])
