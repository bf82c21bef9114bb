"""`python -m twin deploy`: run the real program for one stack or all against the running twin."""

import argparse
import importlib
import importlib.util

from twin.cli.options import Subparsers, add_home, running_twin
from twin.errors import SettingsError, TwinError

_MODULE = "twin.deploy.command"


def add_parser(subparsers: Subparsers) -> None:
    """Declare the command."""
    parser = subparsers.add_parser("deploy", help="run the program against the twin", description=__doc__)
    add_home(parser)
    parser.add_argument(
        "--stack",
        action="append",
        default=[],
        metavar="NAME",
        help="stack to deploy (default: every one, in order)",
    )
    parser.add_argument(
        "--config",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="a value in place of the stack files' (may be repeated)",
    )
    parser.add_argument(
        "--engine", action="store_true", help="let Pulumi's real engine do it (make engine gets one)"
    )
    parser.add_argument(
        "--provider",
        choices=("twin", "official"),
        help="with --engine: through the twin's own AWS provider, or through Pulumi's official plugin "
        "(default: what the stack's resources were made with, else the twin's)",
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Hand over to the deployment's own code: twin.deploy.command."""
    client = running_twin(arguments)
    if importlib.util.find_spec(_MODULE) is None:
        raise TwinError("this twin cannot deploy: its deployment code is not there")
    if arguments.provider and not arguments.engine:
        raise SettingsError("--provider is for Pulumi's engine: give --engine, too")
    overrides = dict(_pair(text) for text in arguments.config)
    command = importlib.import_module(_MODULE)
    return int(
        command.run(client, arguments.stack, overrides, engine=arguments.engine, provider=arguments.provider)
    )


def _pair(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals or not key:
        raise SettingsError(f"--config takes KEY=VALUE, not {text!r}")
    return key, value
