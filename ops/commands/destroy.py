"""`destroy`: take everything down, in the one order that works."""

from argparse import ArgumentParser, Namespace

from ops.command import Command, not_negative
from ops.console import Console, Outcome
from ops.deployed.options import DeploymentChoice, add_target, place
from ops.deployed.target import TwinTarget
from ops.deploying.destroy import destroy
from ops.deploying.pulumi_deployer import PulumiDeployer
from ops.deploying.teardown import Destroyer
from ops.deploying.twin_deployer import TwinDeployer


def configure(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--yes", action="store_true", help="let pulumi up and pulumi destroy go on without asking"
    )
    parser.add_argument(
        "--confirm-domain",
        metavar="NAME",
        help="the domain name, given beforehand where nobody is there to type it",
    )
    parser.add_argument(
        "--drain",
        type=not_negative,
        metavar="S",
        help="seconds to wait for clients that leave a region (default: the record's TTL, and 5)",
    )
    add_target(parser)


def run(arguments: Namespace, console: Console) -> Outcome:
    choice = place(arguments, console)
    with_ = destroyer(choice, yes=arguments.yes)
    done = destroy(choice, with_, console, confirmed=arguments.confirm_domain, drain=arguments.drain)
    if not done.stacks:
        return Outcome(data={"destroyed": [], "remains": []}, text="No stack is deployed.")
    return Outcome(
        data={"target": choice.target.name, "destroyed": done.stacks, "remains": done.remains},
        text="\n".join([f"Destroyed: {', '.join(done.stacks)}.", *_remaining(done.remains)]),
    )


def destroyer(choice: DeploymentChoice, *, yes: bool) -> Destroyer:
    """Pulumi on AWS; on the twin, its own state of what was deployed."""
    if isinstance(choice.target, TwinTarget):
        return TwinDeployer(choice.target.twin, overrides={})
    return PulumiDeployer(yes=yes)


def _remaining(remains: list[str]) -> list[str]:
    if not remains:
        return ["Nothing of it remains."]
    return ["What remains:", *(f"  {line}" for line in remains)]


COMMAND = Command(
    name="destroy",
    summary="take every stack down, in order",
    description=(
        "Take everything down: say what stands and what protection is lifted for it (by a deployment "
        "with protect=false), ask for the domain name, drain each secondary region and destroy its stack, "
        "then the primary, whose health checks the others' records use. Refuses the primary while another "
        "stack or record needs it. Then lists what AWS keeps, such as the tables' system backups. After a "
        "failure the same command goes on with what is left."
    ),
    configure=configure,
    run=run,
)
