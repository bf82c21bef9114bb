"""`destroy`: take everything down, in the one order that works."""

from argparse import ArgumentParser, Namespace
from urllib.parse import urlsplit

from blueprint import output_names as names
from ops.command import Command, not_negative
from ops.console import Console, Outcome
from ops.deployed.answering import known_caller
from ops.deployed.options import Place, add_target, place
from ops.deployed.target import TwinTarget
from ops.deploying.leftovers import leftovers
from ops.deploying.pulumi_deployer import PulumiDeployer
from ops.deploying.teardown import Destroyer, Teardown, client_seconds, describe
from ops.deploying.twin_deployer import TwinDeployer
from ops.errors import RefusedError


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
    here = place(arguments)
    with_ = destroyer(here, yes=arguments.yes)
    return destroy(here, with_, console, confirmed=arguments.confirm_domain, drain=arguments.drain)


def destroyer(here: Place, *, yes: bool) -> Destroyer:
    """Pulumi on AWS; on the twin, its own state of what was deployed."""
    if isinstance(here.target, TwinTarget):
        return TwinDeployer(here.target.twin, overrides={})
    return PulumiDeployer(yes=yes)


def destroy(
    here: Place,
    with_: Destroyer,
    console: Console,
    *,
    confirmed: str | None = None,
    drain: float | None = None,
) -> Outcome:
    """Everything of the plan's stacks, and then what remains of them."""
    plan = here.plan
    known_caller(here.target, plan.account_id, tuple(plan.regions.values()))
    seconds = client_seconds(plan.dns_record, plan.dns_ttl) if drain is None else drain
    teardown = Teardown(here=here, destroyer=with_, console=console, drain_seconds=seconds)
    order = teardown.order
    if not order:
        return Outcome(data={"destroyed": [], "remains": []}, text="No stack is deployed.")
    teardown.refuse_a_policy_in_use()
    _confirm(teardown, console, confirmed)
    teardown.run()
    _forget(here, console)
    remains = leftovers(
        here.target,
        teardown.outputs,
        teardown.standing,
        [*plan.regions.values(), plan.observer_region],
        told=console.progress,
    )
    return Outcome(
        data={"target": here.target.name, "destroyed": order, "remains": remains},
        text="\n".join([f"Destroyed: {', '.join(order)}.", *_remaining(remains)]),
    )


def _confirm(teardown: Teardown, console: Console, given: str | None) -> None:
    """RefusedError unless the operator types the domain name, or has given it beforehand."""
    domain = _domain(teardown)
    console.note(describe(teardown))
    question = (
        f"This takes down {', then '.join(teardown.order)}, with the tables and everything in them."
        f" Type the domain name ({domain}) to go on:"
    )
    typed = console.typed(question) if given is None else given
    if typed != domain:
        raise RefusedError(
            f"{typed!r} is not the domain name ({domain}). Nothing was destroyed."
            if typed
            else "No domain name was typed. Nothing was destroyed. Without a terminal: --confirm-domain NAME"
        )


def _domain(teardown: Teardown) -> str:
    """The name that is served: what the stacks say, or what their files say."""
    urls = [str(one[names.DOMAIN_URL]) for one in teardown.outputs.values() if one.get(names.DOMAIN_URL)]
    served = urlsplit(urls[0]).hostname if urls else None
    return served or teardown.here.plan.domain_name


def _forget(here: Place, console: Console) -> None:
    """An exported file of a deployment that is gone would lead its reader to nothing."""
    file = here.export_file
    if file.exists():
        file.unlink()
        console.note(f"Removed {file}, the exported deployment.")


def _remaining(remains: list[str]) -> list[str]:
    if not remains:
        return ["Nothing of it remains."]
    return ["What remains:", *(f"  {line}" for line in remains)]


COMMAND = Command(
    name="destroy",
    summary="take every stack down, in order",
    description=(
        "Take everything down: say what stands and what protection is lifted for it (by a deployment"
        " with protect=false), ask for the domain name, drain each secondary region and destroy its stack,"
        " then the primary, whose health checks the others' records use. Refuses the primary while another"
        " stack or record needs it. Then lists what AWS keeps, such as the tables' system backups. After a"
        " failure the same command goes on with what is left."
    ),
    configure=configure,
    run=run,
)
