"""Capacity units that a request consumes, by table: what ConsumedReadCapacityUnits and its like count.

Pure. By the DynamoDB Developer Guide, "Read and write operations": one write unit a KB, one read unit 4 KB,
half of it where stale data is good enough, twice in a transaction. A size is that of the JSON, an upper
bound; where the request does not tell an item's size (updates, deletions) it counts as one KB.
"""

import json
import math
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from twin.front.item_operations import ITEM_OPERATIONS

_WRITE_BYTES, _READ_BYTES = 1024, 4096
_IN_TRANSACTION = 2


@dataclass(kw_only=True)
class Units:
    reads: float = 0
    writes: float = 0


def consumed(operation: str, request: Mapping[str, Any], answer_bytes: int) -> dict[str, Units]:
    """The units by the tables' names."""
    found: dict[str, Units] = defaultdict(Units)
    for table, reads, writes in _parts(operation, request, answer_bytes):
        found[table.rpartition("/")[2]].reads += reads
        found[table.rpartition("/")[2]].writes += writes
    return dict(found)


def _parts(
    operation: str, request: Mapping[str, Any], answer_bytes: int
) -> Iterator[tuple[str, float, float]]:
    kind = ITEM_OPERATIONS.get(operation)
    if kind == "write":
        yield request["TableName"], 0, _write(request.get("Item"))
    elif kind == "read":
        consistent = request.get("ConsistentRead")
        yield request["TableName"], _read(answer_bytes) * (1 if consistent else 0.5), 0
    elif kind == "transaction":
        for action in request["TransactItems"]:
            yield from _in_transaction(action)
    elif kind == "batch write":
        for table, actions in request["RequestItems"].items():
            for action in actions:
                yield table, 0, _write((action.get("PutRequest") or {}).get("Item"))
    elif kind == "batch read":
        for table, asked in request["RequestItems"].items():
            yield table, len(asked["Keys"]) * (1 if asked.get("ConsistentRead") else 0.5), 0


def _in_transaction(action: Mapping[str, Any]) -> Iterator[tuple[str, float, float]]:
    """A condition check counts as a write (Developer Guide, "DynamoDB transactions", capacity)."""
    for kind, part in action.items():
        if kind == "Get":
            yield part["TableName"], _IN_TRANSACTION, 0
        else:
            yield part["TableName"], 0, _IN_TRANSACTION * _write(part.get("Item"))


def _write(item: Any) -> int:
    return max(1, math.ceil(len(json.dumps(item)) / _WRITE_BYTES)) if item else 1


def _read(size: int) -> int:
    return max(1, math.ceil(size / _READ_BYTES))
