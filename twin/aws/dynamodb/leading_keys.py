"""The IAM condition key dynamodb:LeadingKeys: the partition keys that a request names.

The emulator leaves it out, so that a policy with `ForAllValues:StringEquals` on it lets everything through.
"""

import json
from collections.abc import Callable, Iterator
from typing import Any

from ministack.services import dynamodb

from twin.aws.dynamodb import store
from twin.aws.dynamodb.store import MODULE
from twin.aws.hooks import HookedName, declare, replace

Json = dict[str, Any]

declare(
    HookedName(
        module=MODULE,
        attribute="_extract_pk_from_condition",
        signature="(condition, attr_values, attr_names, pk_name)",
    )
)


def install() -> None:
    """Add the key to the context of every DynamoDB request."""
    replace(
        HookedName(
            module="ministack.core.iam_actions", attribute="dynamodb_service_context", signature="(body)"
        ),
        _with_leading_keys,
    )


def _with_leading_keys(original: Callable[[bytes], Json]) -> Callable[[bytes], Json]:
    def service_context(body: bytes) -> Json:
        context = original(body)
        try:
            document = json.loads(body or b"{}")
        except ValueError:
            return context
        keys = sorted(set(_leading_keys(document))) if isinstance(document, dict) else []
        return {**context, "dynamodb:LeadingKeys": keys} if keys else context

    return service_context


def _leading_keys(document: Json) -> Iterator[str]:
    for name, attributes in _items(document):
        table = store.table_here(name)
        if table is not None and table["pk_name"] in attributes:
            yield store.key_of(table, attributes)[0]
    yield from _queried(document)


def _items(document: Json) -> Iterator[tuple[object, Json]]:
    """Every item a request names: its table and its key, or all its attributes."""
    actions: list[tuple[object, object]] = [(document.get("TableName"), document)]
    for entry in document.get("TransactItems") or []:
        actions += [(_get(action, "TableName"), action) for action in _values(entry)]
    for name, requests in (document.get("RequestItems") or {}).items():
        for key in _get(requests, "Keys") or []:
            actions.append((name, {"Key": key}))
        for request in requests if isinstance(requests, list) else []:
            actions += [(name, action) for action in _values(request)]
    for name, action in actions:
        attributes = _get(action, "Item") or _get(action, "Key")
        if isinstance(attributes, dict):
            yield name, attributes


def _queried(document: Json) -> Iterator[str]:
    condition, table = document.get("KeyConditionExpression"), store.table_here(document.get("TableName"))
    if not isinstance(condition, str) or table is None or document.get("IndexName"):
        return
    found = dynamodb._extract_pk_from_condition(
        condition,
        document.get("ExpressionAttributeValues") or {},
        document.get("ExpressionAttributeNames") or {},
        table["pk_name"],
    )
    if found:
        yield str(found)


def _get(value: object, name: str) -> Any:
    return value.get(name) if isinstance(value, dict) else None


def _values(value: object) -> list[Any]:
    return list(value.values()) if isinstance(value, dict) else []
