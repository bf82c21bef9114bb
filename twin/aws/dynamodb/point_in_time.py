"""Point-in-time recovery: a new table with the items that another one had at a second of the past.

The emulator restores what a table has now. Here every change of a table with recovery on is kept, with the
item before it, and undone in the restored table when it is younger than the time asked for. On AWS a restore
takes minutes and reaches up to some five minutes ago (botocore's model: LatestRestorableDateTime); here it is
done at once and reaches up to now.
"""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ministack.core import responses
from ministack.services import dynamodb

from twin.aws.dynamodb import store
from twin.aws.dynamodb.store import MODULE, Attributes, Table
from twin.aws.hooks import HookedName, declare, replace

Json = dict[str, Any]
Operation = Callable[[Json], Any]
Clock = Callable[[], float]

KEPT = 100_000
"""Changes of a table, the newest; before the oldest of them nothing can be restored."""

declare(
    HookedName(module=MODULE, attribute="_items_replaced", signature="(table)"),
    HookedName(module=MODULE, attribute="_tables.get_scoped"),
)


@dataclass(frozen=True, kw_only=True)
class Change:
    """A write at a time, in seconds since 1970, and the item before it; None: there was none."""

    at: float
    key: store.Key
    before: Attributes | None


@dataclass(kw_only=True)
class History:
    """What a table's changes replaced, since its recovery was switched on."""

    since: float
    changes: deque[Change] = field(default_factory=deque)

    def add(self, change: Change) -> None:
        """Keep a change; the oldest one is forgotten when there are too many."""
        if len(self.changes) == KEPT:
            self.since = self.changes.popleft().at
        self.changes.append(change)

    def undo(self, table: Table, moment: float) -> None:
        """Make a table's items those of the moment; the table has what this history's has now."""
        for change in reversed(self.changes):
            if change.at <= moment:
                break
            if change.before is None:
                dynamodb._remove_item(table, *change.key)
            else:
                dynamodb._set_item(table, *change.key, dict(change.before))


class Histories:
    """The histories of all tables, by their id: a table made again under its name is another one."""

    def __init__(self, clock: Clock = time.time) -> None:
        self._clock = clock
        self._by_table: dict[str, History] = {}

    def install(self) -> None:
        """Hook writes, the setting and the restore."""
        replace(
            HookedName(
                module=MODULE,
                attribute="_emit_stream_event",
                signature="(table_name, event_name, old_item, new_item, replicate)",
            ),
            self._noting,
        )
        replace(
            HookedName(module=MODULE, attribute="_update_continuous_backups", signature="(data)"),
            self._starting,
        )
        replace(
            HookedName(module=MODULE, attribute="_restore_table_to_point_in_time", signature="(data)"),
            self._restoring,
        )

    def _noting(self, original: Callable[..., None]) -> Callable[..., None]:
        def emit(
            table_name: str,
            event_name: str,
            old_item: Attributes | None,
            new_item: Attributes | None,
            replicate: bool = True,
        ) -> None:
            original(table_name, event_name, old_item, new_item, replicate)
            table = store.table_here(table_name)
            if table is not None and table["TableId"] in self._by_table:
                key = store.key_of(table, new_item if new_item is not None else old_item or {})
                change = Change(at=self._clock(), key=key, before=old_item)
                self._by_table[table["TableId"]].add(change)

        return emit

    def _starting(self, original: Operation) -> Operation:
        def update_continuous_backups(data: Json) -> Any:
            answer = original(data)
            table = store.table_here(data.get("TableName"))
            if answer[0] == 200 and table is not None:
                if not dynamodb._pitr_settings.get(table["TableName"]):
                    self._by_table.pop(table["TableId"], None)
                else:
                    self._by_table.setdefault(table["TableId"], History(since=self._clock()))
            return answer

        return update_continuous_backups

    def _restoring(self, original: Operation) -> Operation:
        def restore_table_to_point_in_time(data: Json) -> Any:
            source = store.table_here(data.get("SourceTableName") or data.get("SourceTableArn"))
            if source is None:
                return original(data)
            history = self._by_table.get(source["TableId"])
            moment = self._clock() if data.get("UseLatestRestorableTime") else data.get("RestoreDateTime")
            refused = self._refusal(source["TableName"], history, moment)
            if refused is not None or history is None or moment is None:
                return responses.error_response_json(*(refused or ("ValidationException", "", 400)))
            answer = original(data)
            target = store.table_here(data["TargetTableName"])
            if answer[0] == 200 and target is not None:
                history.undo(target, moment)
                dynamodb._items_replaced(target)
            return answer

        return restore_table_to_point_in_time

    def _refusal(
        self, name: str, history: History | None, moment: float | None
    ) -> tuple[str, str, int] | None:
        """DynamoDB's error where nothing can be restored (API reference, RestoreTableToPointInTime)."""
        if history is None:
            message = f"Point in time recovery is not enabled for table '{name}'"
            return "PointInTimeRecoveryUnavailableException", message, 400
        if moment is None:
            return "ValidationException", "Either RestoreDateTime or UseLatestRestorableTime is needed", 400
        if not int(history.since) <= moment <= self._clock():
            message = f"Restore date time {moment} is not between {history.since} and now"
            return "InvalidRestoreTimeException", message, 400
        return None
