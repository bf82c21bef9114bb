"""`export`: the file that a failover needs, for when nothing else can be asked."""

from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path

from ops.command import Command
from ops.console import Console, Outcome
from ops.deployed import deployment as deployments
from ops.deployed.deployment import Deployment
from ops.deployed.options import DeploymentChoice, add_target, place
from ops.deployed.target import export_outputs


def configure(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--file",
        type=Path,
        help="where to write (default: deployments/<primary stack>.json, or in the twin's home)",
    )
    add_target(parser)


def run(arguments: Namespace, console: Console) -> Outcome:
    choice = place(arguments, console)
    file: Path = arguments.file or choice.export_file
    return _written(choice, file, console) if choice.file is None else _copied(choice, choice.file, file)


def _written(choice: DeploymentChoice, file: Path, console: Console) -> Outcome:
    """The stacks' outputs, as they are now."""
    console.progress("Reading the stacks' outputs ...")
    outputs = choice.target.outputs(choice.plan)
    found = deployments.parse(outputs, source=f"outputs on the {choice.target.name} target")
    export_outputs(choice.target, choice.plan, outputs, file)
    missing = [stack for stack in choice.plan.names if stack not in outputs]
    if missing:
        console.note(f"Not deployed, so not in it: {', '.join(missing)}. Export again when they are.")
    return _outcome(found, file, missing)


def _copied(choice: DeploymentChoice, source: Path, file: Path) -> Outcome:
    """A copy of the file that was named, once it is known to be whole; its date stays."""
    found = choice.known()
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(source.read_bytes())
    return _outcome(found, file, [])


def _outcome(found: Deployment, file: Path, missing: Sequence[str]) -> Outcome:
    return Outcome(
        data={"file": str(file), "stacks": [one.name for one in found.stacks], "missing": list(missing)},
        text=f"{deployments.describe(found)}\n"
        f"Written to {file}. Commit it; keep a copy where an incident can reach it.",
    )


COMMAND = Command(
    name="export",
    summary="write the file that a failover needs",
    description=(
        "Write the deployment (the stacks' outputs: the cluster's endpoints, the controls, URLs and names; no"
        " secrets) into one file that is meant to be committed and copied. On AWS, controls and check read "
        "it from its default place and print its age: moving traffic then needs neither Pulumi nor the "
        "state it keeps. A file of another schema or target is refused. With --deployment FILE, that file is "
        "checked and copied to the default place. deploy exports by itself."
    ),
    configure=configure,
    run=run,
)
