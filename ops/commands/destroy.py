"""`destroy`: take everything down on AWS, in the one order that works."""

from argparse import ArgumentParser, Namespace

from ops.command import Command
from ops.commands.controls import change
from ops.console import Console, Outcome
from ops.errors import MisuseError, RefusedError
from ops.options import Place, add_target, place, routing_switch
from ops.routing.plan import plan_off
from ops.target import AWS, check_account
from ops.waves import PulumiDeployer, destroy_order, is_deployed


def configure(parser: ArgumentParser) -> None:
    parser.add_argument("--yes", action="store_true", help="let pulumi destroy go on without asking")
    add_target(parser)


def run(arguments: Namespace, console: Console) -> Outcome:
    here = place(arguments)
    if here.target.name != AWS:
        raise MisuseError("On the twin, stop it and all is gone: python -m twin down. For AWS: --target aws")
    check_account(here.target, here.plan.account_id, here.plan.regions[here.plan.primary])
    order = destroy_order(here.plan, is_deployed)
    if not order:
        return Outcome(data={"destroyed": []}, text="No stack is deployed.")
    typed = console.typed(
        f"This takes down {', then '.join(order)}, with the tables and everything in them."
        f" Type the domain name ({here.plan.domain_name}) to go on:"
    )
    if typed != here.plan.domain_name:
        raise RefusedError("The name typed is not the domain name. Nothing was destroyed.")
    pulumi = PulumiDeployer(yes=arguments.yes)
    for stack in order:
        if stack != here.plan.primary:
            drain(here, here.plan.regions[stack], console)
        elif any(is_deployed(other) for other in here.plan.secondaries):
            raise RefusedError(
                f"A secondary stack is still deployed, so {stack} stays: its health checks are in use."
            )
        pulumi.destroy(stack)
    return Outcome(data={"destroyed": order}, text=f"Destroyed: {', '.join(order)}.")


def drain(here: Place, region: str, console: Console) -> None:
    """Move the region's traffic to the primary's region, where it is not there already."""
    switch = routing_switch(here.target, here.deployment())
    states = switch.read().states
    keeper = here.plan.regions[here.plan.primary]
    plan = plan_off(states, region, on=keeper)
    if not plan.empty:
        change(switch, plan, console)


COMMAND = Command(
    name="destroy",
    summary="take every stack down on AWS, in order",
    description=(
        "Take everything down on AWS: drain each secondary region and destroy its stack, then the"
        " primary, whose"
        " health checks the others' records use. Asks for the domain name. Protected resources stop it: first"
        " set protect to false in the stack files and deploy."
    ),
    configure=configure,
    run=run,
)
