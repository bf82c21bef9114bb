"""`clean`: remove synthetic items from all tables."""

from argparse import ArgumentParser, Namespace
from collections.abc import Mapping, Sequence

from functions.orders.contract import ORDERS, PRODUCTS, TABLES
from ops import synthetic
from ops.aws_errors import explained
from ops.command import Command
from ops.console import Console, Outcome
from ops.deployed.answering import known_caller
from ops.deployed.options import add_target, place
from ops.deployed.tables import RegionTables
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
    counted, given_back = {}, 0
    with explained("work through the tables"):
        for table in TABLES:
            counted[table], back = _work(client, table, stack.table_names, console, dry=arguments.dry_run)
            given_back += back
    verb = "would be " if arguments.dry_run else ""
    lines = [f"{table:10} {number:7} synthetic items {verb}removed" for table, number in counted.items()]
    if given_back:
        lines.append(f"{PRODUCTS:10} {given_back:7} sold to synthetic orders {verb}put back in stock")
    return Outcome(
        data={
            "region": stack.region,
            "dryRun": arguments.dry_run,
            "items": counted,
            "givenBack": given_back,
        },
        text="\n".join(lines),
    )


def _work(
    client: object, table: str, names: Mapping[str, str], console: Console, *, dry: bool
) -> tuple[int, int]:
    """How many items were removed, and how many products that are not synthetic were put back in stock."""
    done = given_back = 0
    for keys in synthetic.find(client, table, names[table]):
        if table == ORDERS:
            given_back += _give_back(client, names, keys, dry=dry)
        done += len(keys) if dry else synthetic.remove(client, names[table], keys)
        console.progress(f"{table}: {done} {'found' if dry else 'removed'} ...")
    return done, given_back


def _give_back(
    client: object, names: Mapping[str, str], keys: Sequence[Mapping[str, object]], *, dry: bool
) -> int:
    releases = synthetic.held(RegionTables(client, names), keys)
    if not dry:
        synthetic.give_back(client, names[PRODUCTS], releases)
    return len(releases)


COMMAND = Command(
    name="clean",
    summary="remove what tests and drills made",
    description=(
        "Remove items marked Synthetic from the three tables, through one region; replication removes "
        "them from "
        "the others. A product that is not synthetic and was sold to a synthetic order goes back into stock. "
        "The whole of each table is scanned, which on AWS costs read units. On AWS it asks "
        "first, "
        "and the caller's account must be the deployment's."
    ),
    configure=configure,
    run=run,
)
