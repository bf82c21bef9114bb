"""The phases of a drill and how long each lasts."""

from collections.abc import Callable
from dataclasses import dataclass

# What a change of a routing control may take to reach DNS; AWS says "a few seconds".
PROPAGATION_ALLOWANCE = 15.0
# Every client must have used the right region for so long before a phase counts as over.
SETTLE = 3.0
# The least that a move needs when a fixed duration is shared out.
SHORTEST_PHASE = 5.0


@dataclass(frozen=True, kw_only=True)
class Lengths:
    """How long traffic stays away, and how long the way back may take, at most, in seconds.

    `fixed`: a phase lasts exactly so long; otherwise it ends as soon as every client has moved.
    """

    away: float
    back: float
    fixed: bool


def lengths(*, duration: float | None, before_switch: float, ttl: float, pool_age: float) -> Lengths:
    """Share out what `duration` leaves after the switch, or allow what DNS and connections may take."""
    if duration is not None:
        half = max(SHORTEST_PHASE, (duration - before_switch) / 2)
        return Lengths(away=half, back=half, fixed=True)
    longest = PROPAGATION_ALLOWANCE + ttl + pool_age + SETTLE
    return Lengths(away=longest, back=longest, fixed=False)


class Settled:
    """True once a condition has held for `SETTLE` seconds without a break."""

    def __init__(self, condition: Callable[[], bool], clock: Callable[[], float]) -> None:
        self._condition = condition
        self._clock = clock
        self._since: float | None = None

    def __call__(self) -> bool:
        if not self._condition():
            self._since = None
            return False
        now = self._clock()
        if self._since is None:
            self._since = now
        return now - self._since >= SETTLE
