"""The command line: the list of commands, one parser, and errors as one line and an exit status."""

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from importlib import import_module
from typing import NoReturn

from botocore.exceptions import BotoCoreError, ClientError

from ops.aws_errors import explain
from ops.command import Command
from ops.console import Console
from ops.errors import MisuseError, OpsError
from ops.invocation import Spoken, spoken

PROGRAM = "python -m ops"
COMMANDS = (
    "controls",
    "check",
    "export",
    "parity",
    "reconcile",
    "put-back",
    "costs",
    "smoke",
    "fill",
    "order",
    "load",
    "drill",
    "clean",
    "preflight",
    "deploy",
    "destroy",
    "deployment",
    "demo",
    "demo-full",
)


class Parser(ArgumentParser):
    """Errors are raised, so that they leave by the same door as all others."""

    def error(self, message: str) -> NoReturn:
        raise MisuseError(f"{message}. See: {self.prog} --help")


def load(name: str) -> Command:
    """The command of a name; each is in a file of its own."""
    found = import_module(f"ops.commands.{name.replace('-', '_')}").COMMAND
    assert isinstance(found, Command)  # noqa: S101 - a slip of ours, not of the user
    return found


def build_parser(names: Sequence[str] = COMMANDS) -> ArgumentParser:
    """The parser of the whole command line."""
    parser = Parser(
        prog=PROGRAM, description="Operate the order service: its traffic, its checks, its drills."
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND", parser_class=Parser)
    for command in map(load, names):
        own = commands.add_parser(command.name, help=command.summary, description=command.description)
        command.configure(own)
        own.add_argument("--json", action="store_true", help="print the outcome as one JSON document")
        own.set_defaults(run=command.run)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command: 0 done, 1 failed, 2 misuse. Errors are one line on stderr."""
    words = spoken(target=None)
    try:
        parsed = build_parser().parse_args(arguments)
        words = spoken(getattr(parsed, "target", None))
        return _run(parsed, words)
    except OpsError as error:
        return _failed(words(str(error)), error.exit_code)
    except KeyboardInterrupt:
        return _failed("Interrupted.", 1)
    except BrokenPipeError:
        raise
    except (BotoCoreError, ClientError) as error:
        return _failed(str(explain(error, "finish")), 1)
    except OSError as error:
        return _failed(f"{error.filename or ''} {error.strerror or error}".strip(), 1)


def _run(arguments: Namespace, words: Spoken) -> int:
    from twin.errors import TwinError

    console = Console(as_json=arguments.json, words=words)
    try:
        outcome = arguments.run(arguments, console)
    except TwinError as error:
        return _failed(words(str(error)), error.exit_code)
    console.show(outcome)
    return 0 if outcome.ok else 1


def _failed(message: str, code: int) -> int:
    # One line, whatever a service put into its message.
    print(f"ops: {' '.join(message.split())}", file=sys.stderr)
    return code
