"""Reads and writes the regions' tables directly: what is really stored, not what a client was told."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from functions.orders import contract
from ops.errors import CallError

# The most keys that one BatchGetItem takes (DynamoDB API reference).
BATCH_GET_LIMIT = 100
ATTEMPTS = 8
BACKOFF = 0.1


@dataclass(frozen=True, kw_only=True)
class StoredOrder:
    """An order as one region's table has it."""

    order_id: str
    product_id: str


class RegionTables:
    """The tables of one region. `client` is boto3's DynamoDB client there."""

    def __init__(
        self, client: Any, names: Mapping[str, str], *, pause: Callable[[float], None] = time.sleep
    ) -> None:
        self._client = client
        self._names = names
        self._pause = pause

    def orders(self, ids: Iterable[str]) -> dict[str, StoredOrder]:
        """Those of the orders that this region has, by id."""
        items = self._items(contract.ORDERS, list(ids), (contract.ORDER_ID, contract.PRODUCT_ID))
        return {
            item[contract.ORDER_ID]["S"]: StoredOrder(
                order_id=item[contract.ORDER_ID]["S"],
                product_id=item.get(contract.PRODUCT_ID, {}).get("S", ""),
            )
            for item in items
        }

    def present(self, table: str, ids: Sequence[str]) -> set[str]:
        """Which of the ids the table has here; `table` is one of the contract's TABLES."""
        key = contract.TABLE_KEYS[table]
        return {item[key]["S"] for item in self._items(table, ids, (key,))}

    def items(self, table: str, ids: Sequence[str]) -> dict[str, Mapping[str, Any]]:
        """Those of the items that this region has, whole, by id; `table` is one of the contract's TABLES."""
        key = contract.TABLE_KEYS[table]
        return {item[key]["S"]: item for item in self._items(table, ids, ())}

    def put_probe(self, probe_id: str) -> None:
        """Write a synthetic customer, to see when it arrives elsewhere."""
        self._client.put_item(
            TableName=self._names[contract.CUSTOMERS],
            Item={contract.CUSTOMER_ID: {"S": probe_id}, contract.SYNTHETIC_ATTRIBUTE: {"BOOL": True}},
        )

    def _items(self, table: str, ids: Sequence[str], attributes: Sequence[str]) -> list[Mapping[str, Any]]:
        found: list[Mapping[str, Any]] = []
        for start in range(0, len(ids), BATCH_GET_LIMIT):
            found += self._batch(table, ids[start : start + BATCH_GET_LIMIT], attributes)
        return found

    def _batch(self, table: str, ids: Sequence[str], attributes: Sequence[str]) -> list[Mapping[str, Any]]:
        name, key = self._names[table], contract.TABLE_KEYS[table]
        request: Mapping[str, Any] = {
            name: {
                "Keys": [{key: {"S": one}} for one in ids],
                "ConsistentRead": True,
                **({"ProjectionExpression": ", ".join(attributes)} if attributes else {}),
            }
        }
        found: list[Mapping[str, Any]] = []
        for attempt in range(ATTEMPTS):
            answer = self._client.batch_get_item(RequestItems=request)
            found += answer["Responses"].get(name, [])
            request = answer.get("UnprocessedKeys") or {}
            if not request:
                return found
            self._pause(BACKOFF * 2**attempt)
        raise CallError(f"DynamoDB kept throttling reads of the {table} table; try again later.")
