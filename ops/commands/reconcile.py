"""`reconcile`: do products and orders fit together in every region? And, on request, mend them."""

from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from ops.command import Command, not_negative
from ops.console import Console, Outcome
from ops.deployed.answering import Answers, known_caller, likely_caller
from ops.deployed.deployment import Deployment, Stack
from ops.deployed.options import DeploymentChoice, add_target, place
from ops.deployed.target import AWS, Target
from ops.errors import RefusedError
from ops.reconcile.findings import Finding
from ops.reconcile.mend import Mender, Trail
from ops.reconcile.search import confirm_suspects, find_suspects

RESULTS = Path("results")


def configure(parser: ArgumentParser) -> None:
    parser.add_argument("--repair", action="store_true", help="mend what can be mended, with a trail")
    parser.add_argument(
        "--product",
        action="append",
        default=[],
        metavar="ID",
        help="look at this product only (may be repeated; default: every product)",
    )
    parser.add_argument(
        "--grace",
        type=not_negative,
        default=10.0,
        metavar="S",
        help="look at suspects again after so many seconds of replication (default: %(default)g)",
    )
    parser.add_argument(
        "--settle",
        type=not_negative,
        default=60.0,
        metavar="S",
        help="a sale younger than this without its order may be under way (default: %(default)g)",
    )
    parser.add_argument(
        "--trail",
        type=Path,
        metavar="FILE",
        help="JSON lines of every repair, before and after (default: results/reconcile-<time>.jsonl)",
    )
    add_target(parser)


def run(arguments: Namespace, console: Console) -> Outcome:
    choice = place(arguments, console)
    deployment = choice.known()
    answers = _answers(choice, deployment, repair=arguments.repair)
    stacks = [stack for stack in deployment.stacks if stack.region in answers.answering]
    suspects = find_suspects(choice.target, stacks, arguments.product, report=console.progress)
    findings = confirm_suspects(
        choice.target,
        stacks,
        suspects,
        grace=arguments.grace,
        settle=arguments.settle,
        report=console.progress,
    )
    trail = arguments.trail or RESULTS / f"reconcile-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.jsonl"
    if arguments.repair and any(finding.repairs for finding in findings):
        _confirm(choice, findings, console)
        findings = _mended(choice.target, deployment.primary, findings, trail, console)
    return _outcome(findings, answers, trail if trail.exists() else None)


def _answers(choice: DeploymentChoice, deployment: Deployment, *, repair: bool) -> Answers:
    """Which regions can be read; a repair needs all of them, since it writes what all of them agree on."""
    if not repair:
        return likely_caller(choice.target, deployment, deployment.regions, choice.report)
    answers = known_caller(choice.target, deployment.account_id, deployment.regions)
    if answers.silent:
        raise RefusedError(
            f"{', '.join(answers.silent)} did not answer, and --repair mends what all regions agree on. "
            "Nothing was written. Without --repair the others are read; repair when all regions are back."
        )
    return answers


def _confirm(choice: DeploymentChoice, findings: Sequence[Finding], console: Console) -> None:
    """RefusedError unless the operator agrees; the twin's data is nobody's."""
    if choice.target.name != AWS:
        return
    for finding in findings:
        for repair in finding.repairs:
            console.note(f"{finding.product}: {finding.kind}: would {repair.words}")
    if console.typed("This writes to the orders and products above. Type yes to go on:") != "yes":
        raise RefusedError("Not confirmed; nothing was written.")


def _mended(
    target: Target, stack: Stack, findings: Sequence[Finding], file: Path, console: Console
) -> list[Finding]:
    mender = Mender(target.client("dynamodb", stack.region), stack.region, stack.table_names, Trail(file))
    done = []
    for number, finding in enumerate(findings, start=1):
        console.progress(f"repairing {number} of {len(findings)} ...")
        done.append(mender.mend(finding))
    return done


def _outcome(findings: Sequence[Finding], answers: Answers, trail: Path | None) -> Outcome:
    left = [finding for finding in findings if not finding.repaired]
    lines = [
        f"{finding.product}  {finding.kind} ({', '.join(finding.orders) or 'none'}), in "
        f"{', '.join(finding.regions)}: {finding.outcome}"
        for finding in findings
    ]
    lines.append(
        f"{len(findings)} found, {len(findings) - len(left)} repaired, in "
        f"{', '.join(answers.answering) or 'no region'}." + (f" Trail: {trail}" if trail else "")
    )
    if answers.silent:
        lines.append(f"Not read: {', '.join(answers.silent)}. Run it again when every region answers.")
    return Outcome(
        data={
            "regions": list(answers.answering),
            "notRead": list(answers.silent),
            "found": [
                {
                    "product": finding.product,
                    "kind": finding.kind,
                    "orders": list(finding.orders),
                    "regions": list(finding.regions),
                    "outcome": finding.outcome,
                    "repaired": finding.repaired,
                    "repairs": [repair.words for repair in finding.repairs],
                }
                for finding in findings
            ],
            "trail": str(trail) if trail else None,
        },
        text="\n".join(lines),
        ok=not left and not answers.silent,
    )


COMMAND = Command(
    name="reconcile",
    summary="do products and orders fit together in every region?",
    description=(
        "Read every product and order in every region and find orders whose product names another order or "
        "is not sold, and products that are sold without an order. What is suspected is read again after a "
        "grace period, since replication may be under way; a young sale without its order may be one that "
        "is just being made. --repair mends what all regions agree on: the product decides who has it, a "
        "sale without its order gets it, a second order for one product is marked CANCELLED. Every write is "
        "conditional on what was seen and is written down before and after. The canaries' items are left "
        "alone. The whole of both tables is scanned in every region, which on AWS costs read units. Exit "
        "status 1 when something was found and not repaired, or "
        "when a region did not answer: then the others are read, and nothing is repaired."
    ),
    configure=configure,
    run=run,
)
