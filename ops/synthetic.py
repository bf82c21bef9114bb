"""Finds and removes what fill, smoke tests, load and drills made: items marked Synthetic."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from blueprint.order_service import CANARY_IDS
from functions.orders.contract import SYNTHETIC_ATTRIBUTE, TABLE_KEYS
from ops import batches


def find(client: Any, table: str, name: str) -> Iterator[Sequence[Mapping[str, Any]]]:
    """Keys of synthetic items, a scanned page at a time; `table` is one of the contract's TABLES.

    The canaries' own item is left out: the primary stack declares it, and canaries would fail without it.
    """
    key, kept = TABLE_KEYS[table], {"S": CANARY_IDS[table]}
    pages = client.get_paginator("scan").paginate(
        TableName=name,
        ConsistentRead=True,
        FilterExpression="#synthetic = :yes",
        ProjectionExpression="#key",
        ExpressionAttributeNames={"#synthetic": SYNTHETIC_ATTRIBUTE, "#key": key},
        ExpressionAttributeValues={":yes": {"BOOL": True}},
    )
    for page in pages:
        yield [item for item in page["Items"] if item[key] != kept]


def remove(
    client: Any, name: str, keys: Sequence[Mapping[str, Any]], *, pause: Callable[[float], None] = time.sleep
) -> int:
    """Delete items by key and return how many; CallError when DynamoDB keeps throttling."""
    return batches.write(client, name, [{"DeleteRequest": {"Key": key}} for key in keys], pause=pause)
