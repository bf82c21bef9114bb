"""`check`: could the traffic be moved now, and would anybody be notified?"""

from argparse import ArgumentParser, Namespace
from dataclasses import asdict
from datetime import UTC, datetime

from ops.checks import failover, findings
from ops.command import Command
from ops.console import Console, Outcome
from ops.deployed.options import add_target, place
from ops.routing.endpoints import ask_each


def configure(parser: ArgumentParser) -> None:
    add_target(parser)


def run(arguments: Namespace, console: Console) -> Outcome:
    choice = place(arguments, console)
    deployment = choice.known()
    arns = deployment.controls.arns
    answers = ask_each(
        deployment.endpoints,
        choice.target.cluster_client,
        deployment.controls.panel_arn,
        report=console.progress,
    )
    rows = failover.rows(answers, arns)
    console.progress("alarm topics ...")
    possible = [
        failover.endpoints(rows),
        failover.agreement(rows),
        failover.controls(answers, arns),
        failover.exported_file(deployment, datetime.now(UTC)),
        *failover.subscriptions(choice.target, deployment.alarm_topics),
    ]
    found = [one for one in possible if one is not None]
    return Outcome(
        data={
            "target": choice.target.name,
            "source": deployment.source,
            "endpoints": [asdict(row) for row in rows],
            "checks": [asdict(one) for one in found],
        },
        text=f"{failover.table(rows, list(arns))}\n\n{findings.table(found)}",
        ok=findings.passed(found),
    )


COMMAND = Command(
    name="check",
    summary="could the traffic be moved now?",
    description=(
        "Read the routing controls through each of the cluster's five endpoints and time them, show where "
        "they disagree, look at the exported file's age, and find alarm topics whose e-mail subscription "
        "nobody confirmed. Changes nothing and needs no more than the operators' policy to look at the "
        "regions (stack output operatorCheckPolicyArn); what the credentials do not allow to read is named. "
        "Exit status 1 when an endpoint does not answer, they disagree, or a subscription is not confirmed."
    ),
    configure=configure,
    run=run,
)
