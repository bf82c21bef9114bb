"""Has Pulumi's real engine work on a stack in the running twin, in a process of its own."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from blueprint.project_files import Project
from twin.client import TwinClient
from twin.deploy.engine.backend import kept_resources
from twin.deploy.engine.workspace import Provider, workspace
from twin.deploy.process import DeployResult, run_process
from twin.deploy.project import ROOT, fitting

Action = Literal["preview", "up", "refresh", "destroy"]

BEGUN = (
    "was deployed into this twin by Pulumi's engine, whose state it is in. "
    "Go on with it: python -m twin deploy --engine --stack"
)


def deploy_stack(
    stack: str,
    client: TwinClient,
    overrides: Mapping[str, str],
    *,
    project_directory: Path = ROOT,
    quiet: bool = False,
    verbose: bool = False,
    provider: Provider | None = None,
) -> DeployResult:
    """`pulumi up`, with the state in Pulumi's own backend; `provider` is Workspace.choose's."""
    fitting(Project.at(project_directory), stack, overrides, client.env)
    return engine(
        "up",
        stack,
        client,
        *(["--verbose"] if verbose else []),
        overrides=overrides,
        project_directory=project_directory,
        quiet=quiet,
        provider=provider,
    )


def unprotect_stack(
    stack: str, client: TwinClient, *, project_directory: Path = ROOT, quiet: bool = False
) -> DeployResult:
    """`pulumi up` with the configuration of before, but with `protect` false."""
    last = workspace(client.home, client.env, project_directory).configured(stack)
    return deploy_stack(
        stack, client, {**last, "protect": "false"}, project_directory=project_directory, quiet=quiet
    )


def destroy_stack(stack: str, client: TwinClient, *, quiet: bool = False) -> DeployResult:
    """`pulumi destroy`."""
    return engine("destroy", stack, client, quiet=quiet)


def resources(stack: str, client: TwinClient, project_directory: Path = ROOT) -> list[dict[str, Any]]:
    return kept_resources(client.home, Project.at(project_directory).name, stack)


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
    workspace(client.home, client.env, project_directory).choose(stack, provider)
    configuration = [
        word for key, value in (overrides or {}).items() for word in ("--config", f"{key}={value}")
    ]
    module = ["twin.deploy.engine.runner", action, "--stack", stack]
    place = ["--project-directory", str(project_directory)]
    done = "destroyed" if action == "destroy" else "deployed"
    return run_process(stack, client, [*module, *place, *configuration, *options], quiet=quiet, done=done)
