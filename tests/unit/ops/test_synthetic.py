"""Finding and removing synthetic items."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.exceptions import ClientError

from blueprint.order_service import CANARY_ORDER
from ops import synthetic
from ops.deployed.tables import RegionTables
from ops.errors import CallError
from tests.fakes.dynamodb_fake import client_error
from tests.unit.ops.reconcile.items import Item, order, product
from tests.unit.ops.reconcile.stored import Stored

NAMES = {"customers": "C", "products": "P", "orders": "O"}


@dataclass
class FakeDynamo:
    """Scans pages of keys; `leave` batches hand their first request back."""

    pages: list[list[Mapping[str, Any]]] = field(default_factory=list)
    leave: int = 0
    scans: list[Mapping[str, Any]] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    batches: list[int] = field(default_factory=list)

    def get_paginator(self, operation: str) -> "FakeDynamo":
        assert operation == "scan"
        return self

    def paginate(self, **kwargs: Any) -> Iterator[Mapping[str, Any]]:
        self.scans.append(kwargs)
        for page in self.pages:
            yield {"Items": page}

    def batch_write_item(self, *, RequestItems: Mapping[str, Any]) -> Mapping[str, Any]:  # noqa: N803 - boto3's name
        [(name, requests)] = RequestItems.items()
        self.batches.append(len(requests))
        kept = requests[:1] if self.leave else []
        self.leave -= bool(kept)
        self.deleted += [r["DeleteRequest"]["Key"]["OrderId"]["S"] for r in requests[len(kept) :]]
        return {"UnprocessedItems": {name: kept} if kept else {}}


def keys(number: int) -> list[Mapping[str, Any]]:
    return [{"OrderId": {"S": str(n)}} for n in range(number)]


def test_the_canaries_own_order_is_left_alone() -> None:
    own: Mapping[str, Any] = {"OrderId": {"S": CANARY_ORDER}}
    dynamo = FakeDynamo(pages=[[*keys(1), own], [own]])
    assert list(synthetic.find(dynamo, "orders", "O")) == [keys(1), []]


def test_only_items_marked_synthetic_are_looked_for_and_only_their_keys_are_read() -> None:
    dynamo = FakeDynamo(pages=[keys(2), [], keys(1)])
    assert [len(page) for page in synthetic.find(dynamo, "orders", "O")] == [2, 0, 1]
    [scan] = dynamo.scans
    assert scan["ExpressionAttributeNames"] == {"#synthetic": "Synthetic", "#key": "OrderId"}
    assert scan["ExpressionAttributeValues"] == {":yes": {"BOOL": True}}
    assert (scan["FilterExpression"], scan["ProjectionExpression"]) == ("#synthetic = :yes", "#key")


def test_items_go_in_batches_that_dynamodb_takes_and_what_is_left_over_is_sent_again() -> None:
    dynamo = FakeDynamo(leave=1)
    assert synthetic.remove(dynamo, "O", keys(30), pause=lambda _: None) == 30
    assert dynamo.batches == [25, 1, 5]
    assert sorted(dynamo.deleted, key=int) == [str(n) for n in range(30)]


def test_a_table_that_keeps_throttling_is_an_error() -> None:
    with pytest.raises(CallError, match="throttling"):
        synthetic.remove(FakeDynamo(leave=1000), "O", keys(3), pause=lambda _: None)


def real_and_synthetic() -> list[Item]:
    """Orders s1, s2 and s3 are synthetic; only the product of s1 is not, and is still theirs."""
    mark: Item = {"Synthetic": {"BOOL": True}}
    return [
        product("real", "s1"),
        product("made", "s2", **mark),
        product("resold", "o"),
        *(order(o, of) | mark for o, of in (("s1", "real"), ("s2", "made"), ("s3", "resold"))),
    ]


def named(*orders: str) -> list[Item]:
    return [{"OrderId": {"S": one}} for one in orders]


def test_a_real_product_of_a_synthetic_order_goes_back_into_stock() -> None:
    tables = Stored(*real_and_synthetic())
    releases = synthetic.held(RegionTables(tables, NAMES), named("s1", "s2", "s3", "gone"))
    synthetic.give_back(tables, "P", releases)
    (write,) = tables.written
    assert (write["TableName"], write["Key"]) == ("P", {"ProductId": {"S": "real"}})
    assert write["ConditionExpression"] == "ProductStatus = :sold AND OrderId = :order"
    assert write["ExpressionAttributeValues"][":order"] == {"S": "s1"}


def test_a_product_that_was_sold_to_another_order_meanwhile_stays_sold() -> None:
    tables = Stored(*real_and_synthetic(), refusal=client_error("ConditionalCheckFailedException"))
    releases = synthetic.held(RegionTables(tables, NAMES), named("s1"))
    synthetic.give_back(tables, "P", releases)
    assert tables.written == []


def test_a_product_that_could_not_be_given_back_stops_the_removal() -> None:
    tables = Stored(*real_and_synthetic(), refusal=client_error("AccessDeniedException"))
    releases = synthetic.held(RegionTables(tables, NAMES), named("s1"))
    with pytest.raises(ClientError):
        synthetic.give_back(tables, "P", releases)
