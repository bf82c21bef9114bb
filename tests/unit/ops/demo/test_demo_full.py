"""`demo-full`: what its drill is asked, and the words of its command line."""

from argparse import ArgumentParser
from pathlib import Path
from types import SimpleNamespace

import pytest

from ops.commands import demo_full
from ops.commands.demo_full import MINUTE, refuse_other_minute
from ops.console import Console
from ops.demo.demonstration import Demonstration
from ops.deployed.deployment import parse
from ops.deployed.options import DeploymentChoice
from ops.drill.settings import Scenario
from ops.errors import MisuseError
from tests.fakes.ops_target import FakeTarget
from tests.unit.ops.outputs import both
from tests.unit.ops.plans import plan
from twin.client import TwinClient


def test_its_drill_is_an_outage_whose_operator_waits_for_the_alarm() -> None:
    parser = ArgumentParser()
    demo_full.configure(parser)
    given = parser.parse_args(["--rate", "5", "--seed", "3"])
    found = Demonstration(
        choice=DeploymentChoice(target=FakeTarget(), stacks=plan()),
        deployment=parse(both(), source="test"),
        console=Console(),
        items=given.items,
        rate=given.rate,
        seed=given.seed,
        results=Path("unused"),
        minute=MINUTE,
        began=0.0,
    ).drill_settings
    assert found.scenario is Scenario.OUTAGE
    assert found.reaction == 60.0
    assert (found.bounds.max_rto_fresh, found.bounds.max_rto_pooled) == (75.0, 85.0)
    assert (found.bounds.max_lost, found.bounds.max_sold_twice) == (0, 0)
    assert (found.rate, found.seed) == (5.0, 3)


def test_a_minute_that_the_running_twin_does_not_have_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    status = {"parameters": {"minuteSeconds": 60.0}}
    monkeypatch.setattr(TwinClient, "from_home", lambda: SimpleNamespace(status=lambda: status))
    refuse_other_minute(None)
    refuse_other_minute(60.0)
    with pytest.raises(MisuseError, match=r"--minute 10: the twin that runs already .* minutes of 60 s"):
        refuse_other_minute(10.0)
