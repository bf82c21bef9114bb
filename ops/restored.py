"""Compares a table that was restored beside a live one with it, a page at a time, by DynamoDB's items."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from functions.orders.contract import TABLE_KEYS
from ops.deployed.tables import RegionTables

Item = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Compared:
    """Restored items: how many are the same in the live table, which it lacks, which it has otherwise."""

    same: int
    missing: tuple[Item, ...]
    different: tuple[Item, ...]


def compare(client: Any, table: str, *, live: str, restored: str) -> Iterator[Compared]:
    """`table` is one of the contract's TABLES, `live` and `restored` are names in the client's region."""
    key = TABLE_KEYS[table]
    tables = RegionTables(client, {table: live})
    for page in client.get_paginator("scan").paginate(TableName=restored, ConsistentRead=True):
        items = page["Items"]
        there = tables.items(table, [item[key]["S"] for item in items])
        seen = [(item, there.get(item[key]["S"])) for item in items]
        yield Compared(
            same=sum(item == now for item, now in seen),
            missing=tuple(item for item, now in seen if now is None),
            different=tuple(item for item, now in seen if now is not None and now != item),
        )
