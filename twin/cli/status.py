"""`python -m twin status`: state and every parameter of the running twin, as JSON."""

import argparse
import json

from twin.cli.options import Subparsers, add_home, running_twin


def add_parser(subparsers: Subparsers) -> None:
    """Declare the command."""
    parser = subparsers.add_parser("status", help="print the twin's state as JSON", description=__doc__)
    add_home(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print the status."""
    print(json.dumps(running_twin(arguments).status(), indent=2))
    return 0
