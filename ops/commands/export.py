"""`export`: the file that a failover needs, for when nothing else can be asked."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from ops.command import Command
from ops.commands.deployment import describe
from ops.console import Console, Outcome
from ops.deployed import deployment as deployments
from ops.deployed.options import add_target, place
from ops.deployed.target import export_file, export_outputs
from ops.errors import MisuseError


def configure(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--file",
        type=Path,
        help="where to write (default: deployments/<primary stack>.json, or in the twin's home)",
    )
    add_target(parser)


def run(arguments: Namespace, console: Console) -> Outcome:
    if arguments.deployment is not None:
        raise MisuseError("export asks for the stacks' outputs; --deployment FILE would only copy a file.")
    here = place(arguments)
    console.progress("Reading the stacks' outputs ...")
    outputs = here.target.outputs(here.plan)
    found = deployments.parse(outputs, source=f"outputs on the {here.target.name} target")
    file: Path = arguments.file or export_file(here.target, here.plan)
    export_outputs(here.target, here.plan, outputs, file)
    missing = [stack for stack in here.plan.names if stack not in outputs]
    if missing:
        console.note(f"Not deployed, so not in it: {', '.join(missing)}. Export again when they are.")
    return Outcome(
        data={"file": str(file), "stacks": list(outputs), "missing": missing},
        text=f"{describe(found)}\nWritten to {file}. Commit it; keep a copy where an incident can reach it.",
    )


COMMAND = Command(
    name="export",
    summary="write the file that a failover needs",
    description=(
        "Write the deployment (the stacks' outputs: the cluster's endpoints, the controls, URLs and names; no"
        " secrets) into one file that is meant to be committed and copied. On AWS, controls and check read"
        " it from its default place and print its age: moving traffic then needs neither Pulumi nor the"
        " state it keeps. A file of another schema, target or domain is refused. deploy exports by itself."
    ),
    configure=configure,
    run=run,
)
