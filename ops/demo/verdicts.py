"""What the full demonstration states beside the drill's own bounds, and whether each statement held."""

from collections.abc import Sequence
from dataclasses import dataclass

from ops.drill.measure.bounds import BoundVerdict
from ops.drill.measure.orders_check import Aftermath

# Ten minutes: the longest that the whole demonstration may take.
MOST_SECONDS = 600.0


@dataclass(frozen=True, kw_only=True)
class Observations:
    """Everything that is stated about. Seconds are None where something was never seen.

    `red_after` counts from the kill until the region's alarm, `green_after` from the region's return until
    everything was green; `red_within` and `green_within` are the bounds on them.
    """

    red_after: float | None
    red_within: float
    failed_canaries: int
    green_after: float | None
    green_within: float
    metrics: int
    without_data: Sequence[str]
    alarms: int
    not_evaluated: Sequence[str]
    executions: int
    unfinished: Sequence[str]
    load: Aftermath
    seconds: float


def verdicts(seen: Observations) -> list[BoundVerdict]:
    """One verdict a statement, as the drill gives them for its bounds."""
    return [
        _time("from the kill to the region's alarm", seen.red_within, seen.red_after),
        _none("canaries outside that missed the outage", [] if seen.failed_canaries else ["all"]),
        _time("from the region's return to all green", seen.green_within, seen.green_after),
        _none("metrics in dashboards without data", seen.without_data, of=seen.metrics),
        _none("alarms never evaluated", seen.not_evaluated, of=seen.alarms),
        _none("load executions that did not succeed", seen.unfinished, of=seen.executions),
        _none(
            "load orders lost", sorted({*seen.load.lost, *seen.load.incomplete}), of=seen.load.acknowledged
        ),
        _none("products sold twice by the load", list(seen.load.sold_twice)),
        _time("the whole demonstration", MOST_SECONDS, seen.seconds),
    ]


def _time(name: str, bound: float, value: float | None) -> BoundVerdict:
    if value is None:
        return BoundVerdict(name=name, bound=bound, value=None, kept=False, unit="s", note="never seen")
    return BoundVerdict(name=name, bound=bound, value=round(value, 1), kept=value <= bound, unit="s")


def _none(name: str, found: Sequence[str], *, of: int | None = None) -> BoundVerdict:
    """Nothing may be found; of nothing looked at, nothing can be said."""
    notes = [] if of is None else [f"of {of}"]
    notes += [", ".join(found[:3]) + (" ..." if len(found) > 3 else "")] if found else []
    return BoundVerdict(
        name=name, bound=0, value=len(found), kept=not found and of != 0, note="; ".join(notes)
    )
