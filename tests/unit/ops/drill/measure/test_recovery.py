"""How long clients noticed a move."""

import pytest

from ops.drill.measure.ledger import ClientType, Entry
from ops.drill.measure.recovery import Move, homes, recovery, recovery_by_type
from tests.unit.ops.entries import entry, failed

SWITCH = Move(name="switch", start=10.0, sent=10.0, accepted=10.1, end=30.0, left="east")
BACK = Move(name="back", start=30.0, sent=30.0, accepted=30.1, end=60.0, back_to="east")
HOME = {"h1": "east", "h2": "west"}


def seen(entries: list[Entry], move: Move = SWITCH) -> tuple[float, bool]:
    found = recovery(entries, move, HOME)
    assert found is not None
    return round(found.rto, 3), found.settled


def test_rto_is_the_last_answer_of_the_region_left() -> None:
    assert seen([entry(9.0), entry(12.0), entry(17.5), entry(18.0, region="west")]) == (7.5, True)


def test_a_later_failure_counts_instead() -> None:
    entries = [entry(12.0), entry(13.0, region="west"), failed(15.0), entry(16.0, region="west")]
    assert seen(entries) == (5.0, True)


def test_a_region_that_answers_with_an_error_is_a_failure_wherever_it_is() -> None:
    assert seen([entry(14.0, region="west", status=503), entry(15.0, region="west")]) == (4.0, True)


def test_nobody_noticing_is_zero() -> None:
    assert seen([entry(9.0), entry(11.0, region="west")]) == (0.0, True)


def test_requests_of_the_next_phase_do_not_count() -> None:
    later = entry(31.0, sent=30.5)
    assert seen([entry(12.0), entry(13.0, region="west"), later]) == (2.0, True)


def test_a_request_under_way_at_the_switch_counts() -> None:
    assert seen([entry(10.4, sent=9.9), entry(11.0, region="west")]) == (0.4, True)


def test_a_number_without_a_good_answer_after_it_is_not_settled() -> None:
    assert seen([entry(13.0, region="west"), entry(29.0)]) == (19.0, False)


def test_hosts_whose_home_is_elsewhere_are_not_concerned() -> None:
    entries = [entry(12.0), entry(13.0, region="west"), failed(25.0, host="h2")]
    assert seen(entries) == (2.0, True)


def test_on_the_way_back_every_other_region_is_the_old_one() -> None:
    entries = [entry(35.0, region="west"), entry(38.0, region="middle"), entry(39.0, region="east")]
    assert seen(entries, BACK) == (8.0, True)


def test_first_and_last_answers_are_told_apart() -> None:
    found = recovery(
        [entry(12.0), entry(13.0, region="west"), entry(14.0), failed(11.0), entry(20.0, region="west")],
        SWITCH,
        HOME,
    )
    assert found is not None
    assert (found.first_new, found.last_old, found.last_failure) == (3.0, 4.0, 1.0)
    assert (found.failed, found.requests) == (1, 5)


def test_nothing_sent_is_no_measurement() -> None:
    assert recovery([entry(9.0)], SWITCH, HOME) is None


def test_client_types_are_measured_apart() -> None:
    pooled = {"client": ClientType.POOLED}
    entries = [
        entry(12.0),
        entry(13.0, region="west"),
        entry(22.0, **pooled),
        entry(23.0, region="west", **pooled),
    ]
    found = recovery_by_type(entries, SWITCH, HOME)
    assert {name: one.rto for name, one in found.items()} == pytest.approx({"fresh": 2.0, "pooled": 12.0})


def test_a_hosts_home_is_where_it_was_served_last_before_the_move() -> None:
    entries = [
        entry(1.0, region="west"),
        entry(5.0, region="east"),
        failed(8.0),
        entry(12.0, region="west"),
        entry(3.0, host="h2", region="west"),
    ]
    assert homes(entries, before=10.0) == {"h1": "east", "h2": "west"}
