"""`python -m twin env`: print the environment for AWS clients as shell exports."""

import argparse
import shlex

from twin.cli.options import Subparsers, add_home, running_twin


def add_parser(subparsers: Subparsers) -> None:
    """Declare the command."""
    parser = subparsers.add_parser("env", help="print shell exports for AWS clients", description=__doc__)
    add_home(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print the exports."""
    for name, value in running_twin(arguments).env.items():
        print(f"export {name}={shlex.quote(value)}")
    return 0
