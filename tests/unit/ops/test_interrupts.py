"""Signals: the first one stops, later ones wait for what is being put back."""

import os
import signal

import pytest

from ops.errors import InterruptedByOperator
from ops.interrupts import Guard


def test_the_first_signal_stops_and_later_ones_are_only_told() -> None:
    report: list[str] = []
    with Guard(lambda: report.append("wait")):
        with pytest.raises(InterruptedByOperator, match="SIGTERM"):
            os.kill(os.getpid(), signal.SIGTERM)
        os.kill(os.getpid(), signal.SIGINT)
        assert report == ["wait"]


def test_a_disarmed_guard_never_stops() -> None:
    report: list[str] = []
    with Guard(lambda: report.append("wait")) as guard:
        guard.disarm()
        os.kill(os.getpid(), signal.SIGINT)
    assert report == ["wait"]


def test_the_handlers_of_before_come_back() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with Guard(lambda: None):
        assert signal.getsignal(signal.SIGTERM) is not before
    assert signal.getsignal(signal.SIGTERM) is before
