"""Ctrl-C and termination signals as an exception, once; what has to be put back is then
put back undisturbed.
"""

import signal
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Any

from ops.errors import InterruptedByOperator

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Guard:
    """While entered, the first signal raises InterruptedByOperator in the main thread; later ones, and all
    after
    `disarm`, only call `tell`.
    """

    def __init__(self, tell: Callable[[], None]) -> None:
        self._tell = tell
        self._armed = True
        self._before: dict[signal.Signals, Any] = {}

    def disarm(self) -> None:
        self._armed = False

    def __enter__(self) -> "Guard":
        self._before = {number: signal.signal(number, self._handle) for number in SIGNALS}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _handle(self, number: int, _frame: FrameType | None) -> None:
        if self._armed:
            self._armed = False
            raise InterruptedByOperator(f"Interrupted by {signal.Signals(number).name}.")
        self._tell()
