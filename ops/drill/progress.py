"""The line that shows how a drill goes."""

from collections.abc import Callable

from ops.console import Console
from ops.drill.measure.ledger import Ledger, Result

REFRESH = 0.5
# Rates are those of the last so many seconds.
WINDOW = 2.0


class Live:
    """Shows phase, time, requests a second by region, and failures so far."""

    def __init__(self, ledger: Ledger, console: Console, clock: Callable[[], float]) -> None:
        self._ledger = ledger
        self._console = console
        self._clock = clock
        self._shown = -REFRESH

    def show(self, phase: str) -> None:
        now = self._clock()
        if now - self._shown >= REFRESH:
            self._shown = now
            self._console.progress(self.line(phase, now))

    def line(self, phase: str, now: float) -> str:
        """Such as `  12.5 s  steady    us-east-1 10.0/s  us-west-2 9.5/s  failed 0`."""
        rates: dict[str, int] = {}
        failed = 0
        for entry in self._ledger.entries():
            if entry.result is Result.FAILED:
                failed += 1
            elif entry.region:
                rates[entry.region] = rates.get(entry.region, 0) + (entry.answered > now - WINDOW)
        by_region = "  ".join(f"{region} {rates[region] / WINDOW:.1f}/s" for region in sorted(rates))
        return f"{now:6.1f} s  {phase:9} {by_region}  failed {failed}"
