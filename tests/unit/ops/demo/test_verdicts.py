"""The statements of the full demonstration: each fails when what it says is not so."""

from dataclasses import replace

import pytest

from ops.demo.verdicts import Observations, verdicts
from ops.drill.measure.orders_check import Aftermath

AFTERMATH = Aftermath(acknowledged=200, lost=(), incomplete=(), sold_twice={}, unacknowledged=1)
GOOD = Observations(
    red_after=25.0,
    red_within=60.0,
    failed_canaries=1,
    green_after=50.0,
    green_within=120.0,
    metrics=84,
    without_data=[],
    alarms=40,
    not_evaluated=[],
    executions=2,
    unfinished=[],
    load=AFTERMATH,
    seconds=300.0,
)


def broken(seen: Observations) -> list[str]:
    return [verdict.name for verdict in verdicts(seen) if not verdict.kept]


def test_everything_can_hold() -> None:
    assert broken(GOOD) == []


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"red_after": None}, "from the kill to the region's alarm"),
        ({"red_after": 61.0}, "from the kill to the region's alarm"),
        ({"failed_canaries": 0}, "canaries outside that missed the outage"),
        ({"green_after": None}, "from the region's return to all green"),
        ({"without_data": ["Latency"]}, "metrics in dashboards without data"),
        ({"metrics": 0}, "metrics in dashboards without data"),
        ({"not_evaluated": ["api-5xx"]}, "alarms never evaluated"),
        ({"alarms": 0}, "alarms never evaluated"),
        ({"unfinished": ["FAILED"]}, "load executions that did not succeed"),
        ({"load": replace(AFTERMATH, lost=("o",))}, "load orders lost"),
        ({"load": replace(AFTERMATH, incomplete=("o",))}, "load orders lost"),
        ({"load": replace(AFTERMATH, acknowledged=0)}, "load orders lost"),
        ({"load": replace(AFTERMATH, sold_twice={"p": ("o", "q")})}, "products sold twice by the load"),
        ({"seconds": 601.0}, "the whole demonstration"),
    ],
)
def test_each_statement_fails_by_itself(change: dict[str, object], name: str) -> None:
    assert broken(replace(GOOD, **change)) == [name]  # type: ignore[arg-type]


def test_a_broken_statement_names_what_it_found() -> None:
    seen = replace(GOOD, without_data=["a", "b", "c", "d"])
    [note] = [verdict.note for verdict in verdicts(seen) if not verdict.kept]
    assert note == "of 84; a, b, c ..."
