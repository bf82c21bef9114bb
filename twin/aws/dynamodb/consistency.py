"""Multi-Region strong consistency (MRSC): who can reach whom, what is refused, writes in two regions at once.

AWS's documentation (DynamoDB developer guide, "How DynamoDB global tables work"; prescriptive guidance on
global tables): a write is in another region before it is answered; a strongly consistent read sees the newest
version from every region; a write of an item that another region is writing fails with
ReplicatedWriteConflictException; transactions, TTL and local secondary indexes are refused. A region serves
all reads and writes while a second region, with a replica or the witness, can be reached; otherwise only
eventually consistent reads. A region that comes back refuses the same until it has caught up.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from ministack.core import responses

from twin.aws.dynamodb import store
from twin.aws.dynamodb.global_tables import GROUP, STRONG, WITNESS, GlobalTables, ItemId, belongs
from twin.aws.dynamodb.replication import Replication
from twin.aws.dynamodb.store import MODULE, Table
from twin.aws.hooks import HookedName, replace
from twin.front.item_operations import ITEM_OPERATIONS
from twin.settings import latency_ms

Answer = tuple[int, dict[str, str], bytes]
Handler = Callable[[str, str, dict[str, str], bytes, dict[str, Any]], Awaitable[Answer]]
Json = dict[str, Any]

# AWS documents that these fail, not their words.
_NO_TRANSACTIONS = "Transactions are not supported on global tables with multi-Region strong consistency."
_NO_TTL = "Time to Live is not supported on global tables with multi-Region strong consistency."
_NO_QUORUM = (
    "No second Region of this multi-Region strongly consistent table can be reached: "
    "only eventually consistent reads are served."
)
_CATCHING_UP = (
    "This replica of a multi-Region strongly consistent table is catching up: "
    "only eventually consistent reads are served."
)
_CONFLICT = (
    "The request was rejected because one or more items in the request are being modified by a request "
    "in another Region."
)


class RefusedError(Exception):
    """A request that a strongly consistent table does not serve."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status


class StrongTables:
    """Stands in front of the emulator's DynamoDB for the tables that are strongly consistent.

    `round_trip` is the time in seconds that a write or a strongly consistent read takes to agree with another
    region, and so the time in which another region's write of the same item conflicts; None means the round
    trip to the nearest region within reach.
    """

    def __init__(self, replication: Replication, tables: GlobalTables, is_up: Callable[[str], bool]) -> None:
        self._replication = replication
        self._tables = tables
        self._is_up = is_up
        self.round_trip: float | None = None
        self._writing: dict[ItemId, list[str]] = {}

    def install(self) -> None:
        """Put this in front of the emulator's DynamoDB."""
        replace(
            HookedName(
                module=MODULE,
                attribute="handle_request",
                signature="(method, path, headers, body, query_params)",
            ),
            self._in_front,
        )

    def reaches(self, table: Table, source: str) -> set[str]:
        """The regions of replicas and witness that `source` can agree with, directly or through others."""
        members = {*store.regions_of(table), *filter(None, [table.get(WITNESS)])}
        reached, found = {source}, [source]
        while found:
            region = found.pop()
            near = {other for other in members - reached if self._connected(region, other)}
            reached |= near
            found.extend(near)
        return reached - {source}

    def _connected(self, one: str, other: str) -> bool:
        both_ways = self._replication.is_connected(one, other) and self._replication.is_connected(other, one)
        return both_ways and self._is_up(one) and self._is_up(other)

    def _in_front(self, original: Handler) -> Handler:
        async def handle_request(
            method: str, path: str, headers: dict[str, str], body: bytes, query_params: dict[str, Any]
        ) -> Answer:
            operation = headers.get("x-amz-target", "").rpartition(".")[2]

            async def proceed() -> Answer:
                return await original(method, path, headers, body, query_params)

            try:
                return await self._serve(operation, _document(body), proceed)
            except RefusedError as refused:
                answer: Answer = responses.error_response_json(refused.code, refused.message, refused.status)
                return answer

        return handle_request

    async def _serve(
        self, operation: str, document: Json, proceed: Callable[[], Awaitable[Answer]]
    ) -> Answer:
        tables = [t for t in _tables(operation, document) if t.get(STRONG)]
        if not tables:
            return await proceed()
        _refuse_unsupported(operation)
        if not _must_see_others(operation, document):
            return await proceed()
        self._must_agree(tables)
        with self._claimed(list(_items(operation, document))):
            await self._wait(tables)
            self._must_agree(tables)
            return await proceed()

    def _must_agree(self, tables: list[Table]) -> None:
        """Refuse when this region cannot agree with another one, or has not caught up."""
        region = store.account_and_region()[1]
        for table in tables:
            if not self.reaches(table, region):
                raise RefusedError("InternalServerError", _NO_QUORUM, 500)
            if self._replication.pending(region, partial(belongs, group=table[GROUP])):
                raise RefusedError("InternalServerError", _CATCHING_UP, 500)

    @contextmanager
    def _claimed(self, items: list[ItemId]) -> Iterator[None]:
        """Mark items as being written from here; refuse when another region is writing one of them."""
        region = store.account_and_region()[1]
        if any(other != region for item in items for other in self._writing.get(item, ())):
            raise RefusedError("ReplicatedWriteConflictException", _CONFLICT)
        for item in items:
            self._writing.setdefault(item, []).append(region)
        try:
            yield
        finally:
            for item in items:
                self._writing[item].remove(region)
                if not self._writing[item]:
                    del self._writing[item]

    async def _wait(self, tables: list[Table]) -> None:
        """Take the time that agreeing takes, before anything is looked at or written."""
        region = store.account_and_region()[1]
        trip = self.round_trip
        if trip is None:
            trip = max(
                min(latency_ms(region, other) for other in self.reaches(table, region)) / 1000
                for table in tables
            )
        await asyncio.sleep(trip)


