"""`python -m twin destroy`: delete what was deployed into the running twin."""

import argparse
import sys

from blueprint.errors import ConfigError
from blueprint.project_files import Project
from twin.cli.options import Subparsers, add_home, running_twin


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
    """Delete the named stacks, or all with the primary one last; refused while they are protected."""
    from twin.deploy.errors import DeployError
    from twin.deploy.project import ROOT
    from twin.deploy.run import destroy_stack

    client = running_twin(arguments)
    try:
        for stack in arguments.stack or reversed(Project.at(ROOT).default_config().stacks_in_order):
            destroy_stack(stack, client)
    except (DeployError, ConfigError) as error:
        print(f"twin: {error}", file=sys.stderr)
        return 1
    return 0
