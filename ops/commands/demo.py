"""`demo`: the whole thing on this machine: a twin of AWS, both stacks, a failover and the way back."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from ops.command import Command, count, folder, positive
from ops.console import Console, Outcome
from ops.drill.settings import DrillSettings, Scenario


def configure(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--rate",
        type=positive,
        default=DrillSettings.rate,
        help="requests a second in all (default: %(default)g)",
    )
    parser.add_argument(
        "--scenario",
        default=DrillSettings.scenario.value,
        choices=[s.value for s in Scenario],
        help="default: %(default)s",
    )
    parser.add_argument("--seed", type=count, help="make the hosts' cache ages repeatable")
    parser.add_argument(
        "--results", type=folder, default=Path("results"), metavar="DIR", help="default: %(default)s"
    )
    parser.add_argument(
        "--keep",
        action="store_true",
        help="leave the twin running, to look around on its page (whose address is printed)",
    )


def run(arguments: Namespace, console: Console) -> Outcome:
    from ops.demo.drill import demo_drill
    from ops.demo.twin import deployed_twin
    from ops.drill.drill import drill

    with deployed_twin(console, keep=arguments.keep) as (_, choice, deployment):
        settings = demo_drill(
            deployment.primary.region,
            scenario=Scenario(arguments.scenario),
            rate=arguments.rate,
            seed=arguments.seed,
        )
        report = drill(choice, deployment, settings, console, results=arguments.results)
        return Outcome(data=report.result, text=report.text, ok=report.ok)


COMMAND = Command(
    name="demo",
    summary="the whole thing on this machine, in the local twin of AWS",
    description=(
        "Start the local twin of AWS if none runs, deploy both stacks into it in waves, move all traffic "
        "off the "
        "first region and back while clients order through the domain name, and print and write what "
        "that took. "
        "Exit status 1 when a bound is broken. The twin is stopped again if it was started here."
    ),
    configure=configure,
    run=run,
)
