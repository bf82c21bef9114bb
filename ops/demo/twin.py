"""The twin that a demonstration runs in, with the program deployed into it."""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from ops import interrupts
from ops.console import Console
from ops.deployed.deployment import Deployment
from ops.deployed.options import DeploymentChoice
from ops.deployed.stacks import DEFAULT_STACK, PROJECT, read_plan
from ops.deployed.target import TwinTarget
from ops.deploying.twin_deployer import TwinDeployer, engine_to_use
from ops.deploying.waves import deploy
from ops.errors import OpsError
from twin.client import TwinClient
from twin.errors import NotRunningError

STOP_SECONDS = 20.0


@contextmanager
def deployed_twin(
    console: Console, *, keep: bool, options: Sequence[str] = ()
) -> Iterator[tuple[TwinClient, DeploymentChoice, Deployment]]:
    """A running twin (see `running_twin`) with every stack of the default plan, undisturbed by Ctrl-C when
    it is being stopped.
    """
    guard = interrupts.Guard(lambda: console.note("Stopping; please wait."))
    with guard, running_twin(console, keep=keep, options=options) as twin:
        choice = DeploymentChoice(target=TwinTarget(twin), stacks=read_plan(DEFAULT_STACK, PROJECT))
        engine, why = engine_to_use(twin, choice.plan)
        console.note(why)
        deployment, _ = deploy(choice, TwinDeployer(twin, overrides={}, engine=engine), console)
        yield twin, choice, deployment


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
    """Start a twin that ends with this process unless `keep`; OpsError with its own words when it
    does not start.
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
