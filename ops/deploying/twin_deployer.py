"""Deploys into the twin and destroys there: with Pulumi's real engine, or with the twin's own run."""

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from blueprint.errors import ConfigError
from ops.deployed.stacks import PROJECT, StackPlan
from ops.deploying.teardown import StackResource, standing_of
from ops.errors import DeploymentError, MisuseError

if TYPE_CHECKING:
    from twin.client import TwinClient


class TwinDeployer:
    """`overrides` are configuration values in place of the stack files', which are in `directory`.

    With `engine` it is Pulumi's real engine that deploys; with `verbose` each resource is a line.
    """

    def __init__(
        self,
        twin: "TwinClient",
        *,
        overrides: Mapping[str, str],
        directory: Path = PROJECT,
        engine: bool = False,
        verbose: bool = False,
    ) -> None:
        self._twin = twin
        self._overrides = overrides
        self._directory = directory
        self._engine = engine
        self._verbose = verbose

    def up(self, stack: str) -> None:
        from twin.deploy.run import deploy_stack

        with _reported(), stdout_on_stderr():
            deploy_stack(
                stack,
                self._twin,
                self._overrides,
                engine=self._engine,
                project_directory=self._directory,
                verbose=self._verbose,
            )

    def unprotect(self, stack: str) -> None:
        from twin.deploy.run import unprotect_stack

        with _reported(), stdout_on_stderr():
            unprotect_stack(stack, self._twin, project_directory=self._directory)

    def destroy(self, stack: str) -> None:
        from twin.deploy.run import destroy_stack

        with _reported(), stdout_on_stderr():
            destroy_stack(stack, self._twin, project_directory=self._directory)

    def standing(self, stack: str) -> Sequence[StackResource]:
        from twin.deploy.run import resources

        return standing_of({"deployment": {"resources": resources(stack, self._twin, self._directory)}})


@contextmanager
def _reported() -> Iterator[None]:
    """What stops a deployment into the twin, as one line of this command's."""
    from twin.deploy.errors import DeployError, SettingsError

    try:
        yield
    except (SettingsError, ConfigError) as error:
        raise MisuseError(str(error)) from error
    except DeployError as error:
        raise DeploymentError(
            f"{error} Mend that and run the same command again: what is done already is left alone."
        ) from error


def engine_to_use(twin: "TwinClient", plan: StackPlan) -> tuple[bool, str]:
    """Whether Pulumi's real engine is to deploy the stacks of a plan, and why, in one line.

    It is where one is there and works; stacks that are deployed already go on as they began.
    """
    from twin.deploy.engine import find, get
    from twin.deploy.run import ENGINE, way_of

    path = find.find_program()
    version = get.version_of(path) if path else None
    begun = [way for stack in plan.names if (way := way_of(stack, twin))]
    if ENGINE in begun:
        return True, f"Pulumi's engine deploys: it made these stacks (Pulumi {version or 'is missing'})."
    if begun:
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
