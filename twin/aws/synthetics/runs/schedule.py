"""When which canary runs."""

import zlib
from collections.abc import Callable, Iterable
from typing import Final

from twin.aws.synthetics.state import Canary

_STEPS: Final = 1000


class Schedule:
    """`minute` is how many seconds of the clock a minute of a canary's rate lasts."""

    def __init__(self, minute: float) -> None:
        self._minute = minute
        # By canary and its last start: who is started again begins anew.
        self._next: dict[tuple[str, float], float] = {}

    def due(self, running: Iterable[Canary], now: float, is_up: Callable[[str], bool]) -> list[Canary]:
        """Those whose time has come. A dead region's runs are left out, not made up for."""
        times: dict[tuple[str, float], float] = {}
        found = []
        for canary in running:
            key, period = (canary.id, canary.started_at), canary.definition.minutes * self._minute
            at = self._next.get(key, canary.started_at + _offset(canary) * period)
            if at <= now:
                if is_up(canary.region):
                    found.append(canary)
                at += period * (1 + (now - at) // period)
            times[key] = at
        self._next = times
        return found


def _offset(canary: Canary) -> float:
    """The part of its period that a canary first waits, so that all of them do not run at once."""
    return zlib.crc32(f"{canary.region}/{canary.name}".encode()) % _STEPS / _STEPS
