"""Controls by region, and the wait that the safety rule imposes."""

from dataclasses import dataclass, field

import pytest
from botocore.exceptions import ClientError

from ops.errors import ControlsError
from ops.routing.cluster import ClusterEndpoints
from ops.routing.plan import Plan
from ops.routing.switch import Controls, RoutingSwitch
from tests.fakes.arc_endpoints import ENDPOINTS, FakeArcCluster, refusal

CONTROLS = Controls(
    panel_arn="arn:panel", safety_rule_arn="arn:rule", arns={"east": "arn:east", "west": "arn:west"}
)


@dataclass
class Time:
    now: float = 100.0
    waits: list[float] = field(default_factory=list)

    def clock(self) -> float:
        return self.now

    def pause(self, seconds: float) -> None:
        self.now += seconds


def make(cluster: FakeArcCluster, time: Time) -> RoutingSwitch:
    return RoutingSwitch(
        ClusterEndpoints(ENDPOINTS, cluster.connect), CONTROLS, clock=time.clock, pause=time.pause
    )


def both_on() -> FakeArcCluster:
    return FakeArcCluster(states={"arn:east": True, "arn:west": True, "arn:someone-elses": False})


def test_states_are_given_by_region() -> None:
    reading = make(both_on(), Time()).read()
    assert reading.states == {"east": True, "west": True}
    assert reading.panel_name == "orders"


def test_a_control_that_is_gone_is_an_error_that_says_what_to_do() -> None:
    cluster = FakeArcCluster(states={"arn:east": True})
    with pytest.raises(ControlsError, match=r"west.*ops export"):
        make(cluster, Time()).read()


def test_the_wait_of_the_safety_rule_is_waited_out() -> None:
    time, cluster = Time(), both_on()

    def rule() -> ClientError | None:
        return refusal("ConflictException", "waits 5000 ms") if time.now < 104.2 else None

    cluster.refuse = rule
    applied = make(cluster, time).apply(Plan(changes={"east": False}), waiting=time.waits.append)
    assert cluster.states["arn:east"] is False
    assert applied.waited == pytest.approx(4.5)
    assert time.waits[0] == 0.0
    assert len(time.waits) == 9


def test_a_refusal_that_outlives_the_wait_is_final() -> None:
    time, cluster = Time(), both_on()
    cluster.refuse = lambda: refusal("ConflictException", "would break the rule")
    with pytest.raises(ControlsError, match=r"would break the rule.*Nothing was changed"):
        make(cluster, time).apply(Plan(changes={"east": False}))
    assert cluster.states["arn:east"] is True
    assert time.now < 115


def test_the_override_names_the_deployments_rule() -> None:
    cluster = both_on()
    make(cluster, Time()).apply(Plan(changes={"east": False}), override=True)
    assert cluster.updates[0]["SafetyRulesToOverride"] == ["arn:rule"]


def test_a_change_whose_answers_were_lost_is_read_again_and_counts_as_accepted() -> None:
    cluster = both_on()
    cluster.lost_answers = len(ENDPOINTS)
    applied = make(cluster, Time()).apply(Plan(changes={"east": False}))
    assert cluster.states["arn:east"] is False
    assert applied.accepted == 100.0


def test_a_change_that_was_not_made_is_said_to_be_not_made_with_the_states() -> None:
    cluster = both_on()
    cluster.lost_requests = len(ENDPOINTS)
    with pytest.raises(ControlsError, match=r"read again, and the change was not made: east On, west On"):
        make(cluster, Time()).apply(Plan(changes={"east": False}))


def test_a_change_is_said_to_be_unknown_where_nothing_can_be_read_afterwards() -> None:
    cluster = both_on()
    cluster.lost_answers, cluster.then_silent = 1, True
    with pytest.raises(ControlsError, match="not known whether the change was made") as caught:
        make(cluster, Time()).apply(Plan(changes={"east": False}))
    assert "Nothing was changed" not in str(caught.value)
    assert "controls list" in str(caught.value)


def test_a_rule_that_refuses_the_repetition_does_not_hide_that_the_change_was_made() -> None:
    answers = [None, refusal("ConflictException", "waits 5000 ms")]
    cluster = both_on()
    cluster.refuse, cluster.lost_answers = (lambda: answers.pop(0)), 1
    make(cluster, Time()).apply(Plan(changes={"east": False}))
    assert cluster.states["arn:east"] is False


def test_the_rules_wait_is_waited_out_also_after_a_request_that_was_lost() -> None:
    answers = [None, refusal("ConflictException", "waits 5000 ms"), None]
    cluster = both_on()
    cluster.refuse, cluster.lost_requests = (lambda: answers.pop(0)), 1
    applied = make(cluster, Time()).apply(Plan(changes={"east": False}))
    assert cluster.states["arn:east"] is False
    assert applied.waited == 0.5
