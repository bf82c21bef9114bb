"""`python -m twin down`: stop the running twin and wait until it is gone."""

import argparse
import time

from twin.cli.options import Subparsers, add_home, running_twin
from twin.errors import TwinError
from twin.home import process_is_alive

_STOP_SECONDS = 20.0


def add_parser(subparsers: Subparsers) -> None:
    """Declare the command."""
    parser = subparsers.add_parser("down", help="stop the twin", description=__doc__)
    add_home(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Stop it."""
    client = running_twin(arguments)
    pid = client.description["pid"]
    client.stop()
    deadline = time.monotonic() + _STOP_SECONDS
    while process_is_alive(pid):
        if time.monotonic() > deadline:
            raise TwinError(
                f"the twin (pid {pid}) was asked to stop, but still runs after {_STOP_SECONDS:g} s"
            )
        time.sleep(0.05)
    print(f"twin: stopped (pid {pid})")
    return 0
