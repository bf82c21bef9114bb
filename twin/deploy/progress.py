"""What a deployment says while it runs."""

import threading
import time
from collections import Counter
from typing import TextIO


class Progress:
    """One line a resource: `region1  12/48    1.3 s  created  aws:lambda/function:Function orders-read`."""

    def __init__(self, stack: str, stream: TextIO) -> None:
        self._stack, self._stream = stack, stream
        self._started = time.monotonic()
        self._lock = threading.Lock()
        self.counts: Counter[str] = Counter()
        self.declared = 0
        """Resources that the program has declared so far; it grows while the program runs."""

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._started

    def say(self, text: str) -> None:
        with self._lock:
            print(f"{self._stack}  {text}", file=self._stream, flush=True)

    def done(self, what: str, pulumi_type: str, name: str, took: float | None = None) -> None:
        with self._lock:
            self.counts[what] += 1
            count = sum(self.counts.values())
            total = max(self.declared, count)
            time_taken = f" ({took:.2f} s)" if took is not None else ""
            print(
                f"{self._stack}  {count:>3}/{total:<3} {self.seconds:6.1f} s  "
                f"{what:<9} {pulumi_type} {name}{time_taken}",
                file=self._stream,
                flush=True,
            )

    def summary(self) -> str:
        parts = [f"{count} {what}" for what, count in sorted(self.counts.items())]
        return f"{', '.join(parts) or 'nothing declared'} in {self.seconds:.1f} s"
