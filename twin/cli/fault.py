"""`python -m twin fault`: break something on purpose, or mend it.

python -m twin fault kill us-east-1            python -m twin fault revive us-east-1
python -m twin fault kill-arc 3                python -m twin fault revive-arc 3
python -m twin fault cut us-east-1 us-west-2   python -m twin fault heal us-east-1 us-west-2
python -m twin fault slow dynamodb --seconds 2 --region us-east-1 --operation TransactWriteItems
python -m twin fault failing lambda            python -m twin fault throttled dynamodb --rate 0.2
python -m twin fault conflicting dynamodb --rate 0.1
python -m twin fault clear                     (ends every fault, dead regions and cut links too)
"""

import argparse
import json
from typing import get_args

from twin.cli.options import Subparsers, add_home, running_twin
from twin.client import TwinClient
from twin.front.faults import FaultKind


def add_parser(subparsers: Subparsers) -> None:
    """Declare the command."""
    parser = subparsers.add_parser(
        "fault",
        help="break or mend a region, a link, an ARC endpoint or a service",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    kinds = parser.add_subparsers(dest="kind", required=True, metavar="WHAT")
    for name in ("kill", "revive"):
        kinds.add_parser(name).add_argument("region")
        kinds.add_parser(f"{name}-arc").add_argument("number", type=int, choices=range(1, 6))
    for name in ("cut", "heal"):
        link = kinds.add_parser(name)
        link.add_argument("source")
        link.add_argument("target")
    for name in get_args(FaultKind):
        service = kinds.add_parser(name)
        service.add_argument("service", help="botocore's name, e.g. dynamodb, lambda, execute-api")
        service.add_argument("--region")
        service.add_argument("--operation")
        service.add_argument("--rate", type=float, default=1.0)
        service.add_argument("--seconds", type=float, default=0.0)
    kinds.add_parser("clear")
    for kind in kinds.choices.values():
        add_home(kind)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Do it and print what the twin answers."""
    print(json.dumps(_apply(running_twin(arguments), arguments), indent=2))
    return 0


def _apply(client: TwinClient, arguments: argparse.Namespace) -> dict[str, object]:
    match arguments.kind:
        case "kill":
            return client.kill(arguments.region)
        case "revive":
            return client.revive(arguments.region)
        case "kill-arc":
            return client.kill_arc_endpoint(arguments.number)
        case "revive-arc":
            return client.revive_arc_endpoint(arguments.number)
        case "cut" | "heal" as kind:
            return client.link(arguments.source, arguments.target, cut=kind == "cut")
        case "clear":
            return client.clear_faults()
        case kind:
            return client.fault(
                arguments.service,
                kind,
                region=arguments.region,
                operation=arguments.operation,
                rate=arguments.rate,
                seconds=arguments.seconds,
            )
