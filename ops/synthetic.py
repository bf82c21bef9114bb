"""Finds and removes what fill, smoke tests, load and drills made: items marked Synthetic."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from botocore.exceptions import ClientError

from blueprint.order_service import CANARY_IDS
from functions.orders.claim import claim_on
from functions.orders.contract import ORDER_ID, PRODUCT_ID, PRODUCTS, SYNTHETIC_ATTRIBUTE, TABLE_KEYS
from ops import batches
from ops.aws_errors import CONDITION_FAILED
from ops.deployed.tables import RegionTables
from ops.reconcile.repairs import Repair, release


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


def held(tables: RegionTables, keys: Sequence[Mapping[str, Any]]) -> list[Repair]:
    """How to give back the products that are not synthetic and sold to synthetic orders.

    To be done before the orders are removed: a sale without its order looks like one that was not finished.
    """
    orders = tables.orders([key[ORDER_ID]["S"] for key in keys])
    products = tables.items(PRODUCTS, sorted({order.product_id for order in orders.values()} - {""}))
    claims = [(item, claim_on(item)) for item in products.values() if not _is_synthetic(item)]
    return [release(item, claim) for item, claim in claims if claim is not None and claim.order_id in orders]


def give_back(client: Any, name: str, releases: Sequence[Repair]) -> None:
    """Put the products back in stock, each unless another order has it by now."""
    for one in releases:
        try:
            client.update_item(TableName=name, Key={PRODUCT_ID: {"S": one.key}}, **one.request)
        except ClientError as error:
            if error.response["Error"].get("Code") != CONDITION_FAILED:
                raise


def remove(
    client: Any, name: str, keys: Sequence[Mapping[str, Any]], *, pause: Callable[[float], None] = time.sleep
) -> int:
    """Delete items by key and return how many; CallError when DynamoDB keeps throttling."""
    return batches.write(client, name, [{"DeleteRequest": {"Key": key}} for key in keys], pause=pause)


def _is_synthetic(item: Mapping[str, Any]) -> bool:
    return bool(item.get(SYNTHETIC_ATTRIBUTE, {}).get("BOOL", False))
