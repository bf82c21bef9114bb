"""Which routing controls may change, and which never do."""

import pytest

from ops.errors import MisuseError, RefusedError
from ops.routing.plan import plan_init, plan_off, plan_on, plan_restore, traffic

BOTH = {"east": True, "west": True}
EAST_ONLY = {"east": True, "west": False}
NONE = {"east": False, "west": False}


def test_switching_off_with_another_region_on_changes_that_region_alone() -> None:
    assert plan_off(BOTH, "east").changes == {"east": False}


def test_a_third_region_that_is_off_on_purpose_stays_off() -> None:
    states = {"east": True, "middle": False, "west": True}
    assert plan_off(states, "east").changes == {"east": False}


def test_the_last_region_on_is_refused_naming_those_that_are_off() -> None:
    with pytest.raises(RefusedError, match=r"\(west\) are Off.*--on west"):
        plan_off(EAST_ONLY, "east")


def test_the_last_region_goes_off_when_another_comes_on_in_the_same_call() -> None:
    assert plan_off(EAST_ONLY, "east", on="west").changes == {"west": True, "east": False}


def test_a_region_that_is_on_already_is_not_changed_by_naming_it() -> None:
    assert plan_off(BOTH, "east", on="west").changes == {"east": False}


def test_a_region_off_already_changes_nothing() -> None:
    plan = plan_off(EAST_ONLY, "west")
    assert plan.empty
    assert "Off already" in plan.reason


@pytest.mark.parametrize("override", [False, True])
def test_off_with_every_control_off_is_an_error_since_route_53_serves_every_region(override: bool) -> None:
    with pytest.raises(RefusedError, match=r"every region, as if all were On.*controls on west"):
        plan_off(NONE, "east", override=override)


def test_with_every_control_off_one_region_can_be_given_the_traffic_by_name() -> None:
    assert plan_off(NONE, "east", on="west").changes == {"west": True}


def test_who_has_the_traffic_is_every_region_when_every_control_is_off() -> None:
    assert traffic(BOTH) == "Traffic goes to east, west."
    assert traffic(EAST_ONLY) == "Traffic goes to east (Off: west)."
    assert "every region" in traffic(NONE)


def test_the_override_may_switch_the_last_one_off() -> None:
    assert plan_off(EAST_ONLY, "east", override=True).changes == {"east": False}


def test_the_region_to_take_over_must_be_another_one() -> None:
    with pytest.raises(MisuseError, match="name another one"):
        plan_off(BOTH, "east", on="east")


@pytest.mark.parametrize("arguments", [("north", None), ("east", "north")])
def test_a_region_without_a_control_is_named_with_those_that_have_one(
    arguments: tuple[str, str | None],
) -> None:
    region, on = arguments
    with pytest.raises(MisuseError, match=r"north.*east, west"):
        plan_off(BOTH, region, on=on)


def test_switching_on_changes_that_region_alone() -> None:
    assert plan_on(NONE, "west").changes == {"west": True}
    assert plan_on(BOTH, "west").empty


def test_init_gives_the_traffic_to_one_region_when_none_is_on() -> None:
    assert plan_init(NONE, "east").changes == {"east": True}


def test_init_changes_nothing_once_a_region_is_on() -> None:
    plan = plan_init({"east": False, "west": True}, "east")
    assert plan.empty
    assert plan.reason == "west is On already."


def test_restoring_changes_only_what_differs() -> None:
    assert plan_restore({"east": False, "west": True}, BOTH).changes == {"east": True}
    assert plan_restore(BOTH, BOTH).empty
