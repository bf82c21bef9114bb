"""`python -m twin canary`: what the canaries found last, or a run of one of them at once."""

import argparse
import json

from twin.cli.options import Subparsers, add_home, running_twin
from twin.client import TwinClient
from twin.errors import AdminRefusedError


def add_parser(subparsers: Subparsers) -> None:
    """Declare the command."""
    parser = subparsers.add_parser(
        "canary", help="show the canaries' last runs, or run one now", description=__doc__
    )
    parser.add_argument(
        "--run", metavar="NAME", dest="canary", help="run this canary once, beside its schedule"
    )
    add_home(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Show, or run and show; 1 when the run failed."""
    client = running_twin(arguments)
    if arguments.canary is None:
        print(json.dumps(client.canaries(), indent=2))
        return 0
    found = client.run_canary(_region_of(client, arguments.canary), arguments.canary)
    print(json.dumps(found, indent=2))
    return 0 if found["passed"] else 1


def _region_of(client: TwinClient, name: str) -> str:
    known = {canary["name"]: str(canary["region"]) for canary in client.canaries()["canaries"]}
    if name not in known:
        others = ", ".join(known) or "none"
        raise AdminRefusedError(f"there is no canary {name!r}; there are: {others}", 404)
    return known[name]
