"""When requests are due, and how long phases last."""

import threading
from itertools import islice

import pytest

from ops.drill.clients.traffic import due
from ops.drill.phases import SETTLE, Settled, lengths


class Time:
    def __init__(self) -> None:
        self.now = 50.0

    def clock(self) -> float:
        return self.now

    def pause(self, seconds: float) -> None:
        self.now += seconds


def test_requests_are_due_at_a_steady_rate() -> None:
    time = Time()
    moments = list(islice(due(4.0, clock=time.clock, stop=threading.Event(), pause=time.pause), 5))
    assert moments == pytest.approx([50.0, 50.25, 50.5, 50.75, 51.0])


def test_what_was_missed_is_due_at_once() -> None:
    time = Time()
    moments = due(10.0, clock=time.clock, stop=threading.Event(), pause=time.pause)
    next(moments)
    time.now += 0.35
    late = [next(moments) for _ in range(3)]
    assert late == pytest.approx([50.1, 50.2, 50.3])
    assert time.now == pytest.approx(50.35)


def test_nothing_is_due_once_stopped() -> None:
    time, stop = Time(), threading.Event()
    moments = due(10.0, clock=time.clock, stop=stop, pause=time.pause)
    next(moments)
    stop.set()
    assert list(moments) == []


def test_a_duration_is_shared_out_after_the_switch() -> None:
    found = lengths(duration=50.0, before_switch=10.0, ttl=10.0, pool_age=10.0)
    assert (found.away, found.back, found.fixed) == (20.0, 20.0, True)


def test_without_a_duration_a_phase_may_take_what_dns_and_connections_need() -> None:
    found = lengths(duration=None, before_switch=10.0, ttl=60.0, pool_age=30.0)
    assert found.away > 60 + 30
    assert not found.fixed


def test_a_condition_has_to_hold_without_a_break() -> None:
    time, holds = Time(), True
    settled = Settled(lambda: holds, time.clock)
    assert not settled()
    time.now += SETTLE - 0.1
    holds = False
    assert not settled()
    holds = True
    assert not settled()
    time.now += SETTLE - 0.1
    assert not settled()
    time.now += 0.1
    assert settled()
