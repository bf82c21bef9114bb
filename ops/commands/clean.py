"""`clean`: remove synthetic items from all tables."""

from argparse import ArgumentParser, Namespace

from functions.orders.contract import TABLES
from ops import synthetic
from ops.aws_errors import explained
from ops.command import Command
from ops.console import Console, Outcome
from ops.deployed.answering import known_caller
from ops.deployed.options import add_target, place
from ops.deployed.target import AWS
from ops.errors import MisuseError, RefusedError


def configure(parser: ArgumentParser) -> None:
    parser.add_argument("--synthetic", action="store_true", help="remove items marked Synthetic")
    parser.add_argument("--dry-run", action="store_true", help="count them only")
    parser.add_argument("--region", help="work through this region's tables (default: the primary's)")
    add_target(parser)


def run(arguments: Namespace, console: Console) -> Outcome:
    if not arguments.synthetic:
        raise MisuseError("Say what to remove: clean --synthetic. Nothing else is ever removed.")
    choice = place(arguments, console)
    deployment = choice.known()
    stack = deployment.stack_in(arguments.region) if arguments.region else deployment.primary
    account = known_caller(choice.target, deployment.account_id, deployment.regions).account
    if choice.target.name == AWS and not arguments.dry_run:
        typed = console.typed(
            f"This removes every synthetic item from the three tables in account {account}, all regions. "
            "Type yes to go on:"
        )
        if typed != "yes":
            raise RefusedError("Not confirmed; nothing was removed.")
    client = choice.target.client("dynamodb", stack.region)
    counted = {}
    with explained("work through the tables"):
        for table in TABLES:
            counted[table] = _work(client, table, stack.table_names[table], console, dry=arguments.dry_run)
    verb = "would be removed" if arguments.dry_run else "removed"
    return Outcome(
        data={"region": stack.region, "dryRun": arguments.dry_run, "items": counted},
        text="\n".join(f"{table:10} {number:7} synthetic items {verb}" for table, number in counted.items()),
    )


def _work(client: object, table: str, name: str, console: Console, *, dry: bool) -> int:
    done = 0
    for keys in synthetic.find(client, table, name):
        done += len(keys) if dry else synthetic.remove(client, name, keys)
        console.progress(f"{table}: {done} {'found' if dry else 'removed'} ...")
    return done


COMMAND = Command(
    name="clean",
    summary="remove what tests and drills made",
    description=(
        "Remove items marked Synthetic from the three tables, through one region; replication removes "
        "them from "
        "the others. The whole of each table is scanned, which on AWS costs read units. On AWS it asks "
        "first, "
        "and the caller's account must be the deployment's."
    ),
    configure=configure,
    run=run,
)
