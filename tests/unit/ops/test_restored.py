"""What a restored table has that the live one lacks, or has otherwise."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ops.restored import compare

Item = Mapping[str, Any]


def order(number: int, status: str = "CONFIRMED") -> Item:
    return {"OrderId": {"S": f"o{number}"}, "OrderStatus": {"S": status}}


@dataclass
class FakeDynamo:
    """A restored table in pages, and a live one."""

    pages: Sequence[Sequence[Item]]
    live: Sequence[Item]

    def get_paginator(self, operation: str) -> "FakeDynamo":
        assert operation == "scan"
        return self

    def paginate(self, *, TableName: str, ConsistentRead: bool) -> Iterator[Mapping[str, Any]]:  # noqa: N803 - boto3's
        assert (TableName, ConsistentRead) == ("before", True)
        return ({"Items": page} for page in self.pages)

    def batch_get_item(self, *, RequestItems: Mapping[str, Any]) -> Mapping[str, Any]:  # noqa: N803 - boto3's
        [(name, asked)] = RequestItems.items()
        assert (name, asked["ConsistentRead"]) == ("live", True)
        found = [item for item in self.live if {"OrderId": item["OrderId"]} in asked["Keys"]]
        return {"Responses": {name: found}}


def test_items_are_told_apart_page_by_page_and_younger_ones_are_not_looked_at() -> None:
    dynamo = FakeDynamo(
        pages=[[order(1), order(2)], [order(3)]], live=[order(1), order(3, "CANCELLED"), order(4)]
    )
    first, second = compare(dynamo, "orders", live="live", restored="before")
    assert (first.same, first.missing, first.different) == (1, (order(2),), ())
    assert (second.same, second.missing, second.different) == (0, (), (order(3),))
