"""What `check` says about endpoints, states, the exported file and alarm mails."""

import io
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError

from ops import cli
from ops.checks import failover
from ops.checks.findings import State
from ops.console import Console, Outcome
from ops.deployed import options
from ops.deployed.deployment import Outputs, parse
from ops.deployed.target import export_file, export_outputs
from ops.errors import CredentialsError
from ops.routing.cluster import Endpoint
from ops.routing.endpoints import ask_each
from tests.fakes.arc_endpoints import ENDPOINTS, REGIONS, FakeArcCluster
from tests.fakes.ops_target import FakeTarget
from tests.unit.ops.outputs import both, outputs
from tests.unit.ops.plans import plan

ARNS = {"us-east-1": "arn:east", "us-west-2": "arn:west"}
TOPIC = "arn:aws:sns:us-west-2:111122223333:alarms"
NOW = datetime(2026, 11, 25, tzinfo=UTC)


def row(endpoint: str = "us-east-1", problem: str = "", **states: bool) -> failover.Row:
    return failover.Row(endpoint=endpoint, milliseconds=12, states=states, problem=problem)


class FakeSns:
    """Subscriptions by page, or an error."""

    def __init__(self, *pages: list[dict[str, str]], error: str = "") -> None:
        self._pages = pages
        self._error = error

    def get_paginator(self, operation: str) -> "FakeSns":
        assert operation == "list_subscriptions_by_topic"
        return self

    def paginate(self, **arguments: Any) -> Iterator[Mapping[str, Any]]:
        assert arguments == {"TopicArn": TOPIC}
        if self._error:
            raise ClientError({"Error": {"Code": self._error, "Message": "no"}}, "ListSubscriptionsByTopic")
        yield from ({"Subscriptions": page} for page in self._pages)


def topic(*pages: list[dict[str, str]], error: str = "") -> Any:
    target = FakeTarget(clients={("sns", "us-west-2"): FakeSns(*pages, error=error)})
    (found,) = failover.subscriptions(target, (TOPIC,))
    return found


def test_every_endpoint_is_asked_and_timed() -> None:
    cluster = FakeArcCluster(states={"arn:east": True, "arn:west": False}, page_size=1)
    ticks = iter(range(100))
    answers = ask_each(ENDPOINTS, cluster.connect, "arn:panel", clock=lambda: next(ticks))
    assert [one.region for one in answers] == list(REGIONS)
    assert {one.seconds for one in answers} == {1}
    assert failover.rows(answers, ARNS)[0].states == {"us-east-1": True, "us-west-2": False}


def test_a_dead_endpoint_is_one_line_and_the_others_are_asked_all_the_same() -> None:
    cluster = FakeArcCluster(states={"arn:east": True}, dead={REGIONS[1]})
    answers = ask_each(ENDPOINTS, cluster.connect, "arn:panel")
    assert [one.problem for one in answers] == ["", "ConnectTimeoutError", "", "", ""]


def test_an_endpoint_that_hangs_is_given_up() -> None:
    class Hanging:
        def list_routing_controls(self, **_: Any) -> Any:
            import threading

            threading.Event().wait(1)

        def update_routing_control_states(self, **_: Any) -> Any:
            raise AssertionError

    endpoint = Endpoint(region="us-east-1", url="https://x")
    (answer,) = ask_each([endpoint], lambda _: Hanging(), "arn:panel", deadline=0.01)
    assert answer.problem == "no answer in 0.01 s"


def test_without_credentials_one_sentence_says_so() -> None:
    cluster = FakeArcCluster(states={}, missing_credentials=True)
    with pytest.raises(CredentialsError, match="no AWS credentials"):
        ask_each(ENDPOINTS, cluster.connect, "arn:panel")


def test_endpoints_that_do_not_answer_fail_the_check() -> None:
    assert failover.endpoints([row(), row()]).state is State.OK
    one_dead = failover.endpoints([row(), row(problem="no answer in 2 s")])
    assert (one_dead.state, one_dead.seen) == (State.FAILED, "1 of 2 answered")
    assert "still works" in one_dead.todo
    assert "cannot be moved" in failover.endpoints([row(problem="x")]).todo


def test_a_denied_caller_is_told_about_the_operator_policy() -> None:
    found = failover.endpoints([row(problem="AccessDeniedException")] * 5)
    assert found.state is State.FAILED
    assert "operatorPolicyArn" in found.todo


def test_disagreement_names_the_region() -> None:
    same = [row(a=True, b=False), row(a=True, b=False), row(problem="x")]
    agreed = failover.agreement(same)
    assert agreed is not None
    assert agreed.state is State.OK
    split = failover.agreement([row(a=True, b=False), row(a=True, b=True)])
    assert split is not None
    assert split.state is State.FAILED
    assert split.seen.endswith("about b")
    assert failover.agreement([row(a=True), row(problem="x")]) is None


