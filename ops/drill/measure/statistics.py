"""Small statistics over what a drill saw."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import floor


@dataclass(frozen=True, kw_only=True)
class Spread:
    """How a quantity is spread; the quantity's own unit."""

    samples: int
    p50: float
    p99: float
    maximum: float


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` (0..1) of them lie, interpolated between the two nearest.

    ValueError when there are none.
    """
    if not values:
        raise ValueError("no values")
    ordered = sorted(values)
    position = share * (len(ordered) - 1)
    low = floor(position)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (position - low)


def spread(values: Iterable[float]) -> Spread | None:
    """p50, p99 and maximum; None when there are no values."""
    known = list(values)
    if not known:
        return None
    return Spread(
        samples=len(known), p50=percentile(known, 0.5), p99=percentile(known, 0.99), maximum=max(known)
    )
