"""`put-back`: write the items of a restored table into the live one."""

from argparse import ArgumentParser, Namespace
from collections import Counter
from typing import Any

from functions.orders.contract import TABLES
from ops import batches
from ops.aws_errors import explained
from ops.command import Command
from ops.console import Console, Outcome
from ops.deployed.answering import known_caller
from ops.deployed.options import add_target, place
from ops.deployed.target import AWS
from ops.errors import MisuseError, RefusedError
from ops.restored import Compared, compare

KINDS = ("same", "missing", "different")


def configure(parser: ArgumentParser) -> None:
    parser.add_argument("table", choices=TABLES, help="which of the service's tables gets them")
    parser.add_argument("--from", dest="source", required=True, metavar="NAME", help="the restored table")
    parser.add_argument(
        "--overwrite", action="store_true", help="also items that the live table has with other content"
    )
    parser.add_argument("--dry-run", action="store_true", help="count them only")
    parser.add_argument("--region", help="where the restored table is (default: the primary's)")
    add_target(parser)


def run(arguments: Namespace, console: Console) -> Outcome:
    choice = place(arguments, console)
    deployment = choice.known()
    stack = deployment.stack_in(arguments.region) if arguments.region else deployment.primary
    live = stack.table_names[arguments.table]
    if arguments.source == live:
        raise MisuseError(
            f"--from {live} is the live table itself; name the one that was restored beside it."
        )
    account = known_caller(choice.target, deployment.account_id, deployment.regions).account
    if choice.target.name == AWS and not arguments.dry_run:
        question = f"This writes items of {arguments.source} into {live} in account {account}, all regions."
        if console.typed(f"{question} Type yes to go on:") != "yes":
            raise RefusedError("Not confirmed; nothing was written.")
    client = choice.target.client("dynamodb", stack.region)
    counted: Counter[str] = Counter(dict.fromkeys((*KINDS, "written"), 0))
    with explained("put items back"):
        for page in compare(client, arguments.table, live=live, restored=arguments.source):
            counted.update(same=page.same, missing=len(page.missing), different=len(page.different))
            counted["written"] += _written(client, live, page, arguments)
            console.progress(f"{sum(counted[kind] for kind in KINDS)} items compared ...")
    return Outcome(
        data={"table": live, "from": arguments.source, "dryRun": arguments.dry_run, "items": dict(counted)},
        text=_text(counted, arguments),
    )


def _written(client: Any, live: str, page: Compared, arguments: Namespace) -> int:
    if arguments.dry_run:
        return 0
    items = (*page.missing, *page.different) if arguments.overwrite else page.missing
    return batches.write(client, live, [{"PutRequest": {"Item": item}} for item in items])


def _text(counted: Counter[str], arguments: Namespace) -> str:
    left = "overwritten" if arguments.overwrite else "left as they are"
    would = "would be " if arguments.dry_run else ""
    return "\n".join(
        (
            f"{counted['same']:7} the same in both",
            f"{counted['missing']:7} missing in the live table: {would}put back",
            f"{counted['different']:7} with other content in the live table: {would}{left}",
        )
    )


COMMAND = Command(
    name="put-back",
    summary="write the items of a restored table into the live one",
    description=(
        "Compare a table that was restored beside the live one (point-in-time recovery, or a backup) with it,"
        " and write what is missing into the live table, in batches; replication takes it to the others."
        " --overwrite also writes what is there with other content. Items that only the live table has stay."
        " Stop the writers first and reconcile before they write again: docs/runbooks/restore-a-table.md. On"
        " AWS it asks first, and the whole restored table is read, which costs read units."
    ),
    configure=configure,
    run=run,
)
