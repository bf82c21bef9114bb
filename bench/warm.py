"""Warm requests: a function's whole handler against the bare boto3 call that it makes."""

import os
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any, Final

import boto3

from bench.figures import Figure, figure
from functions.orders import contract, create, read

WARM_BOUND: Final = 1.25
WARM_UP: Final = 40

_CUSTOMER, _PRODUCT, _ORDER = (
    "01K0CUSTOMER0000000000000A",
    "01K0PRODUCT00000000000000B",
    "01K0ORDER0000000000000000C",
)


def environment(url: str) -> dict[str, str]:
    """What the functions and boto3 find in their environment; the keys open nothing."""
    return {
        "AWS_ENDPOINT_URL": url,
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "AKIAEXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "example",
        "AWS_EC2_METADATA_DISABLED": "true",
        contract.CUSTOMERS_TABLE: "Customers",
        contract.PRODUCTS_TABLE: "Products",
        contract.ORDERS_TABLE: "Orders",
        contract.CONSISTENCY: contract.EVENTUAL,
    }


def measure(url: str, runs: int) -> list[Figure]:
    """Time create and read, ours and bare in turn."""
    os.environ.update(environment(url))
    client: Any = boto3.client("dynamodb")
    create_event = _event("POST", {"customerId": _CUSTOMER, "productId": _PRODUCT, "orderId": _ORDER})
    read_event = _event("GET", {"orderId": _ORDER, "productId": _PRODUCT})
    transaction = _transaction()
    return [
        _compare(
            "create, warm",
            lambda: _expect(201, create.handler(create_event, None)),
            lambda: client.transact_write_items(**transaction),
            runs,
        ),
        _compare(
            "read, warm",
            lambda: _expect(200, read.handler(read_event, None)),
            lambda: client.get_item(TableName="Orders", Key={"OrderId": {"S": _ORDER}}, ConsistentRead=False),
            runs,
        ),
    ]


def _compare(name: str, ours: Callable[[], Any], bare: Callable[[], Any], runs: int) -> Figure:
    times: dict[str, list[float]] = {"ours": [], "bare": []}
    with Path(os.devnull).open("w", encoding="utf-8") as sink, redirect_stdout(sink):
        for turn in range(runs + WARM_UP):
            # Side by side and in changing order, so that whatever else the machine does meets both alike.
            pair = [("ours", ours), ("bare", bare)]
            for key, call in pair if turn % 2 else reversed(pair):
                started = time.perf_counter()
                call()
                if turn >= WARM_UP:
                    times[key].append(time.perf_counter() - started)
    return figure(name, times["ours"], times["bare"], WARM_BOUND)


def _expect(status: int, answer: Mapping[str, Any]) -> None:
    if answer["statusCode"] != status:
        sys.exit(f"bench: expected {status}, the function answered {answer['statusCode']}: {answer['body']}")


def _event(method: str, query: Mapping[str, str]) -> dict[str, Any]:
    return {
        "resource": contract.ORDERS_PATH,
        "path": contract.ORDERS_PATH,
        "httpMethod": method,
        "queryStringParameters": dict(query),
        "multiValueQueryStringParameters": {name: [value] for name, value in query.items()},
        "requestContext": {"requestId": "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"},
        "body": None,
        "isBase64Encoded": False,
    }


def _transaction() -> dict[str, Any]:
    """The same three writes as the function's, with values made beforehand."""
    at, region = {"S": "2026-11-24T12:00:00.000000Z"}, {"S": "us-east-1"}
    order, product, customer = {"S": _ORDER}, {"S": _PRODUCT}, {"S": _CUSTOMER}
    old = {"ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
    check = {
        "TableName": "Customers",
        "Key": {"CustomerId": customer},
        "ConditionExpression": "attribute_exists(CustomerId)",
        **old,
    }
    update = {
        "TableName": "Products",
        "Key": {"ProductId": product},
        "UpdateExpression": "SET ProductStatus = :sold, OrderId = :order, CustomerId = :customer, "
        "SoldAt = :at, SoldIn = :in",
        "ConditionExpression": "ProductStatus = :in_stock",
        "ExpressionAttributeValues": {
            ":sold": {"S": "SOLD"},
            ":in_stock": {"S": "IN_STOCK"},
            ":order": order,
            ":customer": customer,
            ":at": at,
            ":in": region,
        },
        **old,
    }
    put = {
        "TableName": "Orders",
        "Item": {
            "OrderId": order,
            "ProductId": product,
            "CustomerId": customer,
            "OrderStatus": {"S": "CONFIRMED"},
            "OrderTotal": {"N": "100"},
            "CreatedAt": at,
            "Region": region,
        },
        "ConditionExpression": "attribute_not_exists(OrderId)",
        **old,
    }
    return {"TransactItems": [{"ConditionCheck": check}, {"Update": update}, {"Put": put}]}
