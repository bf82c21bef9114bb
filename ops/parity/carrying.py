"""Can a region carry all the traffic alone? The answer that an operator waits for, from limits and peak."""

from collections.abc import Sequence
from dataclasses import dataclass

from ops.parity.capacity import Limit


@dataclass(frozen=True, kw_only=True)
class Carrying:
    """How many `times` the measured peak a region can carry, and which limit is the `tightest`.

    `times` is None where nothing was measured, or no limit is known.
    """

    region: str
    times: float | None
    tightest: str

    @property
    def enough(self) -> bool | None:
        return None if self.times is None else self.times >= 1


def carrying(region: str, limits: Sequence[Limit]) -> Carrying:
    """By the limit that is reached first."""
    known = [
        (limit / one.needed, one.item)
        for one in limits
        if one.needed and (limit := one.limits.get(region)) is not None
    ]
    times, tightest = min(known, default=(None, ""))
    return Carrying(region=region, times=times, tightest=tightest)


def sentence(one: Carrying, *, measured: Sequence[str], unread: Sequence[str]) -> str:
    """The answer in words; `measured` are the regions whose traffic is in the peak, `unread` the others."""
    if one.times is None:
        return f"Whether {one.region} can carry all the traffic is not known: nothing was measured."
    peak = f"the busiest minute of {', '.join(measured)}"
    if one.times < 1:
        share = f"{one.tightest} is enough for {one.times:.2f} of {peak}"
        return f"{one.region} cannot carry all the traffic: {share}."
    times = f"{one.times:.1f} times {peak} (reached first: {one.tightest})"
    if not unread:
        return f"{one.region} can carry all the traffic: {times}."
    return (
        f"{one.region} can carry {times}. What {', '.join(unread)} carried cannot be read, since the metrics "
        f"of it are there: all the traffic is carried if that was at most {one.times - 1:.1f} times as much."
    )
