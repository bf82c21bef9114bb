"""`demo`: the whole thing on this machine: a twin of AWS, both stacks, a failover and the way back."""

import os
import subprocess
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from ops import interrupts
from ops.command import Command
from ops.commands import deploy, drill
from ops.console import Console, Outcome
from ops.deployed.options import Place
from ops.deployed.stacks import DEFAULT_STACK, PROJECT, read_plan
from ops.deployed.target import TWIN, TwinTarget
from ops.deploying.twin_deployer import TwinDeployer, engine_to_use
from ops.drill.settings import Scenario
from ops.errors import OpsError
from twin.client import TwinClient
from twin.errors import NotRunningError

DRILL = (
    *("--switch-after", "8", "--pool-age", "10", "--max-lost", "0", "--max-sold-twice", "0"),
    *("--max-lag-deviation", "0.2"),
)
# DNS TTL and connections' greatest age are 10 s: fresh clients then need at most the TTL and what Route 53
# takes to see the switch, pooled ones one connection's age more. In seconds from the switch.
MAX_RTO_FRESH = 15
MAX_RTO_POOLED = 25
# In an outage the clock starts at the kill: the operator's reaction comes on top.
REACTION = 5
STOP_SECONDS = 20.0


def configure(parser: ArgumentParser) -> None:
    parser.add_argument("--rate", default="20", help="requests a second in all (default: %(default)s)")
    parser.add_argument(
        "--scenario",
        default=Scenario.EVACUATE.value,
        choices=[s.value for s in Scenario],
        help="default: %(default)s",
    )
    parser.add_argument("--seed", help="make the hosts' cache ages repeatable")
    parser.add_argument("--results", default="results", metavar="DIR", help="default: %(default)s")
    parser.add_argument(
        "--keep",
        action="store_true",
        help="leave the twin running, to look around on its page (whose address is printed)",
    )


def run(arguments: Namespace, console: Console) -> Outcome:
    guard = interrupts.Guard(lambda: console.note("Stopping; please wait."))
    with guard, running_twin(console, keep=arguments.keep) as twin:
        here = Place(target=TwinTarget(twin), stacks=read_plan(DEFAULT_STACK, PROJECT))
        engine, why = engine_to_use(twin, here.plan)
        console.note(why)
        deploy.deploy(here, TwinDeployer(twin, overrides={}, engine=engine), console)
        return drill.drill(here, drill_arguments(arguments), console)


def drill_arguments(arguments: Namespace) -> Namespace:
    """The drill's options for a demonstration, with its bounds."""
    parser = ArgumentParser()
    drill.configure(parser)
    given = ["--target", TWIN, "--rate", arguments.rate, "--scenario", arguments.scenario]
    given += ["--results", arguments.results, "--reaction", str(REACTION)]
    before_switch = REACTION if arguments.scenario == Scenario.OUTAGE.value else 0
    given += ["--max-rto-fresh", str(MAX_RTO_FRESH + before_switch)]
    given += ["--max-rto-pooled", str(MAX_RTO_POOLED + before_switch)]
    if arguments.seed is not None:
        given += ["--seed", arguments.seed]
    return parser.parse_args([*given, *DRILL])


@contextmanager
def running_twin(console: Console, *, keep: bool, options: Sequence[str] = ()) -> Iterator[TwinClient]:
    """The twin of the home directory: the one that runs, or one that is started here, with `options`, and
    stopped after use.
    """
    try:
        yield TwinClient.from_home()
        return
    except NotRunningError:
        console.note("Starting the twin ...")
    twin = start_twin(keep=keep, options=options)
    try:
        yield twin
    finally:
        if keep:
            console.note(f"The twin is still running: {twin.page}. Stop it with: python -m twin down")
        else:
            stop_twin(twin)


def start_twin(*, keep: bool, options: Sequence[str] = ()) -> TwinClient:
    """Start a twin that ends with this process unless `keep`; OpsError with its own words when it does not
    start.
    """
    owner = [] if keep else ["--owner-pid", str(os.getpid())]
    done = subprocess.run(
        [sys.executable, "-m", "twin", "up", "--detach", *owner, *options],
        cwd=Path.cwd(),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines()
        raise OpsError(f"The twin did not start: {said[-1] if said else f'exit status {done.returncode}'}")
    return TwinClient.from_home()


def stop_twin(twin: TwinClient) -> None:
    """Stop it and wait until its process is gone."""
    subprocess.run(
        [sys.executable, "-m", "twin", "down", "--home", str(twin.home)],
        capture_output=True,
        timeout=STOP_SECONDS + 10,
        check=False,
    )


COMMAND = Command(
    name="demo",
    summary="the whole thing on this machine, in the local twin of AWS",
    description=(
        "Start the local twin of AWS if none runs, deploy both stacks into it in waves, move all traffic"
        " off the"
        " first region and back while clients order through the domain name, and print and write what"
        " that took."
        " Exit status 1 when a bound is broken. The twin is stopped again if it was started here."
    ),
    configure=configure,
    run=run,
)
