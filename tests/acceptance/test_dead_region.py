"""What the runbook for an evacuation asks for, as it is typed, while the primary's region is dead."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from ops import cli
from tests.acceptance.routing import Cluster
from tests.acceptance.service import EAST, WEST, Service
from tests.waiting import until

pytestmark = pytest.mark.twin
Typed = Callable[[str], tuple[int, Any, str]]
MOVED = {EAST: "Off", WEST: "On"}


@pytest.fixture
def typed(
    traffic_at_home: Service,
    cluster: Cluster,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Typed:
    """Runs a command line with the east dead: exit status, the outcome of --json, and what was said."""
    monkeypatch.setenv("TWIN_HOME", str(traffic_at_home.twin.home))
    cluster.set({EAST: "On", WEST: "On"})
    traffic_at_home.twin.kill(EAST)

    def run(line: str) -> tuple[int, Any, str]:
        capsys.readouterr()
        status = cli.main([*line.split(), "--json"])
        out, err = capsys.readouterr()
        return status, json.loads(out) if out else None, err

    return run


def test_the_traffic_is_moved_and_the_survivor_is_checked(
    typed: Typed, cluster: Cluster, eventual: Service
) -> None:
    status, found, _ = typed(f"controls off {EAST}")
    assert (status, found["states"]) == (0, MOVED)
    assert cluster.states() == MOVED
    until(lambda: eventual.shared_region(EAST) == WEST, "the name leads to the survivor")

    for line in (f"smoke --region {WEST} --domain", "smoke --survivors --domain"):
        status, found, err = typed(line)
        assert status == 0, err
        assert {one["place"] for one in found["checks"]} == {WEST, "domain"}
    assert found["leftOut"] == {EAST: "does not answer"}

    status, found, err = typed(f"order create --region {WEST}")
    assert (status, found["answeredBy"]) == (0, WEST), err

    status, found, err = typed(f"load status --region {WEST}")
    assert (status, found["notRead"]) == (0, []), err


def test_parity_judges_the_survivor_and_calls_nothing_different(typed: Typed) -> None:
    status, found, _ = typed("parity --all")
    assert (status, found["notRead"]) == (1, [EAST])
    assert [row["item"] for row in found["rows"] if row["state"] == "FAILED"] == []
    assert [row["item"] for row in found["rows"] if row["state"] == "unread"] == [EAST]
    assert [one["region"] for one in found["carrying"]] == [WEST]
    sections = {row["section"] for row in found["rows"]}
    assert {"replicas", "certificate", "capacity"} <= sections


def test_what_needs_every_region_says_so_before_it_changes_anything(typed: Typed, cluster: Cluster) -> None:
    before = cluster.states()
    for line in ("drill", "reconcile --repair", "load start --items 1"):
        status, found, err = typed(line)
        assert (status, found) == (1, None)
        assert f"{EAST} did not answer" in err
    assert cluster.states() == before
    status, found, _ = typed("reconcile --grace 0")
    assert (status, found["regions"], found["notRead"]) == (1, [WEST], [EAST])


def test_customers_are_not_sent_back_to_a_dead_region_without_asking(typed: Typed, cluster: Cluster) -> None:
    cluster.set(MOVED)
    status, _, err = typed(f"controls on {EAST}")
    assert status == 1
    assert f"{EAST} does not serve customers" in err
    assert cluster.states() == MOVED
