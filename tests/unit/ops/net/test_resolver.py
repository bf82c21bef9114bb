"""A host's DNS cache."""

from dataclasses import dataclass, field
from random import Random

import pytest

from ops.net.resolver import CachingResolver, Resolved


@dataclass
class Dns:
    """Answers with the next of `answers`, the last one for ever; `now` is the clock."""

    answers: list[Resolved]
    now: float = 0.0
    asked: int = 0
    failing: bool = field(default=False)

    def look(self) -> Resolved:
        self.asked += 1
        if self.failing:
            raise OSError("no answer")
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    def clock(self) -> float:
        return self.now


class Fixed(Random):
    """A random cache age: `share` (below 1) of the TTL is left."""

    def __init__(self, share: float) -> None:
        super().__init__(0)
        self._share = share

    def random(self) -> float:
        return self._share


EAST, WEST = Resolved(addresses=("10.0.0.1",), ttl=10.0), Resolved(addresses=("10.0.0.2",), ttl=10.0)


def test_an_answer_is_kept_for_what_is_left_of_its_ttl_and_then_for_all_of_it() -> None:
    dns = Dns([EAST, WEST])
    resolver = CachingResolver(dns.look, dns.clock, Fixed(0.4))
    seen = []
    for now in (0.0, 3.9, 4.0, 13.9):
        dns.now = now
        seen.append(resolver.address())
    assert seen == ["10.0.0.1", "10.0.0.1", "10.0.0.2", "10.0.0.2"]
    assert dns.asked == 2
    dns.now = 14.0
    resolver.address()
    assert dns.asked == 3


def test_the_age_says_how_long_the_answer_has_been_kept() -> None:
    dns = Dns([EAST])
    resolver = CachingResolver(dns.look, dns.clock, Fixed(0.4))
    assert resolver.age() is None
    resolver.address()
    assert resolver.age() == pytest.approx(6.0)
    dns.now = 3.0
    assert resolver.age() == pytest.approx(9.0)
    dns.now = 4.5
    assert resolver.age() is None


def test_a_failed_lookup_is_an_error_and_the_next_one_asks_again() -> None:
    dns = Dns([EAST], failing=True)
    resolver = CachingResolver(dns.look, dns.clock, Fixed(0.5))
    with pytest.raises(OSError, match="no answer"):
        resolver.address()
    dns.failing = False
    assert resolver.address() == "10.0.0.1"


def test_a_name_without_an_address_is_an_error() -> None:
    dns = Dns([Resolved(addresses=(), ttl=10.0)])
    with pytest.raises(OSError, match="no address"):
        CachingResolver(dns.look, dns.clock, Fixed(0.5)).address()


def test_hosts_with_one_seed_have_the_same_cache_ages() -> None:
    def age(seed: int) -> float | None:
        dns = Dns([EAST])
        resolver = CachingResolver(dns.look, dns.clock, Random(seed))
        resolver.address()
        return resolver.age()

    assert age(1) == age(1) != age(2)
