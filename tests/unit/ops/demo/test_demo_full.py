"""`demo-full`: what its drill is asked, and the words of its command line."""

from argparse import ArgumentParser
from pathlib import Path

from ops.commands import demo_full
from ops.console import Console
from ops.demo.demonstration import Demonstration
from ops.deployed.deployment import parse
from ops.deployed.options import DeploymentChoice
from ops.drill.settings import Scenario
from tests.fakes.ops_target import FakeTarget
from tests.unit.ops.outputs import both
from tests.unit.ops.plans import plan


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
        minute=given.minute,
        began=0.0,
    ).drill_settings
    assert found.scenario is Scenario.OUTAGE
    assert found.reaction == 60.0
    assert (found.bounds.max_rto_fresh, found.bounds.max_rto_pooled) == (75.0, 85.0)
    assert (found.bounds.max_lost, found.bounds.max_sold_twice) == (0, 0)
    assert (found.rate, found.seed) == (5.0, 3)
