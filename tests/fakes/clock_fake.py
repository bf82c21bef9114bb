"""A clock that only a test moves."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from functions.orders.clock import Clock

START = datetime(2026, 11, 24, 12, 0, 0, tzinfo=UTC)


@dataclass
class FakeClock:
    """``seconds`` have passed since START; sleeping passes time and is noted."""

    seconds: float = 0.0
    slept: list[float] = field(default_factory=list)

    def advance(self, seconds: float) -> None:
        self.seconds += seconds

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.seconds += seconds

    def clock(self) -> Clock:
        return Clock(
            monotonic=lambda: self.seconds,
            sleep=self.sleep,
            now=lambda: START + timedelta(seconds=self.seconds),
            random=lambda: 0.5,
        )
