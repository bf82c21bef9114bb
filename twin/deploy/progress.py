"""What a deployment says while it runs."""

import shutil
import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import TextIO

# What is under way for longer is named in the live line, in seconds; others come and go unread.
SLOW = 1.0
REDRAW = 0.5
CLEAR_LINE = "\r\x1b[2K"


class Progress:
    """One line a resource: `region1  12/48    1.3 s  created  aws:lambda/function:Function orders-read`.

    With `live`, for a terminal, one line that is drawn over itself, with counts and what is slow. `clock`
    gives seconds.
    """

    def __init__(
        self,
        stack: str,
        stream: TextIO,
        *,
        live: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._stack, self._stream, self._live, self._clock = stack, stream, live, clock
        self._started = clock()
        self._lock = threading.Lock()
        self._under_way: dict[tuple[str, str], float] = {}
        self._ended = threading.Event()
        self.counts: Counter[str] = Counter()
        self.declared = 0
        """Resources that the program has declared so far; it grows while the program runs."""

    def __enter__(self) -> "Progress":
        if self._live:
            threading.Thread(target=self._keep_drawing, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        with self._lock:
            self._clear()

    @property
    def seconds(self) -> float:
        return self._clock() - self._started

    def say(self, text: str) -> None:
        """One line that stays."""
        with self._lock:
            self._clear()
            print(f"{self._stack}  {text}", file=self._stream, flush=True)

    def begun(self, pulumi_type: str, name: str) -> None:
        with self._lock:
            self._under_way[pulumi_type, name] = self._clock()

    def done(self, what: str, pulumi_type: str, name: str, took: float | None = None) -> None:
        with self._lock:
            self.counts[what] += 1
            self._under_way.pop((pulumi_type, name), None)
            if self._live:
                self._draw()
                return
            time_taken = f" ({took:.2f} s)" if took is not None else ""
            line = f"{self._counted()}  {what:<9} {pulumi_type} {name}{time_taken}"
            print(line, file=self._stream, flush=True)

    def summary(self) -> str:
        return f"{self._tallied() or 'nothing declared'} in {self.seconds:.1f} s"

    def live_line(self) -> str:
        """How far it is, and what has been under way the longest."""
        line = f"{self._counted()}  {self._tallied()}"
        slowest = min(self._under_way.items(), key=lambda entry: entry[1], default=None)
        if slowest is None or self._clock() - slowest[1] < SLOW:
            return line
        (kind, name), since = slowest
        return f"{line}  {self._clock() - since:.0f} s in {kind} {name}"

    def _counted(self) -> str:
        count = sum(self.counts.values())
        return f"{self._stack}  {count:>3}/{max(self.declared, count):<3} {self.seconds:6.1f} s"

    def _tallied(self) -> str:
        return ", ".join(f"{count} {what}" for what, count in sorted(self.counts.items()))

    def _keep_drawing(self) -> None:
        while not self._ended.wait(REDRAW):
            with self._lock:
                self._draw()

    def _draw(self) -> None:
        if self._ended.is_set():
            return
        # A line that wraps could not be drawn over.
        line = self.live_line()[: shutil.get_terminal_size().columns - 1]
        print(f"{CLEAR_LINE}{line}", end="", file=self._stream, flush=True)

    def _clear(self) -> None:
        if self._live:
            print(CLEAR_LINE, end="", file=self._stream, flush=True)
