"""When requests are due: at a steady rate, whatever the answers take (an open loop, as customers are)."""

import threading
from collections.abc import Callable, Iterator
from itertools import count

# Seconds; below what floating-point clocks can tell apart, waiting would never end.
CLOSE_ENOUGH = 1e-6


def due(
    rate: float,
    *,
    clock: Callable[[], float],
    stop: threading.Event,
    pause: Callable[[float], object] | None = None,
) -> Iterator[float]:
    """Yield each moment at which a request is due, `rate` of them a second, until `stop` is set.

    A late caller gets the moments that it missed one after the other: the number sent stays `rate` x time.
    `pause(seconds)` waits, by default on `stop`.
    """
    wait = pause or stop.wait
    start = clock()
    for number in count():
        moment = start + number / rate
        while not stop.is_set() and (left := moment - clock()) > CLOSE_ENOUGH:
            wait(left)
        if stop.is_set():
            return
        yield moment
