"""Deploys stacks into the running twin and destroys them, in one of two ways.

in_process/  the program runs in a process of its own, and its resources are made one by one
engine/      Pulumi's real engine deploys it

Both make resources with the handlers in resources/. A stack goes on in the way that it began.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from twin.client import TwinClient
from twin.deploy.engine import run as engine_run
from twin.deploy.engine.workspace import Provider
from twin.deploy.errors import SettingsError
from twin.deploy.in_process import run as in_process_run
from twin.deploy.process import DeployResult
from twin.deploy.project import ROOT


class Way(Protocol):
    """What each way offers: the module `run` of its folder. Every operation raises DeployError."""

    @property
    def BEGUN(self) -> str:  # noqa: N802 - a constant of the module
        """What is said, with the stack's name around it, to whoever wants to go on in the other way."""

    def unprotect_stack(
        self, stack: str, client: TwinClient, *, project_directory: Path = ROOT, quiet: bool = False
    ) -> DeployResult: ...

    def destroy_stack(self, stack: str, client: TwinClient, *, quiet: bool = False) -> DeployResult: ...

    def resources(
        self, stack: str, client: TwinClient, project_directory: Path = ROOT
    ) -> list[dict[str, Any]]: ...


IN_PROCESS: Way = in_process_run
ENGINE: Way = engine_run


def deploy_stack(
    stack: str,
    client: TwinClient,
    overrides: Mapping[str, str] | None = None,
    *,
    engine: bool = False,
    provider: Provider | None = None,
    project_directory: Path = ROOT,
    quiet: bool = False,
    verbose: bool = False,
) -> DeployResult:
    """Runs the program of `stack` and writes `<home>/outputs/<stack>.json`.

    `overrides` go on top of the stack's committed configuration, which is never changed, and of what the twin
    needs (its endpoint, the host's Lambda runtime). `engine` has Pulumi's engine do it, through `provider`.
    Progress is printed unless `quiet`: one live line in a terminal, else, and with `verbose`, a line for each
    resource. Raises DeployError with what went wrong, SettingsError before anything is done; what was done is
    kept and the next call goes on from there.
    """
    begun = way_of(stack, client, project_directory)
    if begun is not None and begun is not (ENGINE if engine else IN_PROCESS):
        raise SettingsError(f"{stack} {begun.BEGUN} {stack}")
    if engine:
        return engine_run.deploy_stack(
            stack,
            client,
            overrides or {},
            project_directory=project_directory,
            quiet=quiet,
            verbose=verbose,
            provider=provider,
        )
    return in_process_run.deploy_stack(
        stack,
        client,
        overrides or {},
        project_directory=project_directory,
        quiet=quiet,
        verbose=verbose,
    )


def unprotect_stack(
    stack: str, client: TwinClient, *, project_directory: Path = ROOT, quiet: bool = False
) -> DeployResult:
    """Deploys the stack as it was last deployed, but with `protect` false. Raises DeployError."""
    way = way_of(stack, client, project_directory) or IN_PROCESS
    return way.unprotect_stack(stack, client, project_directory=project_directory, quiet=quiet)


def destroy_stack(
    stack: str, client: TwinClient, *, project_directory: Path = ROOT, quiet: bool = False
) -> DeployResult:
    """Deletes what was deployed. Raises DeployError, for protected resources too."""
    return (way_of(stack, client, project_directory) or IN_PROCESS).destroy_stack(stack, client, quiet=quiet)


def resources(stack: str, client: TwinClient, project_directory: Path = ROOT) -> list[dict[str, Any]]:
    """What the stack has in the twin, as `pulumi stack export` shows resources."""
    way = way_of(stack, client, project_directory)
    return way.resources(stack, client, project_directory) if way else []


def way_of(stack: str, client: TwinClient, project_directory: Path = ROOT) -> Way | None:
    """The way in which a stack was deployed; None where nothing of it is in the twin."""
    return next(
        (way for way in (ENGINE, IN_PROCESS) if way.resources(stack, client, project_directory)), None
    )
