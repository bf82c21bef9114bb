"""`python -m twin destroy`: delete what was deployed into the running twin."""

import argparse

from twin.cli.options import Subparsers, add_home, running_twin
from twin.deploy import command


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
    """Delete the stacks; refused while they are protected."""
    return command.destroy(running_twin(arguments), arguments.stack)
