"""`load`: start the regions' load generators, and see what they do."""

from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from functions.load.contract import MAX_ITEMS
from ops.aws_errors import explained
from ops.command import Command, at_least_one
from ops.console import Console, Outcome
from ops.deployed.answering import Answers, likely_caller
from ops.deployed.options import add_target, place
from ops.errors import CallError, MisuseError
from ops.load.chain import Chain, follow
from ops.load.generator import SUCCEEDED, Execution, generators


def configure(parser: ArgumentParser) -> None:
    parser.add_argument("action", choices=("start", "status"), help="start executions, or list the newest")
    parser.add_argument(
        "--items", type=at_least_one, metavar="N", help="with start: orders in each region, one a second"
    )
    parser.add_argument("--region", help="only the load generator of this region (default: all)")
    parser.add_argument(
        "--chain",
        action="store_true",
        help=f"with start: more than {MAX_ITEMS} items, as executions one after another; stays until the end",
    )
    parser.add_argument("--wait", action="store_true", help="with start: stay until the end, with progress")
    parser.add_argument(
        "--limit",
        type=at_least_one,
        default=5,
        metavar="N",
        help="with status: so many executions of each region (default: %(default)s)",
    )
    add_target(parser)


def run(arguments: Namespace, console: Console) -> Outcome:
    _check(arguments)
    choice = place(arguments, console)
    deployment = choice.known()
    found = generators(choice.target, deployment, arguments.region)
    answers = likely_caller(choice.target, deployment, [one.region for one in found], choice.report)
    if arguments.action == "status":
        found = [one for one in found if one.region in answers.answering]
        with explained("read the executions"):
            newest = [e for one in found for e in one.recent(arguments.limit)]
        return _outcome(newest, not_read=list(answers.silent))
    _refuse_silence(answers)
    with explained("run the load generator"):
        chains = [Chain(one, arguments.items) for one in found]
        if arguments.chain or arguments.wait:
            _follow(chains, console)
    executions = [execution for chain in chains for execution in chain.executions]
    return _outcome(executions, ok=all(e.running or e.status == SUCCEEDED for e in executions))


def _check(arguments: Namespace) -> None:
    if arguments.action == "status":
        if arguments.items or arguments.chain or arguments.wait:
            raise MisuseError("load status starts nothing: --items, --chain and --wait belong to start.")
        return
    if arguments.items is None:
        raise MisuseError("load start needs --items N: how many orders in each region.")
    if arguments.items > MAX_ITEMS and not arguments.chain:
        raise MisuseError(
            f"--items {arguments.items}: one execution takes at most {MAX_ITEMS}, since its history is "
            "limited. Add --chain to start several, one after another."
        )


def _refuse_silence(answers: Answers) -> None:
    if answers.silent:
        others = [f"--region {region}" for region in answers.answering]
        raise CallError(
            f"{', '.join(answers.silent)} did not answer; no load was started. In one region alone: "
            f"{' or '.join(others) or 'when one answers again'}"
        )


def _follow(chains: Sequence[Chain], console: Console) -> None:
    try:
        follow(chains, console.progress)
    except KeyboardInterrupt:
        console.note("The executions that run go on to their end; no further ones are started.")
        raise


def _outcome(executions: Sequence[Execution], *, ok: bool = True, not_read: Sequence[str] = ()) -> Outcome:
    lines = list(map(_line, executions)) or ["There are no executions."]
    lines += [f"Not read: {', '.join(not_read)}."] if not_read else []
    return Outcome(
        data={"executions": [_data(execution) for execution in executions], "notRead": list(not_read)},
        text="\n".join(lines),
        ok=ok and not not_read,
    )


def _data(execution: Execution) -> dict[str, Any]:
    stopped = execution.stopped.isoformat() if execution.stopped else None
    return {
        **asdict(execution),
        "name": execution.name,
        "started": execution.started.isoformat(),
        "stopped": stopped,
    }


def _line(execution: Execution) -> str:
    counts = execution.counts
    served = ", ".join(f"{region} {done['created']}" for region, done in sorted(counts.regions.items()))
    words = f"asked {counts.asked}, created {counts.created}, read {counts.read}, failed {counts.failed}"
    return (
        f"{execution.status:9}  {execution.region:12}  {execution.started:%Y-%m-%d %H:%M:%S}  {words}"
        + (f"; created in {served}" if served else "")
        + (f"; {execution.why}" if execution.why else "")
        + f"  {execution.name}"
    )


COMMAND = Command(
    name="load",
    summary="start the load generators, and see what they do",
    description=(
        "Start the Step Functions load generator of every region, or of one: it makes customers and products "
        "and places orders through the shared name, one a second, each of them marked Synthetic. Or list the "
        "newest executions with what they counted: running ones too."
    ),
    configure=configure,
    run=run,
)
