"""Bounds that a drill has to keep."""

from typing import Any

from ops.drill.measure.bounds import Measured, verdicts
from ops.drill.measure.orders_check import Aftermath
from ops.drill.measure.recovery import Recovery
from ops.drill.measure.statistics import Spread
from ops.drill.settings import Bounds


def seen(rto: float, *, settled: bool = True) -> Recovery:
    return Recovery(
        rto=rto, first_new=1.0, last_old=rto, last_failure=None, failed=0, requests=9, settled=settled
    )


def measured(**fields: Any) -> Measured:
    values: dict[str, Any] = {
        "recoveries": {"switch": {"fresh": seen(9.0)}, "back": {"fresh": seen(14.0)}},
        "failed": 3,
        "aftermath": Aftermath(
            acknowledged=5, lost=(), incomplete=("a",), sold_twice={"p": ("x", "y")}, unacknowledged=0
        ),
        "lag": Spread(samples=9, p50=0.9, p99=1.3, maximum=1.4),
        "configured_lag_p50": 0.8,
    }
    return Measured(**(values | fields))


def kept(bounds: Bounds, found: Measured) -> list[bool]:
    return [v.kept for v in verdicts(bounds, found)]


def test_without_bounds_there_is_nothing_to_break() -> None:
    assert verdicts(Bounds(), measured()) == []


def test_an_rto_bound_holds_for_both_moves() -> None:
    assert kept(Bounds(max_rto_fresh=14.0), measured()) == [True, True]
    assert kept(Bounds(max_rto_fresh=10.0), measured()) == [True, False]


def test_a_move_that_had_not_ended_breaks_its_bound_whatever_the_number() -> None:
    found = measured(recoveries={"switch": {"fresh": seen(5.0, settled=False)}})
    [verdict] = verdicts(Bounds(max_rto_fresh=10.0), found)
    assert not verdict.kept
    assert "had not moved" in verdict.note


def test_clients_that_sent_nothing_break_their_bound() -> None:
    [one, _] = verdicts(Bounds(max_rto_pooled=10.0), measured())
    assert (one.kept, one.value) == (False, None)


def test_an_order_missing_in_one_region_counts_as_lost_there() -> None:
    assert kept(Bounds(max_lost=0), measured()) == [False]
    assert kept(Bounds(max_lost=1), measured()) == [True]


def test_counts_may_reach_their_bound() -> None:
    assert kept(Bounds(max_failed=3, max_sold_twice=1), measured()) == [True, True]
    assert kept(Bounds(max_failed=2, max_sold_twice=0), measured()) == [False, False]


def test_the_lag_may_deviate_by_a_share_of_what_is_configured() -> None:
    assert kept(Bounds(max_lag_deviation=0.2), measured()) == [True]
    assert kept(Bounds(max_lag_deviation=0.1), measured()) == [False]
    assert kept(Bounds(max_lag_deviation=0.1), measured(lag=None)) == [False]
