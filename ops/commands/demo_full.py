"""`demo-full`: everything at work on this machine: load, canaries, alarms, dashboards, and an outage."""

import time
from argparse import ArgumentParser, Namespace
from pathlib import Path

from ops import interrupts
from ops.command import Command, at_least_one, positive
from ops.commands import demo, deploy, drill
from ops.console import Console, Outcome
from ops.deployed.options import Place
from ops.deployed.stacks import DEFAULT_STACK, PROJECT, read_plan
from ops.deployed.target import TWIN, TwinTarget
from ops.deploying.twin_deployer import TwinDeployer, engine_to_use
from ops.drill.settings import Scenario


def configure(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--minute",
        type=positive,
        default=10.0,
        metavar="S",
        help="seconds that a minute of canaries and alarms lasts, 5 to 60, in a twin that is started here"
        " (default: %(default)g)",
    )
    parser.add_argument(
        "--items",
        type=at_least_one,
        default=100,
        metavar="N",
        help="orders of each load generator, one a second (default: %(default)d)",
    )
    parser.add_argument("--rate", default="10", help="requests a second of the drill (default: %(default)s)")
    parser.add_argument("--seed", help="make the hosts' cache ages repeatable")
    parser.add_argument(
        "--results",
        type=Path,
        default=Path("results"),
        metavar="DIR",
        help="where to write (default: %(default)s)",
    )
    parser.add_argument(
        "--keep",
        action="store_true",
        help="leave the twin running, to look around on its page (whose address is printed)",
    )


def run(arguments: Namespace, console: Console) -> Outcome:
    from ops.demo.demonstration import Demonstration

    began = time.monotonic()
    guard = interrupts.Guard(lambda: console.note("Stopping; please wait."))
    options = ("--minute", f"{arguments.minute:g}")
    with guard, demo.running_twin(console, keep=arguments.keep, options=options) as twin:
        here = Place(target=TwinTarget(twin), stacks=read_plan(DEFAULT_STACK, PROJECT))
        engine, why = engine_to_use(twin, here.plan)
        console.note(why)
        deployment, _ = deploy.deploy(here, TwinDeployer(twin, overrides={}, engine=engine), console)
        minute = float(twin.status()["parameters"]["minuteSeconds"])
        whole = Demonstration(
            here=here,
            deployment=deployment,
            console=console,
            items=arguments.items,
            results=arguments.results,
            minute=minute,
            began=began,
        )
        given = drill_arguments(arguments, minute)
        return whole.run(lambda alarm: drill.drill(here, given, console, alarm=alarm))


def drill_arguments(arguments: Namespace, minute: float) -> Namespace:
    """The options of an outage whose operator switches when the region's alarm goes off."""
    from ops.demo.demonstration import RED_MINUTES

    parser = ArgumentParser()
    drill.configure(parser)
    reaction = RED_MINUTES * minute
    given = ["--target", TWIN, "--scenario", Scenario.OUTAGE.value, "--rate", arguments.rate]
    given += ["--results", str(arguments.results), "--reaction", f"{reaction:g}"]
    given += ["--max-rto-fresh", f"{demo.MAX_RTO_FRESH + reaction:g}"]
    given += ["--max-rto-pooled", f"{demo.MAX_RTO_POOLED + reaction:g}"]
    if arguments.seed is not None:
        given += ["--seed", arguments.seed]
    return parser.parse_args([*given, *demo.DRILL])


COMMAND = Command(
    name="demo-full",
    summary="everything at work on this machine: load, canaries, alarms, dashboards, an outage",
    description=(
        "As demo, with everything that watches the service: start a twin whose minutes are short, deploy in"
        " waves, start both load generators, wait until all canaries and alarms are green, kill a region,"
        " evacuate it when its alarm goes off, heal it and fail back, and wait until all is green again. At"
        " the end it states what was measured: no metric of a dashboard without data, no alarm never"
        " evaluated, no order lost. Exit status 1 when a statement does not hold."
    ),
    configure=configure,
    run=run,
)
