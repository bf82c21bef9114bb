"""A recovery time split into noticing, deciding, switching and clients that move."""

import pytest

from ops.drill.measure.parts import Parts, parts
from ops.drill.measure.recovery import Move

OUTAGE = Move(name="switch", start=10.0, sent=30.0, accepted=30.5, end=60.0, left="us-east-1")


def test_the_parts_of_an_outage_add_up_to_its_recovery_time() -> None:
    found = parts(OUTAGE, 25.0, noticed=29.0)
    assert found == Parts(noticing=19.0, deciding=1.0, switching=0.5, moving=4.5)


def test_without_an_alarm_the_whole_reaction_counts_as_deciding() -> None:
    assert parts(OUTAGE, 25.0, noticed=None) == Parts(noticing=None, deciding=20.0, switching=0.5, moving=4.5)


def test_an_alarm_of_another_move_is_not_noticing_this_one() -> None:
    back = Move(name="back", start=60.0, sent=60.0, accepted=60.2, end=90.0, back_to="us-east-1")
    found = parts(back, 8.0, noticed=29.0)
    assert found.noticing is None
    assert found.moving == pytest.approx(7.8)


def test_clients_that_had_moved_before_the_switch_was_accepted_took_no_time_after_it() -> None:
    assert parts(OUTAGE, 5.0, noticed=None).moving == 0.0
