"""Has Pulumi's real engine work on a stack in the running twin, in a process of its own."""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from twin.client import TwinClient
from twin.deploy.engine.workspace import Provider, workspace
from twin.deploy.errors import SettingsError
from twin.deploy.in_process.state import StackState
from twin.deploy.project import ROOT
from twin.deploy.run import DeployResult, run_process

Action = Literal["preview", "up", "refresh", "destroy"]


def deploy_stack(
    stack: str,
    client: TwinClient,
    overrides: Mapping[str, str] | None = None,
    *,
    project_directory: Path = ROOT,
    quiet: bool = False,
    provider: Provider | None = None,
) -> DeployResult:
    """`pulumi up`: as twin.deploy.run.deploy_stack, with the state in Pulumi's own backend."""
    return engine(
        "up",
        stack,
        client,
        overrides=overrides or {},
        project_directory=project_directory,
        quiet=quiet,
        provider=provider,
    )


def unprotect_stack(
    stack: str, client: TwinClient, *, project_directory: Path = ROOT, quiet: bool = False
) -> DeployResult:
    """`pulumi up` with the configuration of before, but with `protect` false. Raises DeployError."""
    last = workspace(client.home, client.env, project_directory).configured(stack)
    return deploy_stack(
        stack, client, {**last, "protect": "false"}, project_directory=project_directory, quiet=quiet
    )


def destroy_stack(stack: str, client: TwinClient, *, quiet: bool = False) -> DeployResult:
    """`pulumi destroy`. Raises DeployError, for protected resources too."""
    return engine("destroy", stack, client, quiet=quiet)


def engine(
    action: Action,
    stack: str,
    client: TwinClient,
    *options: str,
    overrides: Mapping[str, str] | None = None,
    project_directory: Path = ROOT,
    quiet: bool = False,
    provider: Provider | None = None,
) -> DeployResult:
    """One operation; `options` are twin.deploy.engine.runner's. Raises DeployError with what went wrong.

    `provider` is workspace.Workspace.choose's.
    """
    _refuse_other_way(client, stack)
    workspace(client.home, client.env, project_directory).choose(stack, provider)
    configuration = [
        word for key, value in (overrides or {}).items() for word in ("--config", f"{key}={value}")
    ]
    module = ["twin.deploy.engine.runner", action, "--stack", stack]
    place = ["--project-directory", str(project_directory)]
    done = "destroyed" if action == "destroy" else "deployed"
    return run_process(stack, client, [*module, *place, *configuration, *options], quiet=quiet, done=done)


def _refuse_other_way(client: TwinClient, stack: str) -> None:
    """Raises SettingsError where the stack was deployed without the engine, whose state lacks it."""
    state = StackState.load(client.home / "state" / f"{stack}.json", str(client.description["instance"]))
    if state.resources:
        raise SettingsError(
            f"{stack} was deployed into this twin without Pulumi's engine, which knows nothing of it. "
            f"Go on without --engine, or destroy it first: python -m twin destroy --stack {stack}"
        )
