"""`smoke`: a few real calls to each region's own URL."""

from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from dataclasses import asdict

from ops.checks.smoke import check, passed, refused_to_make, table
from ops.command import Command
from ops.console import Console, Outcome
from ops.deployed.answering import likely_caller
from ops.deployed.deployment import Deployment
from ops.deployed.options import DeploymentChoice, add_target, place, routing_switch
from ops.deployed.survivors import Survivors, survivors
from ops.errors import CallError, ControlsError
from ops.routing.plan import States


def configure(parser: ArgumentParser) -> None:
    which = parser.add_mutually_exclusive_group()
    which.add_argument(
        "--region", help="this region alone: no call goes to another one (default: every deployed one)"
    )
    which.add_argument(
        "--survivors",
        action="store_true",
        help="the regions that carry the traffic: all but those that are Off or do not answer",
    )
    parser.add_argument(
        "--domain", action="store_true", help="also through the shared name, signed with SigV4a"
    )
    parser.add_argument(
        "--read-only",
        action="store_true",
        help="make nothing: health, the canaries' order is read, and wrong signatures are refused; needs no "
        "more than the policy of the stack output operatorCheckPolicyArn",
    )
    add_target(parser)


def run(arguments: Namespace, console: Console) -> Outcome:
    choice = place(arguments, console)
    deployment = choice.known()
    asked = (deployment.stack_in(arguments.region).region,) if arguments.region else deployment.regions
    answers = likely_caller(choice.target, deployment, asked, choice.report)
    left_out: Mapping[str, str] = {}
    if arguments.survivors:
        found = survivors(answers, _states(choice, deployment))
        _name(found, console)
        asked, left_out = found.regions, found.left_out
    results = check(
        choice.target,
        deployment,
        asked,
        report=console.progress,
        domain=arguments.domain,
        read_only=arguments.read_only,
    )
    if refused_to_make(results):
        console.note(
            "These credentials may not make test data. With an operator's, use --read-only, which makes none."
        )
    return Outcome(
        data={
            "target": choice.target.name,
            "checks": [asdict(one) for one in results],
            "leftOut": dict(left_out),
        },
        text=table(results),
        ok=passed(results),
    )


def _states(choice: DeploymentChoice, deployment: Deployment) -> States:
    """Which regions are On; empty, and told, where no cluster endpoint answers."""
    try:
        return routing_switch(choice.target, deployment).read().states
    except ControlsError as error:
        choice.report(f"Which regions are Off is not known. {error}")
        return {}


def _name(found: Survivors, console: Console) -> None:
    """Say who is left out; CallError where nobody is left."""
    for region, why in found.left_out.items():
        console.note(f"Left out: {region}, {why}")
    if not found.regions:
        raise CallError(
            "No region is On and answers, so there is none to check. See: python -m ops controls list"
        )


COMMAND = Command(
    name="smoke",
    summary="check each region with a few real calls",
    description=(
        "Check each region on its own URL: health, create an order, the same order again, read it in every "
        "region that is checked, and a forged and a missing signature, which must be refused. Where "
        "`fillEnabled` is false nothing can be made to order with: the canaries' order is created again, "
        "which must answer 200 and writes nothing, and is read. --region calls "
        "that region alone, also for what --domain needs, so that it works while others are down. Everything "
        "it makes is marked Synthetic and removed by `clean --synthetic`. Exit status 1 when a check fails."
    ),
    configure=configure,
    run=run,
)
