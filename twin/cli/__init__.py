"""The command line: one module a command, each with `add_parser(subparsers)` and `run(arguments) -> int`.

canary.py    `python -m twin canary`: what the canaries found last, or a run of one of them at once
coverage.py  `python -m twin coverage`: the page of every operation the twin has
deploy.py    `python -m twin deploy`: run the real program for one stack or all against the running twin
destroy.py   `python -m twin destroy`: delete what was deployed into the running twin
down.py      `python -m twin down`: stop the running twin and wait until it is gone
env.py       `python -m twin env`: print the environment for AWS clients, for the shell's eval
fault.py     `python -m twin fault`: break something on purpose, or mend it
options.py   Options that several commands share
status.py    `python -m twin status`: state and every parameter of the running twin, as JSON
up.py        `python -m twin up`: start the twin, in the foreground or detached
"""

import argparse
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
        raise
    except OSError as error:
        where = f" {error.filename}" if error.filename else ""
        print(f"twin: the system refused{where}: {error.strerror or error}", file=sys.stderr)
        return 1
