"""`python -m twin deploy` and `destroy`, behind the twin's command line."""

import sys
from collections.abc import Mapping, Sequence

from twin.client import TwinClient
from twin.deploy.errors import DeployError
from twin.deploy.project import ROOT, Project
from twin.deploy.run import deploy_stack, destroy_stack


def run(client: TwinClient, stacks: Sequence[str], overrides: Mapping[str, str]) -> int:
    """Deploys the named stacks, or all with the primary one first; stops at the first that fails."""
    try:
        for stack in stacks or Project.at(ROOT).stacks(overrides):
            deploy_stack(stack, client, overrides)
    except DeployError as error:
        print(f"twin: {error}", file=sys.stderr)
        return 1
    return 0


def destroy(client: TwinClient, stacks: Sequence[str]) -> int:
    """Deletes the named stacks, or all with the primary one last."""
    try:
        for stack in stacks or reversed(Project.at(ROOT).stacks()):
            destroy_stack(stack, client)
    except DeployError as error:
        print(f"twin: {error}", file=sys.stderr)
        return 1
    return 0
