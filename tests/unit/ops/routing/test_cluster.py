"""Reading and changing routing controls through five endpoints, some of them dead."""

import threading
from random import Random

import pytest

from ops.errors import ControlsError, CredentialsError
from ops.routing.cluster import ClusterEndpoints, RuleConflictError, UncertainError, within
from tests.fakes.arc_endpoints import ENDPOINTS, REGIONS, FakeArcCluster, refusal

PANEL = "arn:panel"


def endpoints(cluster: FakeArcCluster, seed: int = 1) -> ClusterEndpoints:
    return ClusterEndpoints(ENDPOINTS, cluster.connect, random=Random(seed))


def test_reading_gives_every_control_of_every_page() -> None:
    cluster = FakeArcCluster(states={"a": True, "b": False, "c": True}, page_size=2)
    panel = endpoints(cluster).read(PANEL)
    assert (panel.name, panel.states) == ("orders", {"a": True, "b": False, "c": True})


def test_one_answer_is_enough() -> None:
    cluster = FakeArcCluster(states={"a": True})
    endpoints(cluster).read(PANEL)
    assert len(cluster.asked) == 1


def test_endpoints_are_tried_in_random_order() -> None:
    first = set()
    for seed in range(20):
        cluster = FakeArcCluster(states={"a": True})
        endpoints(cluster, seed).read(PANEL)
        first.add(cluster.asked[0])
    assert first == set(REGIONS)


@pytest.mark.parametrize("dead", [{"us-east-1", "us-west-2"}, {"eu-west-1", "ap-northeast-1"}])
def test_two_dead_endpoints_change_nothing_for_the_operator(dead: set[str]) -> None:
    for seed in range(10):
        cluster = FakeArcCluster(states={"a": True, "b": True}, dead=dead)
        endpoints(cluster, seed).write({"a": False})
        assert cluster.states == {"a": False, "b": True}


def test_three_dead_endpoints_are_an_error_that_names_each_and_changes_nothing() -> None:
    cluster = FakeArcCluster(states={"a": True}, dead=set(REGIONS[:3]))
    with pytest.raises(ControlsError, match="Nothing was changed") as caught:
        endpoints(cluster).write({"a": False})
    assert cluster.states == {"a": True}
    assert sorted(cluster.asked) == sorted(REGIONS)
    assert all(region in str(caught.value) for region in REGIONS)


def test_all_changes_go_in_one_call() -> None:
    cluster = FakeArcCluster(states={"a": True, "b": False})
    endpoints(cluster).write({"a": False, "b": True}, override=("arn:rule",))
    assert cluster.updates == [
        {
            "UpdateRoutingControlStateEntries": [
                {"RoutingControlArn": "a", "RoutingControlState": "Off"},
                {"RoutingControlArn": "b", "RoutingControlState": "On"},
            ],
            "SafetyRulesToOverride": ["arn:rule"],
        }
    ]


def test_no_rule_is_overridden_unless_asked() -> None:
    cluster = FakeArcCluster(states={"a": True})
    endpoints(cluster).write({"a": False})
    assert "SafetyRulesToOverride" not in cluster.updates[0]


@pytest.mark.parametrize("code", ["AccessDeniedException", "ValidationException"])
def test_an_answer_that_all_would_give_is_not_asked_for_again(code: str) -> None:
    cluster = FakeArcCluster(states={"a": True}, refuse=lambda: refusal(code, "because"))
    with pytest.raises(ControlsError, match=f"{code}: because"):
        endpoints(cluster).write({"a": False})
    assert len(cluster.asked) == 1


def test_a_safety_rule_that_refuses_is_told_apart() -> None:
    cluster = FakeArcCluster(states={"a": True}, refuse=lambda: refusal("ConflictException", "waits"))
    with pytest.raises(RuleConflictError, match="waits"):
        endpoints(cluster).write({"a": False})


def test_without_credentials_no_further_endpoint_is_tried() -> None:
    cluster = FakeArcCluster(states={"a": True}, missing_credentials=True)
    with pytest.raises(CredentialsError, match="no AWS credentials were found"):
        endpoints(cluster).read(PANEL)
    assert len(cluster.asked) == 1


def test_a_throttled_endpoint_is_passed_over() -> None:
    answers = [refusal("ThrottlingException"), None]
    cluster = FakeArcCluster(states={"a": True}, refuse=lambda: answers.pop(0))
    endpoints(cluster).write({"a": False})
    assert cluster.states == {"a": False}
    assert len(cluster.asked) == 2


def test_a_change_that_no_endpoint_confirmed_and_one_may_have_made_is_not_called_undone() -> None:
    cluster = FakeArcCluster(states={"a": True}, lost_answers=1, then_silent=True)
    with pytest.raises(UncertainError, match="ReadTimeoutError") as caught:
        endpoints(cluster).write({"a": False})
    assert "Nothing was changed" not in str(caught.value)


def test_a_rule_that_refuses_the_repetition_of_an_unconfirmed_change_leaves_it_uncertain() -> None:
    answers = [None, refusal("ConflictException", "waits 5000 ms")]
    cluster = FakeArcCluster(states={"a": True}, refuse=lambda: answers.pop(0), lost_answers=1)
    with pytest.raises(UncertainError):
        endpoints(cluster).write({"a": False})


def test_an_internal_error_may_come_after_the_change() -> None:
    cluster = FakeArcCluster(states={"a": True}, refuse=lambda: refusal("InternalServerException"))
    with pytest.raises(UncertainError):
        endpoints(cluster).write({"a": False})


def test_an_endpoint_that_was_silent_is_asked_last_the_next_time() -> None:
    cluster = FakeArcCluster(states={"a": True}, dead={"us-east-1"})
    asked = endpoints(cluster)
    while "us-east-1" not in cluster.asked:
        asked.read(PANEL)
    cluster.asked.clear()
    for _ in range(20):
        asked.read(PANEL)
    assert "us-east-1" not in cluster.asked


def test_a_call_that_hangs_is_given_up() -> None:
    release = threading.Event()
    with pytest.raises(TimeoutError):
        within(0.01, release.wait)
    release.set()


def test_a_call_in_time_gives_its_value_or_its_error() -> None:
    assert within(5, lambda: 42) == 42
    with pytest.raises(KeyError):
        within(5, lambda: dict[str, int]()["missing"])


def test_a_deployment_without_endpoints_is_refused() -> None:
    with pytest.raises(ControlsError, match="no cluster endpoint"):
        ClusterEndpoints((), FakeArcCluster(states={}).connect)