@pytest.mark.parametrize(
    ("states", "state", "says"),
    [
        ({"arn:east": True, "arn:west": False}, State.OK, "On: us-east-1"),
        ({"arn:east": False, "arn:west": False}, State.FAILED, "as if all were"),
        ({"arn:east": True}, State.FAILED, "no control for us-west-2"),
        ({"arn:east": True, "arn:west": True, "arn:new": False}, State.WARNING, "1 unknown"),
    ],
)
def test_the_panel_is_held_against_what_is_known(states: dict[str, bool], state: State, says: str) -> None:
    answers = ask_each(ENDPOINTS, FakeArcCluster(states=states).connect, "arn:panel")
    found = failover.controls(answers, ARNS)
    assert found is not None
    assert found.state is state
    assert says in found.seen


def test_an_old_export_or_none_is_a_warning() -> None:
    def state(exported_at: datetime | None) -> State:
        return failover.exported_file(parse(both(), source="x", exported_at=exported_at), NOW).state

    assert state(NOW - timedelta(days=2)) is State.OK
    assert state(NOW - timedelta(days=31)) is State.WARNING
    assert state(None) is State.WARNING


def test_unconfirmed_subscriptions_are_found_on_every_page() -> None:
    confirmed = {"SubscriptionArn": f"{TOPIC}:1", "Endpoint": "a@example.com"}
    waiting = {"SubscriptionArn": "PendingConfirmation", "Endpoint": "b@example.com"}
    assert topic([confirmed]).state is State.OK
    found = topic([confirmed], [waiting])
    assert (found.state, found.seen) == (State.FAILED, "not confirmed: b@example.com")
    assert topic([]).state is State.WARNING


def test_a_topic_that_may_not_be_read_is_said_and_is_no_failure() -> None:
    assert topic(error="AuthorizationError").state is State.WARNING
    assert topic(error="NotFound").state is State.FAILED


class DeadSns:
    """A region that does not answer; counts who asked."""

    def __init__(self) -> None:
        self.asked = 0

    def get_paginator(self, operation: str) -> Any:
        self.asked += 1
        raise ConnectTimeoutError(endpoint_url="https://sns.test")


def test_topics_of_a_dead_region_are_not_read_which_is_no_failure_and_is_asked_once() -> None:
    dead = DeadSns()
    target = FakeTarget(clients={("sns", "us-west-2"): dead})
    found = list(failover.subscriptions(target, (TOPIC, f"{TOPIC}-too")))
    assert [one.state for one in found] == [State.WARNING, State.WARNING]
    assert all("us-west-2 does not answer (ConnectTimeoutError)" in one.seen for one in found)
    assert dead.asked == 1


def test_no_topics_are_a_warning() -> None:
    (found,) = failover.subscriptions(FakeTarget(), ())
    assert found.state is State.WARNING


def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cluster: FakeArcCluster) -> tuple[Outcome, str]:
    stacks: dict[str, Outputs] = {
        "region1": outputs("us-east-1", alarmTopicArns={"us-west-2": TOPIC}),
        "region2": outputs("us-west-2"),
    }
    sns = FakeSns([{"SubscriptionArn": f"{TOPIC}:1", "Endpoint": "a@example.com"}])
    target = FakeTarget(name="aws", deployed=stacks, cluster=cluster, exports=tmp_path, clients={"sns": sns})
    export_outputs(target, plan(), stacks, export_file(target, plan().primary))
    monkeypatch.setattr(options, "open_target", lambda _: target)
    parsed = cli.build_parser(["check"]).parse_args(["check", "--target", "aws"])
    err = io.StringIO()
    return parsed.run(parsed, Console(err=err)), err.getvalue()


def test_the_command_shows_each_endpoint_and_each_finding(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outcome, _ = run(tmp_path, monkeypatch, FakeArcCluster(states={"arn:east": True, "arn:west": False}))
    assert outcome.ok
    lines = outcome.text.splitlines()
    assert lines[0].split() == ["endpoint", "answer", "us-east-1", "us-west-2"]
    assert lines[1].split()[-2:] == ["On", "Off"]
    assert [one["state"] for one in outcome.data["checks"]] == ["ok"] * 5


def test_the_command_fails_with_a_dead_endpoint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cluster = FakeArcCluster(states={"arn:east": True, "arn:west": False}, dead={"us-west-2"})
    outcome, _ = run(tmp_path, monkeypatch, cluster)
    assert not outcome.ok
    assert "ConnectTimeoutError" in outcome.text
