"""`demo-full`: everything at work on this machine: load, canaries, alarms, dashboards, and an outage."""

import time
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from pathlib import Path

from ops.command import Command, at_least_one, count, folder, positive
from ops.console import Console, Outcome
from ops.errors import MisuseError
from twin.client import TwinClient
from twin.errors import NotRunningError
from twin.settings import LONGEST_MINUTE, SHORTEST_MINUTE

MINUTE = 10.0


def configure(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--minute",
        type=_minute,
        metavar="S",
        help="seconds that a minute of canaries and alarms lasts, 5 to 60, in a twin that is started here "
        f"(default: {MINUTE:g})",
    )
    parser.add_argument(
        "--items",
        type=at_least_one,
        default=100,
        metavar="N",
        help="orders of each load generator, one a second (default: %(default)d)",
    )
    parser.add_argument(
        "--rate", type=positive, default=10.0, help="requests a second of the drill (default: %(default)g)"
    )
    parser.add_argument("--seed", type=count, help="make the hosts' cache ages repeatable")
    parser.add_argument(
        "--results",
        type=folder,
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
    from ops.demo.twin import deployed_twin

    began = time.monotonic()
    refuse_other_minute(arguments.minute)
    options = ("--minute", f"{arguments.minute or MINUTE:g}")
    with deployed_twin(console, keep=arguments.keep, options=options) as (twin, choice, deployment):
        done = Demonstration(
            choice=choice,
            deployment=deployment,
            console=console,
            items=arguments.items,
            rate=arguments.rate,
            seed=arguments.seed,
            results=arguments.results,
            minute=float(twin.status()["parameters"]["minuteSeconds"]),
            began=began,
        ).run()
        return Outcome(data=done.report.result, text=done.text, ok=done.report.ok)


def refuse_other_minute(asked: float | None) -> None:
    """MisuseError where a twin runs already whose minutes are not what was asked for."""
    try:
        runs = float(TwinClient.from_home().status()["parameters"]["minuteSeconds"])
    except NotRunningError:
        return
    if asked is not None and asked != runs:
        raise MisuseError(
            f"--minute {asked:g}: the twin that runs already was started with minutes of {runs:g} s, which "
            "cannot be changed. Leave --minute out, or stop the twin first: python -m twin down"
        )


def _minute(text: str) -> float:
    value = positive(text)
    if not SHORTEST_MINUTE <= value <= LONGEST_MINUTE:
        raise ArgumentTypeError(f"must be {SHORTEST_MINUTE:g} to {LONGEST_MINUTE:g} seconds, not {text!r}")
    return value


COMMAND = Command(
    name="demo-full",
    summary="everything at work on this machine: load, canaries, alarms, dashboards, an outage",
    description=(
        "As demo, with everything that watches the service: start a twin whose minutes are short, deploy in "
        "waves, start both load generators, wait until all canaries and alarms are green, kill a region, "
        "evacuate it when its alarm goes off, heal it and fail back, and wait until all is green again. At "
        "the end it states what was measured: no metric of a dashboard without data, no alarm never "
        "evaluated, no order lost. Exit status 1 when a statement does not hold."
    ),
    configure=configure,
    run=run,
)
