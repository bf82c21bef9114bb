"""Looks through regions: all of their tables once, and what is suspected a second time."""

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from functions.orders import contract
from ops.aws_errors import explain, explained
from ops.deployed.answering import silence_of
from ops.deployed.deployment import Stack
from ops.deployed.tables import RegionTables
from ops.deployed.target import Target
from ops.errors import MisuseError
from ops.reconcile.findings import Finding, look_again
from ops.reconcile.suspects import RegionScan, Suspects, scan, together


def find_suspects(
    target: Target, stacks: Sequence[Stack], products: Sequence[str], *, report: Callable[[str], None]
) -> tuple[Suspects, dict[str, str]]:
    """Of the named products, or of all where none is named; and the regions that do not answer, and why.

    MisuseError for a product that is nowhere.
    """
    scans, unread = [], {}
    for stack in stacks:
        try:
            scans.append(_seen(target.client("dynamodb", stack.region), stack, report))
        except (ClientError, BotoCoreError) as error:
            if not silence_of(error):
                raise explain(error, f"read the tables in {stack.region}") from error
            unread[stack.region] = silence_of(error)
    _refuse_unknown(products, scans)
    suspects = together(scan.suspects() for scan in scans)
    return {p: orders for p, orders in suspects.items() if p in products} if products else suspects, unread


def _refuse_unknown(products: Sequence[str], scans: Sequence[RegionScan]) -> None:
    """A product may be missing although an order names it, which is what this looks for."""
    known = {
        product for scan in scans for product in (*scan.products, *(of for of, _ in scan.orders.values()))
    }
    unknown = [product for product in products if product not in known]
    if unknown:
        raise MisuseError(
            f"--product {unknown[0]}: no region that was read has it, and no order names it. Nothing was "
            "written. Leave --product out to look at every product."
        )


def _seen(client: Any, stack: Stack, report: Callable[[str], None]) -> RegionScan:
    seen = RegionScan()
    for table, add in ((contract.PRODUCTS, seen.add_product), (contract.ORDERS, seen.add_order)):
        read = 0
        for page in scan(client, table, stack.table_names[table]):
            for item in page:
                add(item)
                read += 1
            report(f"{stack.region}: {read} {table} read ...")
    return seen


def confirm_suspects(
    target: Target,
    stacks: Sequence[Stack],
    suspects: Suspects,
    *,
    grace: float,
    settle: float,
    restored: datetime | None = None,
    report: Callable[[str], None],
) -> list[Finding]:
    """What is still wrong after `grace` seconds, in which what was read should have replicated.

    A sale younger than `settle` seconds may lack its order: it may be under way. Orders older than `restored`
    have the products that they are for.
    """
    if not suspects:
        return []
    report(f"{len(suspects)} to look at again in {grace:g} s ...")
    time.sleep(grace)
    tables = {
        stack.region: RegionTables(target.client("dynamodb", stack.region), stack.table_names)
        for stack in stacks
    }
    with explained("read the suspects again in every region"):
        return look_again(
            tables, suspects, now=datetime.now(UTC), settle=timedelta(seconds=settle), restored=restored
        )
