"""`demo-full`: the options of its drill, and what it says of a demonstration that went well or not."""

from argparse import ArgumentParser

from ops.commands import demo_full
from ops.drill.settings import Scenario


def test_its_drill_is_an_outage_whose_operator_waits_for_the_alarm() -> None:
    parser = ArgumentParser()
    demo_full.configure(parser)
    given = demo_full.drill_arguments(parser.parse_args(["--rate", "5", "--seed", "3"]), minute=10.0)
    assert given.scenario == Scenario.OUTAGE.value
    assert given.reaction == 60.0
    assert (given.max_rto_fresh, given.max_rto_pooled) == (75.0, 85.0)
    assert (given.max_lost, given.max_sold_twice) == (0, 0)
    assert (given.rate, given.seed) == (5.0, 3)
