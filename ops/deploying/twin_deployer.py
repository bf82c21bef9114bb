"""Deploys into the twin and destroys there: with Pulumi's real engine, or with the twin's own run."""

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from blueprint.errors import ConfigError
from blueprint.project_files import Project
from ops.deployed.stacks import PROJECT, StackPlan
from ops.deploying.teardown import StackResource, standing_of
from ops.errors import DeploymentError

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
        from twin.deploy.engine import run
        from twin.deploy.run import deploy_stack

        deploy = run.deploy_stack if self._engine else deploy_stack
        with _reported(), stdout_on_stderr():
            deploy(stack, self._twin, self._overrides, project_directory=self._directory)

    def unprotect(self, stack: str) -> None:
        from twin.deploy.engine import run
        from twin.deploy.run import unprotect_stack

        unprotect = run.unprotect_stack if self._in_engine(stack) else unprotect_stack
        with _reported(), stdout_on_stderr():
            unprotect(stack, self._twin, project_directory=self._directory)

    def destroy(self, stack: str) -> None:
        from twin.deploy.engine import run
        from twin.deploy.run import destroy_stack

        destroy = run.destroy_stack if self._in_engine(stack) else destroy_stack
        with _reported(), stdout_on_stderr():
            destroy(stack, self._twin)

    def standing(self, stack: str) -> Sequence[StackResource]:
        from twin.deploy.run import state_of

        if found := self._in_engine(stack):
            return standing_of({"deployment": {"resources": found}})
        return [
            StackResource(
                type=kept.type,
                name=kept.name,
                identity=kept.identity,
                protected=kept.protect or bool(kept.inputs.get("deletionProtectionEnabled")),
                retained=kept.retain,
            )
            for kept in state_of(stack, self._twin).resources.values()
        ]

    def _in_engine(self, stack: str) -> list[dict[str, Any]]:
        """What Pulumi's engine holds of the stack; nothing where the stack was deployed without it."""
        from twin.deploy.run import engine_resources

        return engine_resources(self._twin.home, Project.at(self._directory).name, stack)


@contextmanager
def _reported() -> Iterator[None]:
    """What stops a deployment into the twin, as one line of this command's."""
    from twin.deploy.errors import DeployError

    try:
        yield
    except (DeployError, ConfigError) as error:
        raise DeploymentError(
            f"{error} Mend that and run the same command again: what is done already is left alone."
        ) from error


def engine_to_use(twin: "TwinClient", plan: StackPlan) -> tuple[bool, str]:
    """Whether Pulumi's real engine is to deploy the stacks of a plan, and why, in one line.

    It is where one is there and works; stacks that are deployed already go on as they began.
    """
    from twin.deploy.engine import find, get
    from twin.deploy.project import ROOT
    from twin.deploy.run import engine_resources

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
