"""The emulator's DynamoDB tables, one item of one replica at a time."""

import copy
from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any

from ministack.core import responses
from ministack.services import dynamodb

from twin.aws.hooks import HookedName, declare

MODULE = "ministack.services.dynamodb"
NO_SORT_KEY = "__no_sort__"

Table = dict[str, Any]
Attributes = Mapping[str, Any]
Key = tuple[str, str]

declare(
    HookedName(module=MODULE, attribute="_tables.get_scoped"),
    HookedName(module=MODULE, attribute="_extract_key_val", signature="(attr)"),
    HookedName(module=MODULE, attribute="_normalize_table_name", signature="(value)"),
    HookedName(module=MODULE, attribute="_set_item", signature="(table, pk_val, sk_val, item)"),
    HookedName(module=MODULE, attribute="_remove_item", signature="(table, pk_val, sk_val)"),
    HookedName(module=MODULE, attribute="_replica_group", signature="(table)"),
    HookedName(
        module=MODULE,
        attribute="_emit_stream_event",
        signature="(table_name, event_name, old_item, new_item, replicate)",
    ),
    HookedName(
        module="ministack.core.responses", attribute="request_scope", signature="(account_id, region)"
    ),
    HookedName(module="ministack.core.responses", attribute="get_account_id", signature="()"),
    HookedName(module="ministack.core.responses", attribute="get_region", signature="()"),
)


def account_and_region() -> tuple[str, str]:
    """Account and region of the request being served."""
    return responses.get_account_id(), responses.get_region()


def acting_in(account_id: str, region: str) -> AbstractContextManager[None]:
    """Do something in a region outside of a request."""
    scope: AbstractContextManager[None] = responses.request_scope(account_id, region)
    return scope


def table(account_id: str, region: str, name: str) -> Table | None:
    """A region's table, by name."""
    found: Table | None = dynamodb._tables.get_scoped(account_id, region, name)
    return found


def table_here(name: object) -> Table | None:
    """A table of the request's region, by name or ARN."""
    account_id, region = account_and_region()
    return table(account_id, region, str(dynamodb._normalize_table_name(name)))


def regions_of(replica: Table) -> list[str]:
    """The regions of all replicas of a global table; empty for a table that is in one region."""
    return list(dynamodb._replica_group(replica))


def key_of(replica: Table, attributes: Attributes) -> Key:
    """An item's key as the emulator keeps it."""
    sort = replica["sk_name"]
    return (
        dynamodb._extract_key_val(attributes.get(replica["pk_name"])),
        dynamodb._extract_key_val(attributes.get(sort)) if sort else NO_SORT_KEY,
    )


def write(replica: Table, key: Key, item: Attributes | None) -> None:
    """Put or remove an item of the replica in the region being acted in, with its stream record."""
    previous = replica["items"].get(key[0], {}).get(key[1])
    if item is None and previous is None:
        return
    if item is None:
        dynamodb._remove_item(replica, *key)
        event = "REMOVE"
    else:
        dynamodb._set_item(replica, *key, copy.deepcopy(dict(item)))
        event = "MODIFY" if previous else "INSERT"
    image = None if item is None else copy.deepcopy(dict(item))
    dynamodb._emit_stream_event(replica["TableName"], event, previous, image, replicate=False)
