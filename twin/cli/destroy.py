"""`python -m twin destroy`: delete what was deployed into the running twin."""

import argparse
from collections.abc import Mapping
from typing import Any

from blueprint.project_files import Project
from twin.cli.options import Subparsers, add_home, deploy_errors, running_twin
from twin.client import TwinClient
from twin.errors import SettingsError


def add_parser(subparsers: Subparsers) -> None:
    """Declare the command."""
    parser = subparsers.add_parser("destroy", help="delete what was deployed", description=__doc__)
    add_home(parser)
    parser.add_argument(
        "--stack",
        action="append",
        default=[],
        metavar="NAME",
        help="stack to delete (default: every one, the primary last)",
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Delete the named stacks, or all with the primary one last; their protection is lifted first.

    What the twin holds can be made again.
    """
    from twin.deploy.project import ROOT

    client, project = running_twin(arguments), Project.at(ROOT)
    with deploy_errors():
        for stack in arguments.stack:
            _refuse_unknown(client, project, stack)
        for stack in arguments.stack or reversed(project.default_config().stacks_in_order):
            _destroy(client, stack)
    return 0


def _destroy(client: TwinClient, stack: str) -> None:
    from twin.deploy.run import destroy_stack, resources, unprotect_stack

    if any(map(_is_protected, resources(stack, client))):
        print(f"{stack}  its protection is lifted first", flush=True)
        unprotect_stack(stack, client)
    destroy_stack(stack, client)


def _is_protected(resource: Mapping[str, Any]) -> bool:
    """By Pulumi, or by DynamoDB itself."""
    return bool(resource.get("protect") or (resource.get("inputs") or {}).get("deletionProtectionEnabled"))


def _refuse_unknown(client: TwinClient, project: Project, stack: str) -> None:
    from twin.deploy.run import resources

    if not project.stack_file(stack).exists() and not resources(stack, client):
        raise SettingsError(
            f"there is no stack {stack!r}: it has no file {project.stack_file(stack)}, and nothing of it is "
            "in this twin. See what is: python -m ops deployment"
        )
