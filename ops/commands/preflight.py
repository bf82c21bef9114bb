"""`preflight`: is everything there that a deployment needs?"""

from argparse import ArgumentParser, Namespace
from dataclasses import asdict

from ops.checks.findings import passed, table
from ops.command import Command
from ops.console import Console, Outcome
from ops.deployed.options import add_target, place
from ops.deploying.preflight import inspect


def configure(parser: ArgumentParser) -> None:
    add_target(parser)


def run(arguments: Namespace, console: Console) -> Outcome:
    choice = place(arguments, console)
    findings = inspect(choice.target, choice.plan, report=console.progress)
    return Outcome(
        data={"target": choice.target.name, "checks": [asdict(one) for one in findings]},
        text=table(findings),
        ok=passed(findings),
    )


COMMAND = Command(
    name="preflight",
    summary="check what a deployment needs beforehand",
    description=(
        "Check what the program cannot look up by itself: whose account the credentials are of, whether "
        "the public "
        "hosted zone is there, API Gateway's role for access logs in each region, and whether the "
        "primary stack is "
        "deployed and readable. Changes nothing."
    ),
    configure=configure,
    run=run,
)
