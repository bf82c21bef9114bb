"""`parity`: are the regions the same, and could each carry everything alone?"""

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from dataclasses import asdict
from datetime import UTC, datetime

from ops.checks.findings import State
from ops.command import Command, at_least_one
from ops.console import Console, Outcome
from ops.deployed.answering import likely_caller
from ops.deployed.options import add_target, place
from ops.errors import MisuseError
from ops.parity.audit import audit
from ops.parity.carrying import carrying, sentence
from ops.parity.peaks import RETAINED_DAYS
from ops.parity.report import report

DEFAULT_DAYS = 7


def configure(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--days",
        type=_days,
        default=DEFAULT_DAYS,
        metavar="N",
        help="look for the busiest minute in the last N days (default: %(default)d)",
    )
    parser.add_argument("--all", action="store_true", help="show what is equal too")
    add_target(parser)


def run(arguments: Namespace, console: Console) -> Outcome:
    choice = place(arguments, console)
    deployment = choice.known()
    if len(deployment.stacks) < 2:
        raise MisuseError(
            f"Only {deployment.primary.region} is deployed: there is nothing to compare it with."
        )
    silent = likely_caller(choice.target, deployment, deployment.regions, choice.report).silent
    now = datetime.now(UTC)
    found = audit(
        choice.target, deployment, now=now, days=arguments.days, silent=silent, report=console.progress
    )
    rows = found.rows
    unread = [region for region in deployment.regions if region not in found.measured]
    carried = [carrying(region, found.limits) for region in found.measured]
    answers = [sentence(one, measured=found.measured, unread=unread) for one in carried]
    shown = [row for row in rows if arguments.all or row.state is not State.OK]
    return Outcome(
        data={
            "target": choice.target.name,
            "regions": list(deployment.regions),
            "compared": sum(row.state is not State.NOT_READ for row in rows),
            "notRead": unread,
            "carrying": [{**asdict(one), "enough": one.enough} for one in carried],
            "rows": [asdict(row) for row in shown],
        },
        text="\n".join([*answers, "", report(rows, deployment.regions, everything=arguments.all)]),
        ok=all(row.state not in (State.FAILED, State.NOT_READ) for row in rows),
    )


def _days(text: str) -> int:
    value = at_least_one(text)
    if value > RETAINED_DAYS:
        raise ArgumentTypeError(f"CloudWatch keeps minutes for {RETAINED_DAYS} days; {text} is more")
    return value


COMMAND = Command(
    name="parity",
    summary="are the regions the same, and could each carry everything alone?",
    description=(
        "Compare the regions: the functions' code, layers and settings, the API as its stage serves it, stage"
        " settings and throttles, the domain name and its certificate's end, table settings and the state of "
        "every replica. Then hold what each region can do alone (throttles, Lambda concurrency, table "
        "throughput) against the busiest minute of all regions together, and say whether it can carry all "
        "the traffic. A region that does not answer is not read, which costs some 4 s; others are judged. "
        "Reads only. Exit status 1 when anything differs, is not enough, or was not read."
    ),
    configure=configure,
    run=run,
)