def _document(body: bytes) -> Json:
    try:
        found = json.loads(body or b"{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _tables(operation: str, document: Json) -> Iterable[Table]:
    """The tables of the request's region that it names."""
    names: list[object] = [document["TableName"]] if "TableName" in document else []
    kind = ITEM_OPERATIONS.get(operation)
    if kind in ("batch write", "batch read"):
        names = list(_mapping(document.get("RequestItems")))
    elif kind == "transaction":
        actions = [action for entry in _list(document.get("TransactItems")) for action in entry.values()]
        names = [action.get("TableName") for action in actions if isinstance(action, dict)]
    return [table for name in names if (table := store.table_here(name)) is not None]


def _refuse_unsupported(operation: str) -> None:
    if ITEM_OPERATIONS.get(operation) == "transaction":
        raise RefusedError("ValidationException", _NO_TRANSACTIONS)
    if operation == "UpdateTimeToLive":
        raise RefusedError("ValidationException", _NO_TTL)


def _must_see_others(operation: str, document: Json) -> bool:
    """Whether it has to agree with another region: a write, or a strongly consistent read."""
    kind = ITEM_OPERATIONS.get(operation)
    return kind in ("write", "batch write") or (kind in ("read", "batch read") and _consistent(document))


def _consistent(document: Json) -> bool:
    requests = _mapping(document.get("RequestItems")).values()
    return bool(document.get("ConsistentRead")) or any(
        bool(_mapping(request).get("ConsistentRead")) for request in requests
    )


def _items(operation: str, document: Json) -> Iterator[ItemId]:
    """The items of strongly consistent tables that a request writes."""
    kind = ITEM_OPERATIONS.get(operation)
    if kind == "write":
        yield from _item(document.get("TableName"), document.get("Item") or document.get("Key"))
    elif kind == "batch write":
        for name, requests in _mapping(document.get("RequestItems")).items():
            for request in _list(requests):
                put, delete = _mapping(request.get("PutRequest")), _mapping(request.get("DeleteRequest"))
                yield from _item(name, put.get("Item") or delete.get("Key"))


def _item(name: object, attributes: object) -> Iterator[ItemId]:
    table = store.table_here(name)
    if table is not None and table.get(STRONG) and isinstance(attributes, dict):
        yield ItemId(table[GROUP], table["TableName"], *store.key_of(table, attributes))


def _mapping(value: object) -> Json:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Json]:
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []
