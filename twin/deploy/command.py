"""`python -m twin deploy` and `destroy`, behind the twin's command line."""

import sys
from collections.abc import Mapping, Sequence
from functools import partial

from blueprint.errors import ConfigError
from blueprint.project_files import Project
from twin.client import TwinClient
from twin.deploy.engine import run as engine_run
from twin.deploy.engine.workspace import Provider
from twin.deploy.errors import DeployError
from twin.deploy.project import ROOT
from twin.deploy.run import deploy_stack, destroy_stack, engine_resources


def run(
    client: TwinClient,
    stacks: Sequence[str],
    overrides: Mapping[str, str],
    *,
    engine: bool,
    provider: Provider | None = None,
) -> int:
    """Deploys the named stacks, or all with the primary one first; stops at the first that fails.

    `engine` has Pulumi's real engine do it, through `provider`.
    """
    deploy = partial(engine_run.deploy_stack, provider=provider) if engine else deploy_stack
    try:
        for stack in stacks or Project.at(ROOT).default_config(overrides).stacks_in_order:
            deploy(stack, client, overrides)
    except (DeployError, ConfigError) as error:
        print(f"twin: {error}", file=sys.stderr)
        return 1
    print(f"twin: look at it: {client.page}")
    return 0


def destroy(client: TwinClient, stacks: Sequence[str]) -> int:
    """Deletes the named stacks, or all with the primary one last, in the way that they were deployed."""
    project = Project.at(ROOT)
    try:
        for stack in stacks or reversed(project.default_config().stacks_in_order):
            by_engine = bool(engine_resources(client.home, project.name, stack))
            (engine_run.destroy_stack if by_engine else destroy_stack)(stack, client)
    except (DeployError, ConfigError) as error:
        print(f"twin: {error}", file=sys.stderr)
        return 1
    return 0
