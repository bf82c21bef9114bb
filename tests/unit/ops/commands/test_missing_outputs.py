"""Commands against a deployment that is not there, or not whole: one line, and nothing is changed."""

from collections.abc import Mapping
from typing import Any

import pytest

from ops import cli
from ops.deployed import options
from tests.fakes.arc_endpoints import FakeArcCluster
from tests.fakes.ops_target import FakeTarget
from tests.unit.ops.outputs import outputs

COMMANDS = (
    ("drill",),
    ("controls", "off", "us-east-1"),
    ("check",),
    ("export",),
    ("parity",),
    ("smoke",),
    ("clean", "--synthetic"),
)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda c: c[0])
@pytest.mark.parametrize(
    ("deployed", "says"),
    [
        ({}, "No stack is deployed"),
        ({"region1": {}}, "Stack region1 lacks the outputs region, apiUrl"),
        ({"region1": outputs("us-east-1", arc=None)}, "lacks the output arc"),
    ],
    ids=["nothing", "no outputs", "no arc"],
)
def test_a_command_against_a_stack_without_outputs_says_so_before_it_changes_anything(
    command: tuple[str, ...],
    deployed: dict[str, Mapping[str, Any]],
    says: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    # Neither clients nor keys: a call of any service would be an error of another kind.
    target = FakeTarget(deployed=deployed, cluster=FakeArcCluster(states={"arn:east": True}))
    monkeypatch.setattr(options, "open_target", lambda _: target)
    assert cli.main(command) == 1
    err = capsys.readouterr().err.strip().splitlines()
    assert says in err[-1]
    assert target.cluster.asked == []
