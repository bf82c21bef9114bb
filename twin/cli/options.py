"""Options that several commands share."""

import argparse
from pathlib import Path
from typing import TypeAlias

from twin.client import TwinClient
from twin.settings import home_directory

Subparsers: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def add_home(parser: argparse.ArgumentParser) -> None:
    """--home."""
    parser.add_argument(
        "--home",
        type=Path,
        default=None,
        metavar="DIR",
        help="home directory of the twin (default: $TWIN_HOME, else .twin in the working directory)",
    )


def home_of(arguments: argparse.Namespace) -> Path:
    """The home directory asked for, absolute."""
    return arguments.home.absolute() if arguments.home is not None else home_directory()


def running_twin(arguments: argparse.Namespace) -> TwinClient:
    """The twin that runs in that home. Raises NotRunningError."""
    return TwinClient.from_home(home_of(arguments))
