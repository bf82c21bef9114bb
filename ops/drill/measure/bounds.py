"""Holds a drill's numbers against the bounds that were stated."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ops.drill.measure.orders_check import Aftermath
from ops.drill.measure.recovery import Recovery
from ops.drill.measure.statistics import Spread
from ops.drill.settings import Bounds


@dataclass(frozen=True, kw_only=True)
class BoundVerdict:
    """One bound, what was measured, and whether it was kept, both in `unit`.

    `note` says why where the number alone does not.
    """

    name: str
    bound: float
    value: float | None
    kept: bool
    unit: str = ""
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Measured:
    """What bounds apply to. `recoveries`: move -> client type -> what it saw. Lags are in seconds."""

    recoveries: Mapping[str, Mapping[str, Recovery]]
    failed: int
    aftermath: Aftermath
    lag: Spread | None
    configured_lag_p50: float | None


def verdicts(bounds: Bounds, measured: Measured) -> list[BoundVerdict]:
    """One verdict for each bound that was stated, RTOs once a move."""
    found: list[BoundVerdict] = []
    for client, bound in (("fresh", bounds.max_rto_fresh), ("pooled", bounds.max_rto_pooled)):
        if bound is not None:
            found += _recovery_verdicts(client, bound, measured.recoveries)
    found += _counts(bounds, measured)
    if bounds.max_lag_deviation is not None:
        found.append(_lag(bounds.max_lag_deviation, measured))
    return found


def _recovery_verdicts(
    client: str, bound: float, recoveries: Mapping[str, Mapping[str, Recovery]]
) -> Iterable[BoundVerdict]:
    for move, by_client in recoveries.items():
        seen = by_client.get(client)
        value, kept, note = None, False, "they sent nothing"
        if seen is not None:
            value, kept = seen.rto, seen.settled and seen.rto <= bound
            note = "" if seen.settled else "they had not moved when the phase ended"
        yield BoundVerdict(
            name=f"RTO of {client} clients, {move}", bound=bound, value=value, kept=kept, unit="s", note=note
        )


def _counts(bounds: Bounds, measured: Measured) -> Iterable[BoundVerdict]:
    after = measured.aftermath
    # An order that some region lacks after healing is lost to the customers there.
    pairs = (
        ("lost", "orders", bounds.max_lost, len(set(after.lost) | set(after.incomplete))),
        ("failed", "requests", bounds.max_failed, measured.failed),
        ("sold twice", "products", bounds.max_sold_twice, len(after.sold_twice)),
    )
    for name, unit, bound, value in pairs:
        if bound is not None:
            yield BoundVerdict(
                name=f"{unit} {name}", bound=bound, value=value, kept=value <= bound, unit=unit
            )


def _lag(bound: float, measured: Measured) -> BoundVerdict:
    name = "replication lag p50, deviation from what is configured, as a share of it"
    if measured.lag is None or not measured.configured_lag_p50:
        return BoundVerdict(name=name, bound=bound, value=None, kept=False, note="nothing to compare")
    deviation = abs(measured.lag.p50 / measured.configured_lag_p50 - 1)
    return BoundVerdict(name=name, bound=bound, value=deviation, kept=deviation <= bound)
