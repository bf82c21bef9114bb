"""`controls` from the command line to the cluster."""

import io
import json

import pytest

from ops import cli
from ops.client import api, calls
from ops.client.calls import Signature
from ops.command import Command
from ops.console import Console
from ops.deployed import options
from ops.deployed.deployment import Stack
from ops.errors import CallError, RefusedError
from ops.net.transport import HttpAnswer
from tests.fakes.arc_endpoints import FakeArcCluster
from tests.fakes.ops_target import FakeTarget
from tests.unit.ops.checks.test_smoke import FakeApi
from tests.unit.ops.outputs import both

BOTH_ON = {"arn:east": True, "arn:west": True}


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> FakeArcCluster:
    """The deployment's cluster, both regions On."""
    made = FakeArcCluster(states=dict(BOTH_ON), panel_name="the-panel")
    target = FakeTarget(deployed=both(), cluster=made)
    monkeypatch.setattr(options, "open_target", lambda _: target)
    monkeypatch.setattr(calls, "regional", lambda _, stack: FakeApi(stack.region, {}))
    return made


def run(*arguments: str, typed: str = "") -> tuple[bool, str, str]:
    """Outcome's ok, stdout, stderr."""
    out, err = io.StringIO(), io.StringIO()
    parsed = cli.build_parser(["controls"]).parse_args(["controls", *arguments])
    console = Console(as_json=parsed.json, out=out, err=err, ask=lambda _: typed)
    outcome = parsed.run(parsed, console)
    console.show(outcome)
    return outcome.ok, out.getvalue(), err.getvalue()


def test_list_shows_states_and_changes_nothing(cluster: FakeArcCluster) -> None:
    _, out, _ = run("list")
    assert out == "us-east-1  On\nus-west-2  On\n"
    assert cluster.updates == []


def test_json_has_the_states_after_the_change(cluster: FakeArcCluster) -> None:
    _, out, _ = run("off", "us-east-1", "--json")
    assert json.loads(out)["states"] == {"us-east-1": "Off", "us-west-2": "On"}
    assert cluster.states == {"arn:east": False, "arn:west": True}


def test_off_and_on_go_in_one_call(cluster: FakeArcCluster) -> None:
    cluster.states["arn:west"] = False
    run("off", "us-east-1", "--on", "us-west-2")
    assert len(cluster.updates) == 1
    assert cluster.states == {"arn:east": False, "arn:west": True}


def test_the_last_region_is_refused_by_the_command_line_too(
    cluster: FakeArcCluster, capsys: pytest.CaptureFixture[str]
) -> None:
    cluster.states["arn:west"] = False
    assert cli.main(["controls", "off", "us-east-1"]) == 1
    assert "controls off us-east-1 --on us-west-2" in capsys.readouterr().err
    assert cluster.states["arn:east"] is True


def test_three_dead_endpoints_exit_with_1_and_one_line(
    cluster: FakeArcCluster, capsys: pytest.CaptureFixture[str]
) -> None:
    cluster.dead = {"us-east-1", "us-west-2", "eu-west-1"}
    assert cli.main(["controls", "off", "us-east-1"]) == 1
    error = capsys.readouterr().err.splitlines()[-1]
    assert "Nothing was changed" in error or "none of the 2 cluster endpoints" in error


def test_the_override_needs_the_panels_name_typed(cluster: FakeArcCluster) -> None:
    cluster.states["arn:west"] = False
    run("off", "us-east-1", "--override-safety-rule", typed="the-panel")
    assert cluster.states == {"arn:east": False, "arn:west": False}
    assert cluster.updates[0]["SafetyRulesToOverride"] == ["arn:rule"]


@pytest.mark.parametrize("typed", ["", "yes", "the-Panel"])
def test_anything_else_typed_changes_nothing(
    cluster: FakeArcCluster, monkeypatch: pytest.MonkeyPatch, typed: str
) -> None:
    monkeypatch.setattr("builtins.input", lambda _: typed)
    cluster.states["arn:west"] = False
    assert cli.main(["controls", "off", "us-east-1", "--override-safety-rule"]) == 1
    assert cluster.updates == []


