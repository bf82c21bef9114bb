"""The command line: one module a command, each with `add_parser(subparsers)` and `run(arguments) -> int`."""

import argparse
import os
import sys
from collections.abc import Sequence

from twin.cli import canary, coverage, deploy, destroy, down, env, fault, status, up
from twin.errors import TwinError

_COMMANDS = (up, deploy, env, status, fault, canary, destroy, down, coverage)


def main(arguments: Sequence[str]) -> int:
    """Run a command; returns its exit code. A TwinError becomes one line on stderr."""
    parser = argparse.ArgumentParser(
        prog="python -m twin", description="A local twin of AWS for the order service."
    )
    subparsers = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for command in _COMMANDS:
        command.add_parser(subparsers)
    parsed = parser.parse_args(arguments)
    try:
        return int(parsed.run(parsed))
    except TwinError as error:
        print(f"twin: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # The reader of our output went away (`python -m twin env | head`); do not complain at exit either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        where = f" {error.filename}" if error.filename else ""
        print(f"twin: the system refused{where}: {error.strerror or error}", file=sys.stderr)
        return 1
