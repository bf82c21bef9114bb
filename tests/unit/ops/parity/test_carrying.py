"""The answer to the runbook's question: can the survivor carry all the traffic?"""

import pytest

from ops.parity.capacity import Limit
from ops.parity.carrying import carrying, sentence

EAST, WEST = "us-east-1", "us-west-2"


def limit(item: str, west: float | None, needed: float | None) -> Limit:
    return Limit(item=item, limits={EAST: 1.0, WEST: west}, needed=needed)


def test_the_limit_that_is_reached_first_decides() -> None:
    found = carrying(WEST, [limit("requests", 1000.0, 100.0), limit("concurrency", 60.0, 20.0)])
    assert (found.times, found.tightest, found.enough) == (3.0, "concurrency", True)


@pytest.mark.parametrize("limits", [[], [limit("requests", 1000.0, None)], [limit("requests", None, 100.0)]])
def test_without_traffic_or_limits_it_is_not_known(limits: list[Limit]) -> None:
    found = carrying(WEST, limits)
    assert found.enough is None
    assert "not known" in sentence(found, measured=[WEST], unread=[EAST])


def test_with_every_region_measured_the_answer_is_yes_or_no() -> None:
    enough, small = (carrying(WEST, [limit("requests", value, 100.0)]) for value in (250.0, 50.0))
    words = sentence(enough, measured=[EAST, WEST], unread=[])
    assert words.startswith(
        f"{WEST} can carry all the traffic: 2.5 times the busiest minute of {EAST}, {WEST}"
    )
    assert sentence(small, measured=[EAST, WEST], unread=[]).startswith(
        f"{WEST} cannot carry all the traffic: requests is enough for 0.50 of"
    )


def test_with_a_dead_region_the_answer_says_how_much_of_its_traffic_is_carried() -> None:
    found = carrying(WEST, [limit("requests", 250.0, 100.0)])
    words = sentence(found, measured=[WEST], unread=[EAST])
    assert words.startswith(f"{WEST} can carry 2.5 times the busiest minute of {WEST}")
    assert f"What {EAST} carried cannot be read" in words
    assert words.endswith("at most 1.5 times as much.")
