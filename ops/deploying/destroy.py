"""Takes everything down: asks, tears down stack by stack, forgets the exported file, lists what remains."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from blueprint import output_names as names
from ops.console import Console
from ops.deployed.answering import known_caller
from ops.deployed.options import DeploymentChoice
from ops.deploying.leftovers import leftovers
from ops.deploying.teardown import Destroyer, Teardown, client_seconds, describe
from ops.errors import RefusedError


@dataclass(frozen=True, kw_only=True)
class Destroyed:
    """The stacks that are gone, in their order, and one line for each thing that AWS keeps of them."""

    stacks: list[str]
    remains: list[str]


def destroy(
    choice: DeploymentChoice,
    destroyer: Destroyer,
    console: Console,
    *,
    confirmed: str | None = None,
    drain: float | None = None,
) -> Destroyed:
    """Everything of the plan's stacks. RefusedError where nobody confirms it or something still uses it."""
    plan = choice.plan
    known_caller(choice.target, plan.config.account_id, tuple(plan.regions.values()))
    seconds = client_seconds(plan.config.dns_record, plan.config.dns_ttl) if drain is None else drain
    teardown = Teardown(choice=choice, destroyer=destroyer, console=console, drain_seconds=seconds)
    order = teardown.order
    if not order:
        return Destroyed(stacks=[], remains=[])
    teardown.refuse_a_policy_in_use()
    _confirm(teardown, console, confirmed)
    teardown.run()
    _forget(choice, console)
    remains = leftovers(
        choice.target,
        teardown.outputs,
        teardown.standing,
        [*plan.regions.values(), plan.config.observer_region],
        report=console.progress,
    )
    return Destroyed(stacks=order, remains=remains)


def _confirm(teardown: Teardown, console: Console, given: str | None) -> None:
    """RefusedError unless the operator types the domain name, or has given it beforehand."""
    domain = _domain(teardown)
    console.note(describe(teardown))
    question = (
        f"This takes down {', then '.join(teardown.order)}, with the tables and everything in them. "
        f"Type the domain name ({domain}) to go on:"
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
    return served or teardown.choice.plan.config.domain_name


def _forget(choice: DeploymentChoice, console: Console) -> None:
    """An exported file of a deployment that is gone would lead its reader to nothing."""
    file = choice.export_file
    if file.exists():
        file.unlink()
        console.note(f"Removed {file}, the exported deployment.")
