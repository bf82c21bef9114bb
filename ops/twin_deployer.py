"""Deploys into the twin: with Pulumi's real engine, or with the twin's own run of the program."""

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ops.errors import MisuseError
from ops.options import PROJECT
from ops.stacks import StackPlan

if TYPE_CHECKING:
    from twin.client import TwinClient


class TwinDeployer:
    """`overrides` are configuration values in place of the stack files', which are in `directory`.

    With `engine` it is Pulumi's real engine that deploys.
    """

    def __init__(
        self,
        twin: "TwinClient",
        *,
        overrides: Mapping[str, str],
        directory: Path = PROJECT,
        engine: bool = False,
    ) -> None:
        self._twin = twin
        self._overrides = overrides
        self._directory = directory
        self._engine = engine

    def up(self, stack: str) -> None:
        from twin.deploy.run import deploy_stack
        from twin.pulumi_engine import run

        deploy = run.deploy_stack if self._engine else deploy_stack
        with stdout_on_stderr():
            deploy(stack, self._twin, self._overrides, project_directory=self._directory)

    def destroy(self, stack: str) -> None:
        raise MisuseError(
            f"{stack}: nothing to destroy on the twin; stop it and all is gone: python -m twin down"
        )


def engine_to_use(twin: "TwinClient", plan: StackPlan) -> tuple[bool, str]:
    """Whether Pulumi's real engine is to deploy the stacks of a plan, and why, in one line.

    It is where one is there and works; stacks that are deployed already go on as they began.
    """
    from twin.deploy.project import ROOT, Project
    from twin.deploy.run import engine_resources
    from twin.pulumi_engine import find, get

    path = find.find_program()
    version = get.version_of(path) if path else None
    project = Project.at(ROOT).name
    if any(engine_resources(twin.home, project, stack) for stack in plan.names):
        return True, f"Pulumi's engine deploys: it made these stacks (Pulumi {version or 'is missing'})."
    if any((twin.home / "state" / f"{stack}.json").exists() for stack in plan.names):
        return False, "The program runs without Pulumi's engine, as these stacks were made."
    if version is None:
        return False, f"The program runs without Pulumi's engine: none is here that works ({HOW_TO_GET_ONE})."
    return True, f"Pulumi's engine deploys: {version}, {path}."


HOW_TO_GET_ONE = "make engine gets one"


@contextmanager
def stdout_on_stderr() -> Iterator[None]:
    """Inside, what child processes print goes to stderr: stdout is for the command's own outcome."""
    sys.stdout.flush()
    kept = os.dup(1)
    os.dup2(2, 1)
    try:
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)
