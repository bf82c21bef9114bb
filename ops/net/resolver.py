"""A caching resolver as a client's host has it: it keeps an answer for its TTL and asks again after that.

The lookup, the clock and the randomness are passed in. Before its first use the cache is given a random age,
as
if others on the host had been using it: how old it is at the switch decides how long the host follows the old
answer.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from random import Random


@dataclass(frozen=True, kw_only=True)
class Resolved:
    """Addresses of a name, and for how many seconds they may be kept."""

    addresses: tuple[str, ...]
    ttl: float


# Resolves the name from one place in the network; raises OSError when it cannot.
Lookup = Callable[[], Resolved]


class CachingResolver:
    """One host's cache for one name."""

    def __init__(self, lookup: Lookup, clock: Callable[[], float], random: Random) -> None:
        self._lookup = lookup
        self._clock = clock
        self._random = random
        self._lock = threading.Lock()
        self._answer: Resolved | None = None
        self._expires = 0.0

    def address(self) -> str:
        """One address of the name, from the cache while it may be kept; OSError when the lookup fails."""
        with self._lock:
            now = self._clock()
            if self._answer is None or now >= self._expires:
                first = self._answer is None
                self._answer = self._lookup()
                share = self._random.random() if first else 1.0
                self._expires = now + self._answer.ttl * share
            if not self._answer.addresses:
                raise OSError("the name has no address")
            return self._random.choice(self._answer.addresses)

    def age(self) -> float | None:
        """Seconds since the cached answer was new; None before the first one, or when it has expired."""
        with self._lock:
            remaining = self._expires - self._clock()
            if self._answer is None or remaining <= 0:
                return None
            return self._answer.ttl - remaining
