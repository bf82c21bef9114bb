"""DynamoDB's operations on items, and what each is."""

from collections.abc import Mapping
from typing import Final, Literal

Kind = Literal["read", "write", "batch read", "batch write", "transaction"]

ITEM_OPERATIONS: Final[Mapping[str, Kind]] = {
    "GetItem": "read",
    "Query": "read",
    "Scan": "read",
    "PutItem": "write",
    "UpdateItem": "write",
    "DeleteItem": "write",
    "BatchGetItem": "batch read",
    "BatchWriteItem": "batch write",
    "TransactGetItems": "transaction",
    "TransactWriteItems": "transaction",
}
"""PartiQL's operations are not in the twin (twin/front/operations.py)."""
