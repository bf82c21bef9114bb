"""`reconcile` from the command line: what is asked, what is printed, and what is then written."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ConnectTimeoutError

from ops import cli
from ops.deployed import options
from tests.fakes.ops_target import FakeTarget
from tests.unit.ops.outputs import both
from tests.unit.ops.reconcile.items import Item, customer, order, product
from tests.unit.ops.reconcile.stored import Stored

EAST, WEST = "us-east-1", "us-west-2"
TWICE = [product("p", "a"), order("a", "p"), order("b", "p", customer="d")]
HALF = [product("p", "a"), customer()]
LOSS = "customer d loses product p (order b)"


class Place:
    """A deployment in two regions whose tables start out alike, and the command."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, trail: Path) -> None:
        self._monkeypatch = monkeypatch
        self.trail = trail
        self.target = FakeTarget(deployed=both())
        monkeypatch.setattr(options, "open_target", lambda _: self.target)

    def store(self, items: list[Item]) -> tuple[Stored, Stored]:
        east, west = Stored(*items), Stored(*items)
        self.target.clients = {("dynamodb", EAST): east, ("dynamodb", WEST): west}
        return east, west

    def run(self, *arguments: str, typed: io.StringIO | None = None) -> int:
        self._monkeypatch.setattr("sys.stdin", typed or io.StringIO())
        return cli.main(["reconcile", "--grace", "0", "--trail", str(self.trail), *arguments])


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Place:
    return Place(monkeypatch, tmp_path / "trail.jsonl")


def read(capsys: pytest.CaptureFixture[str]) -> tuple[dict[str, Any], str]:
    said = capsys.readouterr()
    (found,) = json.loads(said.out)["found"]
    return found, said.err


@pytest.mark.parametrize("typed", ["", "no\n"])
def test_no_order_is_cancelled_unless_somebody_agrees(
    place: Place, capsys: pytest.CaptureFixture[str], typed: str
) -> None:
    east, west = place.store(TWICE)
    assert place.run("--repair", typed=io.StringIO(typed)) == 1
    said = capsys.readouterr().err
    assert f"would cancel the order b: {LOSS}" in said
    assert "--yes" in said
    assert not east.written
    assert not west.written
    assert not place.trail.exists()


@pytest.mark.parametrize(("options", "typed"), [((), "yes\n"), (("--yes",), "")])
def test_what_was_agreed_to_is_done_and_the_trail_says_who_lost_what(
    place: Place, capsys: pytest.CaptureFixture[str], options: tuple[str, ...], typed: str
) -> None:
    east, _ = place.store(TWICE)
    assert place.run("--json", "--repair", *options, typed=io.StringIO(typed)) == 0
    found, said = read(capsys)
    assert found["loses"] == [{"order": "b", "customer": "d", "product": "p"}]
    assert LOSS in said
    assert [write["Key"] for write in east.written] == [{"OrderId": {"S": "b"}}]
    trail = [json.loads(line) for line in place.trail.read_text().splitlines()]
    assert [line["loses"] for line in trail] == found["loses"] * 2


def test_what_takes_nothing_from_anybody_is_not_asked_for_on_the_twin(place: Place) -> None:
    east, _ = place.store(HALF)
    assert place.run("--repair") == 0
    assert len(east.written) == 1


def test_on_aws_every_write_is_asked_for(place: Place) -> None:
    east, _ = place.store(HALF)
    place.target.name = "aws"
    assert place.run("--repair") == 1
    assert not east.written


class Slow(io.StringIO):
    """Somebody types yes, after the product went to the other order."""

    def __init__(self, *regions: Stored) -> None:
        super().__init__()
        self._regions = regions

    def readline(self, *_: Any) -> str:  # type: ignore[override]
        for region in self._regions:
            region.items = (product("p", "b"), *region.items[1:])
        return "yes\n"


def test_nothing_is_written_of_what_changed_while_somebody_read_the_question(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    east, west = place.store(TWICE)
    assert place.run("--json", "--repair", typed=Slow(east, west)) == 1
    found, _ = read(capsys)
    assert found["outcome"].startswith("changed meanwhile")
    assert not east.written


def test_an_order_from_before_the_restore_has_its_product(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    old = order("b", "p", created="2026-11-24T18:00:00.000000Z")
    place.store([product("p", "a"), order("a", "p"), old])
    assert place.run("--json", "--restored", "2026-11-25T06:00:00Z") == 1
    found, _ = read(capsys)
    assert found["repairs"] == ["mark the product as sold to b", "cancel the order a"]
    assert found["loses"] == [{"order": "a", "customer": "c", "product": "p"}]


@pytest.mark.parametrize("time", ["yesterday", "2026-11-25T06:00:00"])
def test_a_restore_that_does_not_say_when_is_refused(place: Place, time: str) -> None:
    place.store(TWICE)
    assert place.run("--restored", time) == 2


class DeadTables(Stored):
    def paginate(self, **_: Any) -> Any:
        raise ConnectTimeoutError(endpoint_url="https://dynamodb.test")


def test_a_region_whose_tables_do_not_answer_is_named_and_repairs_wait_for_it(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    _, west = place.store(TWICE)
    place.target.clients["dynamodb", EAST] = DeadTables()
    assert place.run("--json") == 1
    said = json.loads(capsys.readouterr().out)
    assert (said["regions"], said["notRead"]) == ([WEST], [EAST])
    assert said["found"][0]["outcome"] == f"repairable when {EAST} has been read and agrees"
    assert place.run("--repair", "--yes") == 1
    assert "Nothing was written" in capsys.readouterr().err.replace("\n", " ")
    assert not west.written


def test_yes_without_repair_is_a_misuse(place: Place) -> None:
    assert place.run("--yes") == 2
