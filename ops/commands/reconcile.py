"""`reconcile`: do products and orders fit together in every region? And, on request, mend them."""

from argparse import ArgumentParser, Namespace
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from ops.command import Command, moment, not_negative
from ops.console import Console, Outcome
from ops.deployed.answering import Answers, known_caller, likely_caller
from ops.deployed.deployment import Deployment, Stack
from ops.deployed.options import DeploymentChoice, add_target, place
from ops.deployed.target import AWS, Target
from ops.errors import MisuseError, RefusedError
from ops.reconcile.findings import Finding
from ops.reconcile.mend import Mender, Trail, unchanged
from ops.reconcile.search import confirm_suspects, find_suspects

RESULTS = Path("results")


def configure(parser: ArgumentParser) -> None:
    parser.add_argument("--repair", action="store_true", help="mend what can be mended, with a trail")
    parser.add_argument(
        "--yes",
        action="store_true",
        help="repair without asking: what is taken from whom is printed all the same",
    )
    parser.add_argument(
        "--restored",
        type=moment,
        metavar="TIME",
        help="a restored table took over at this time (2026-11-25T03:00:00Z): orders from before have their "
        "products, whatever was sold since",
    )
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
    if arguments.yes and not arguments.repair:
        raise MisuseError("--yes belongs to --repair: without it nothing is written.")
    choice = place(arguments, console)
    deployment = choice.known()
    answers = _answers(choice, deployment, repair=arguments.repair)
    stacks = [stack for stack in deployment.stacks if stack.region in answers.answering]
    suspects, unread = find_suspects(choice.target, stacks, arguments.product, report=console.progress)
    answers = answers.without(unread)
    look = partial(
        confirm_suspects,
        choice.target,
        [stack for stack in stacks if stack.region not in unread],
        settle=arguments.settle,
        restored=arguments.restored,
        report=console.progress,
    )
    findings = look(suspects, grace=arguments.grace)
    trail = arguments.trail or RESULTS / f"reconcile-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.jsonl"
    if answers.silent:
        _refuse(answers.silent, repair=arguments.repair)
        findings = [finding.waiting_for(answers.silent) for finding in findings]
    elif arguments.repair and any(finding.repairs for finding in findings):
        _confirm(choice.target, findings, console, yes=arguments.yes)
        # Time has passed while somebody read and typed.
        again = look({finding.product: suspects[finding.product] for finding in findings}, grace=0)
        findings = _mended(choice.target, deployment.primary, unchanged(findings, again), trail, console)
    return _outcome(findings, answers, trail if trail.exists() else None)


def _answers(choice: DeploymentChoice, deployment: Deployment, *, repair: bool) -> Answers:
    """Which regions can be read; a repair needs all of them, since it writes what all of them agree on."""
    if not repair:
        return likely_caller(choice.target, deployment, deployment.regions, choice.report)
    answers = known_caller(choice.target, deployment.account_id, deployment.regions)
    _refuse(answers.silent, repair=repair)
    return answers


def _refuse(silent: Mapping[str, str], *, repair: bool) -> None:
    if silent and repair:
        raise RefusedError(
            f"{', '.join(silent)} did not answer, and --repair mends what all regions agree on. "
            "Nothing was written. Without --repair the others are read; repair when all regions are back."
        )


def _confirm(target: Target, findings: Sequence[Finding], console: Console, *, yes: bool) -> None:
    """RefusedError unless the operator agrees. On the twin, only what takes something away is asked for."""
    repairs = [(finding, repair) for finding in findings for repair in finding.repairs]
    for finding, repair in repairs:
        loss = f": {repair.loses}" if repair.loses else ""
        console.note(f"{finding.product}: {finding.kind}: would {repair.words}{loss}")
    losses = sum(len(finding.losses) for finding in findings)
    if yes or (target.name != AWS and not losses):
        return
    question = f"This writes the {len(repairs)} repairs above, and {losses} orders lose their product."
    if console.typed(f"{question} Type yes to go on:") != "yes":
        raise RefusedError("Not confirmed; nothing was written. Without a terminal: --yes")


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
                    "loses": [asdict(loss) for loss in finding.losses],
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
        "when a region did not answer: then the others are read, and nothing is repaired. Before it writes, "
        "--repair prints every repair, and whose order loses its product; what takes a product from an order "
        "is done only after somebody typed yes, or with --yes, and the trail says who lost what. Left to a "
        "person: a product in another status than IN_STOCK and SOLD, an order for another customer than its "
        "product was sold to, and a sale whose customer is gone."
    ),
    configure=configure,
    run=run,
)
