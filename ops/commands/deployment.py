"""`deployment`: what is deployed."""

from argparse import ArgumentParser, Namespace
from dataclasses import asdict

from ops.command import Command
from ops.console import Console, Outcome
from ops.deployed.deployment import Deployment, describe
from ops.deployed.options import add_target, place


def configure(parser: ArgumentParser) -> None:
    parser.add_argument("action", choices=("show",), help="print it")
    add_target(parser)


def run(arguments: Namespace, console: Console) -> Outcome:
    found = place(arguments, console).known()
    return Outcome(data=as_data(found), text=describe(found))


def as_data(deployment: Deployment) -> dict[str, object]:
    """The deployment for `--json`."""
    exported = deployment.exported_at
    return {**asdict(deployment), "exported_at": exported.isoformat() if exported else None}


COMMAND = Command(
    name="deployment",
    summary="show what is deployed",
    description="Show what is deployed: from the exported file on AWS, else from the stacks' outputs.",
    configure=configure,
    run=run,
)
