"""Waits for what must come, and says what never came."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

PATIENCE = 60.0
"""Seconds: generous, since only a failure takes so long, and a busy machine is slow."""


def until(
    condition: Callable[[], T | None], what: str | Callable[[], object], *, seconds: float = PATIENCE
) -> T:
    """The first truthy value of `condition`; fails after `seconds`, saying what never came.

    `what` is a few words, or a function that says then how things stand.
    """
    deadline = time.monotonic() + seconds
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() >= deadline:
            raise AssertionError(f"{what() if callable(what) else what}: not within {seconds:g} s")
        time.sleep(0.02)
