"""One region's tables, named C, P and O."""

from collections.abc import Mapping
from typing import Any

from tests.unit.ops.reconcile.items import Item


class Stored:
    """Scans and BatchGetItem over items of the three tables, and writes that a test can refuse."""

    def __init__(self, *items: Item, refusal: Exception | None = None) -> None:
        self.items = items
        self._refusal = refusal
        self.written: list[Mapping[str, Any]] = []

    def batch_get_item(self, **arguments: Any) -> Mapping[str, Any]:
        ((table, request),) = arguments["RequestItems"].items()
        key = {"C": "CustomerId", "P": "ProductId", "O": "OrderId"}[table]
        wanted = [one[key] for one in request["Keys"]]
        found = [item for item in self.items if _table(item) == table and item[key] in wanted]
        return {"Responses": {table: found}}

    def get_paginator(self, _: str) -> "Stored":
        return self

    def paginate(self, **arguments: Any) -> list[Mapping[str, Any]]:
        return [{"Items": [item for item in self.items if _table(item) == arguments["TableName"]]}]

    def put_item(self, **arguments: Any) -> Mapping[str, Any]:
        return self._write(arguments, {})

    def update_item(self, **arguments: Any) -> Mapping[str, Any]:
        return self._write(arguments, {"Attributes": {"now": {"S": "so"}}})

    def _write(self, arguments: Mapping[str, Any], answer: Mapping[str, Any]) -> Mapping[str, Any]:
        if self._refusal is not None:
            raise self._refusal
        self.written.append(arguments)
        return answer


def _table(item: Item) -> str:
    return "P" if "ProductStatus" in item else "O" if "OrderId" in item else "C"
