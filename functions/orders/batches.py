"""DynamoDB: many items at once, for fill."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from . import contract
from .attempts import Attempts, kind_of, wait_seconds
from .clock import Clock
from .order import Item

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

BATCH_SIZE: Final = 25
"""Items in one BatchWriteItem (Amazon DynamoDB API Reference)."""

PARALLEL: Final = 8
"""Batches under way at once; below the client's pool of 10 connections."""

MAX_ROUNDS: Final = 8
"""How often one batch is sent, time permitting."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """An item to write. ``table`` is one of contract.TABLES."""

    table: str
    item: Item

    @property
    def key(self) -> tuple[str, str]:
        """The table and the item's id, unique in a fill."""
        return self.table, str(self.item[contract.TABLE_KEYS[self.table]]["S"])


@dataclass(frozen=True, kw_only=True)
class Unwritten:
    """Entries that were not written, or of which nobody knows, and the error behind it if there was one."""

    keys: frozenset[tuple[str, str]]
    error: Exception | None = None


class BatchStore:
    """Writes to the tables of one region until a moment on the clock (monotonic seconds)."""

    def __init__(self, client: "DynamoDBClient", tables: Mapping[str, str], clock: Clock) -> None:
        self._client = client
        self._tables = tables
        self._clock = clock

    def write(self, entries: Sequence[Entry], attempts: Attempts) -> Unwritten:
        """Write all entries, or say which were not; raises nothing that DynamoDB says."""
        with ThreadPoolExecutor(max_workers=PARALLEL) as pool:
            results = list(pool.map(lambda batch: self._write_batch(batch, attempts), _batches(entries)))
        return Unwritten(
            keys=frozenset().union(*(result.keys for result in results)),
            error=next((result.error for result in results if result.error is not None), None),
        )

    def _write_batch(self, batch: Sequence[Entry], attempts: Attempts) -> Unwritten:
        left = {entry.key: entry for entry in batch}
        for round_number in range(MAX_ROUNDS):
            if round_number:
                self._clock.sleep(wait_seconds(round_number, self._clock.random()))
            if not attempts.time_for_a_call():
                break
            try:
                left = self._send(left, attempts)
            except Exception as error:  # noqa: BLE001 the other batches go on; the caller reports this one
                if kind_of(error) is None:
                    return Unwritten(keys=frozenset(left), error=error)
            if not left:
                break
        return Unwritten(keys=frozenset(left))

    def _send(
        self, entries: Mapping[tuple[str, str], Entry], attempts: Attempts
    ) -> dict[tuple[str, str], Entry]:
        requests: dict[str, list[Any]] = {}
        for entry in entries.values():
            requests.setdefault(self._tables[entry.table], []).append({"PutRequest": {"Item": entry.item}})
        attempts.count_call()
        answer = self._client.batch_write_item(RequestItems=requests)
        unprocessed = set(self._keys(answer.get("UnprocessedItems") or {}))
        return {key: entry for key, entry in entries.items() if key in unprocessed}

    def _keys(self, unprocessed: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        names = {name: table for table, name in self._tables.items()}
        for name, requests in unprocessed.items():
            table = names[name]
            for request in requests:
                yield table, request["PutRequest"]["Item"][contract.TABLE_KEYS[table]]["S"]


def _batches(entries: Iterable[Entry]) -> Iterator[tuple[Entry, ...]]:
    remaining = iter(entries)
    while batch := tuple(islice(remaining, BATCH_SIZE)):
        yield batch
