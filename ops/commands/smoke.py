"""`smoke`: a few real calls to each region's own URL."""

from argparse import ArgumentParser, Namespace
from dataclasses import asdict

from ops import calls
from ops.command import Command
from ops.console import Console, Outcome
from ops.deployment import Deployment
from ops.options import add_target, place
from ops.smoke import Smoke, table
from ops.target import Target, check_account


def configure(parser: ArgumentParser) -> None:
    parser.add_argument("--region", help="only this region (default: every deployed one)")
    parser.add_argument(
        "--domain", action="store_true", help="also through the shared name, signed with SigV4a"
    )
    add_target(parser)


def run(arguments: Namespace, console: Console) -> Outcome:
    here = place(arguments)
    deployment = here.deployment()
    check_account(here.target, deployment.account_id, deployment.primary.region)
    regions = (deployment.stack_in(arguments.region).region,) if arguments.region else deployment.regions
    return check(here.target, deployment, regions, console, domain=arguments.domain)


def check(
    target: Target,
    deployment: Deployment,
    regions: tuple[str, ...],
    console: Console,
    *,
    domain: bool = False,
) -> Outcome:
    """Smoke-test `regions`, reading back in every deployed region."""
    apis = {stack.region: calls.regional(target, stack) for stack in deployment.stacks}
    smoke = Smoke(apis, told=console.progress)
    for region in regions:
        smoke.region(region)
    if domain:
        smoke.shared_name(calls.shared(target, deployment))
    return Outcome(
        data={"target": target.name, "checks": [asdict(one) for one in smoke.results]},
        text=table(smoke.results),
        ok=all(one.ok for one in smoke.results),
    )


COMMAND = Command(
    name="smoke",
    summary="check each region with a few real calls",
    description=(
        "Check each region on its own URL: health, create an order, the same order again, read it in"
        " every region,"
        " and a forged and a missing signature, which must be refused. Everything it makes is marked"
        " Synthetic"
        " and removed by `clean --synthetic`."
    ),
    configure=configure,
    run=run,
)
