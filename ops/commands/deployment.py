"""`deployment`: what is deployed, and keeping it in a file for when nothing else can be asked."""

from argparse import ArgumentParser, Namespace
from dataclasses import asdict
from pathlib import Path

from ops import deployment as deployments
from ops.command import Command
from ops.console import Console, Outcome
from ops.deployment import Deployment
from ops.options import add_target, place
from ops.target import saved_file


def configure(parser: ArgumentParser) -> None:
    parser.add_argument("action", choices=("show", "save"), help="print it, or keep it in a file")
    parser.add_argument(
        "--file", type=Path, help="where to save (default: .ops/<primary stack>.json, read by controls)"
    )
    add_target(parser)


def run(arguments: Namespace, console: Console) -> Outcome:
    here = place(arguments)
    if arguments.action == "save":
        outputs = here.target.outputs(here.plan)
        found = deployments.parse(outputs, source=f"outputs on the {here.target.name} target")
        file = arguments.file or saved_file(here.plan)
        deployments.save(outputs, file)
        console.note(f"Saved to {file}.")
    else:
        found = here.known()
    return Outcome(data=asdict(found), text=describe(found))


def describe(deployment: Deployment) -> str:
    """The deployment in a few lines."""
    lines = [f"{deployment.domain_url} in account {deployment.account_id} ({deployment.source})"]
    lines += [f"  {stack.name}  {stack.region}  {stack.api_url}" for stack in deployment.stacks]
    lines.append(f"  routing controls for {', '.join(sorted(deployment.controls.arns))}")
    lines += [f"  cluster endpoint  {e.region}  {e.url}" for e in deployment.endpoints]
    return "\n".join(lines)


COMMAND = Command(
    name="deployment",
    summary="show what is deployed, or keep it in a file",
    description=(
        "Show what is deployed, from the stacks' outputs. save keeps the outputs in a local file: with"
        " it, moving"
        " traffic needs neither Pulumi nor the state it keeps. deploy saves by itself."
    ),
    configure=configure,
    run=run,
)
