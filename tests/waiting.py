"""Waits for what must come, and says what never came."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

PATIENCE = 60.0
"""Seconds: generous, since only a failure takes so long, and a busy machine is slow."""


def until(condition: Callable[[], T | None], what: str, *, seconds: float = PATIENCE) -> T:
    """The first truthy value of `condition`; fails, saying what never came, after `seconds`."""
    deadline = time.monotonic() + seconds
    while True:
        found = condition()
        if found:
            return found
        assert time.monotonic() < deadline, f"{what}: not within {seconds:g} s"
        time.sleep(0.02)
