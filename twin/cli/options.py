"""Options that several commands share."""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias

from blueprint.errors import ConfigError
from twin.client import TwinClient
from twin.errors import SettingsError, TwinError
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


@contextmanager
def deploy_errors() -> Iterator[None]:
    """Inside, what stops a deployment becomes the twin's error; SettingsError for what cannot be."""
    from twin.deploy import errors

    try:
        yield
    except (errors.SettingsError, ConfigError) as error:
        raise SettingsError(str(error)) from error
    except errors.DeployError as error:
        raise TwinError(str(error)) from error
