"""`python -m twin env`: print the environment for AWS clients as shell exports."""

import argparse
import os
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
        print(f"export {name}={shlex.quote(_with_own(name, value))}")
    return 0


def _with_own(name: str, value: str) -> str:
    """The user's own PYTHONPATH and NO_PROXY stay in force, behind the twin's."""
    separator = {"PYTHONPATH": os.pathsep, "NO_PROXY": ","}.get(name)
    if separator is None:
        return value
    ours = value.split(separator)
    own = [part for part in os.environ.get(name, "").split(separator) if part and part not in ours]
    return separator.join([*ours, *own])
