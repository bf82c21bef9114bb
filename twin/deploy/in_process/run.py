"""Deploys a stack without Pulumi's engine: the program runs in a process of its own (see runner.py)."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from blueprint.project_files import Project
from twin.client import TwinClient
from twin.deploy.in_process.state import StackState, StoredResource, state_file
from twin.deploy.process import DeployResult, run_process
from twin.deploy.project import ROOT, fitting

BEGUN = (
    "was deployed into this twin without Pulumi's engine, which knows nothing of it. "
    "Go on without --engine, or destroy it first: python -m twin destroy --stack"
)


def deploy_stack(
    stack: str,
    client: TwinClient,
    overrides: Mapping[str, str],
    *,
    project_directory: Path = ROOT,
    quiet: bool = False,
    verbose: bool = False,
) -> DeployResult:
    """Runs the program; what is left alone, changed and made is decided by the state that is kept."""
    configuration = fitting(Project.at(project_directory), stack, overrides, client.env)
    arguments = [
        argument for key, value in configuration.items() for argument in ("--config", f"{key}={value}")
    ]
    arguments += ["--project-directory", str(project_directory), *(["--verbose"] if verbose else [])]
    return _run(stack, client, arguments, quiet=quiet)


def unprotect_stack(
    stack: str, client: TwinClient, *, project_directory: Path = ROOT, quiet: bool = False
) -> DeployResult:
    """Deploys the stack as it was last deployed, but with `protect` false."""
    overrides = {**state_of(stack, client).configuration, "protect": "false"}
    return deploy_stack(stack, client, overrides, project_directory=project_directory, quiet=quiet)


def destroy_stack(stack: str, client: TwinClient, *, quiet: bool = False) -> DeployResult:
    """Deletes what was deployed, dependents first."""
    return _run(stack, client, ["--destroy"], quiet=quiet, done="destroyed")


def resources(stack: str, client: TwinClient, project_directory: Path = ROOT) -> list[dict[str, Any]]:  # noqa: ARG001 - as of both ways
    return [_exported(kept) for kept in state_of(stack, client).resources.values()]


def state_of(stack: str, client: TwinClient) -> StackState:
    """What the stack has in the running twin, whether or not its deployment came to an end."""
    return StackState.load(state_file(client.home, stack), str(client.description["instance"]))


def _exported(kept: StoredResource) -> dict[str, Any]:
    return {
        "urn": kept.urn,
        "type": kept.type,
        "id": kept.identity,
        "custom": True,
        "inputs": kept.inputs,
        "protect": kept.protect,
        "retainOnDelete": kept.retain,
    }


def _run(
    stack: str, client: TwinClient, arguments: list[str], *, quiet: bool, done: str = "deployed"
) -> DeployResult:
    instance = str(client.description["instance"])
    command = ["twin.deploy.in_process.runner", "--stack", stack, "--instance", instance]
    return run_process(stack, client, [*command, *arguments], quiet=quiet, done=done)
