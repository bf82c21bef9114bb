"""`python -m twin deploy`: run the real program for one stack or all against the running twin."""

import argparse
from collections.abc import Mapping
from typing import Any

from blueprint.project_files import Project
from twin.cli.options import Subparsers, add_home, deploy_errors, running_twin
from twin.errors import SettingsError


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
    parser.add_argument(
        "--verbose", action="store_true", help="a line for each resource, as where there is no terminal"
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Deploy the named stacks, or all with the primary one first; stops at the first that fails."""
    # Imported here: what deploys takes longer to import than most commands take.
    from twin.deploy.project import ROOT
    from twin.deploy.run import deploy_stack

    client = running_twin(arguments)
    if arguments.provider and not arguments.engine:
        raise SettingsError("--provider is for Pulumi's engine: give --engine, too")
    overrides = dict(_pair(text) for text in arguments.config)
    with deploy_errors():
        for stack in arguments.stack or Project.at(ROOT).default_config(overrides).stacks_in_order:
            deploy_stack(
                stack,
                client,
                overrides,
                engine=arguments.engine,
                provider=arguments.provider,
                verbose=arguments.verbose,
            )
    for line in next_steps(client.status()):
        print(f"twin: {line}")
    return 0


def next_steps(status: Mapping[str, Any]) -> list[str]:
    """Where to look; and which regions still have their routing control Off, with what gives them traffic."""
    lines = [f"look at it: {status['addresses']['page']}"]
    off = [control["name"] for control in status["arc"]["controls"] if not control["on"]]
    if off:
        lines.append("new routing controls are Off. Give the regions traffic:")
        lines += [f"  python -m ops controls on {region}" for region in off]
    return lines


def _pair(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals or not key:
        raise SettingsError(f"--config takes KEY=VALUE, not {text!r}")
    return key, value