@pytest.mark.parametrize(
    "arguments",
    [
        ["list", "us-east-1"],
        ["off"],
        ["on", "us-east-1", "--on", "us-west-2"],
        ["on", "us-east-1", "--override-safety-rule"],
        ["list", "--yes"],
        ["off", "mars"],
        ["sideways", "us-east-1"],
    ],
)
def test_misuse_exits_with_2(cluster: FakeArcCluster, arguments: list[str]) -> None:
    assert cli.main(["controls", *arguments]) == 2
    assert cluster.updates == []


def test_list_warns_when_every_control_is_off(cluster: FakeArcCluster) -> None:
    cluster.states.update({"arn:east": False, "arn:west": False})
    _, out, err = run("list", "--json")
    assert json.loads(out)["failsOpen"] is True
    assert "every region, as if all were On" in err
    assert "python -m ops controls on REGION" in err


def test_off_with_every_control_off_exits_with_1(
    cluster: FakeArcCluster, capsys: pytest.CaptureFixture[str]
) -> None:
    cluster.states.update({"arn:east": False, "arn:west": False})
    assert cli.main(["controls", "off", "us-east-1"]) == 1
    assert "python -m ops controls on us-west-2" in capsys.readouterr().err
    assert cluster.updates == []


class Sick(FakeApi):
    """A region whose functions are down: API Gateway answers 5xx, or nothing does."""

    def send(self, call: api.OrderCall, *, signature: Signature = Signature.GOOD) -> HttpAnswer:
        if self.answers_as == "nothing":
            raise CallError("connection refused")
        return HttpAnswer(status=503, headers={}, body=b"")


@pytest.fixture(params=["nothing", "5xx"])
def sick_west(
    cluster: FakeArcCluster, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> FakeArcCluster:
    """The west is Off and does not serve."""
    cluster.states["arn:west"] = False
    monkeypatch.setattr(calls, "regional", lambda _, stack: Sick(stack.region, {}, answers_as=request.param))
    return cluster


@pytest.mark.parametrize(
    "arguments", [["on", "us-west-2"], ["off", "us-east-1", "--on", "us-west-2"]], ids=["on", "off --on"]
)
def test_a_region_that_does_not_answer_comes_on_only_when_its_name_is_typed(
    sick_west: FakeArcCluster, arguments: list[str]
) -> None:
    with pytest.raises(RefusedError, match="Nothing was changed"):
        run(*arguments, typed="yes")
    assert sick_west.updates == []
    _, _, err = run(*arguments, typed="us-west-2")
    assert "Warning: us-west-2 does not serve customers" in err
    assert sick_west.states["arn:west"] is True


def test_without_a_terminal_yes_switches_a_silent_region_on(sick_west: FakeArcCluster) -> None:
    run("on", "us-west-2", "--yes")
    assert sick_west.states["arn:west"] is True


def test_moving_traffic_off_a_sick_region_asks_nothing(
    sick_west: FakeArcCluster,
) -> None:
    sick_west.states.update(BOTH_ON)
    run("off", "us-west-2")
    assert sick_west.states == {"arn:east": True, "arn:west": False}


def test_credentials_that_may_not_call_the_api_do_not_make_a_region_sick(
    cluster: FakeArcCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    cluster.states["arn:west"] = False

    def denied(_: object, stack: Stack) -> FakeApi:
        found = FakeApi(stack.region, {})
        found.send = lambda *_, **__: HttpAnswer(status=403, headers={}, body=b"")  # type: ignore[method-assign]
        return found

    monkeypatch.setattr(calls, "regional", denied)
    run("on", "us-west-2")
    assert cluster.states["arn:west"] is True


def test_the_command_is_what_its_file_says() -> None:
    command = cli.load("controls")
    assert isinstance(command, Command)
    assert command.name == "controls"
