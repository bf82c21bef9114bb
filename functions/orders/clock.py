"""Time and chance, in one place so that tests can pass in their own."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, kw_only=True)
class Clock:
    """``monotonic`` and ``sleep`` count seconds; ``random`` gives 0 <= x < 1."""

    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    random: Callable[[], float] = random.random


def timestamp(moment: datetime) -> str:
    """RFC 3339 in UTC with microseconds, as stored in items and written in log lines."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
