"""The replicas of global tables: what a write sends to the others, and what arrives."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from twin.aws.dynamodb import store
from twin.aws.dynamodb.replication import Change, Delivery, Replication
from twin.aws.dynamodb.store import MODULE, Attributes, Table
from twin.aws.hooks import HookedName, replace

# Kept in the emulator's table: the global table it is a replica of. A table that is deleted and made again
# under its name is another one, and nothing that was on its way to the first may reach it.
GROUP = "_twin_group"
# Kept in the emulator's table: true for multi-Region strong consistency, and its witness region.
STRONG = "_twin_strong"
WITNESS = "_twin_witness"


class ItemId(NamedTuple):
    """An item of a global table, whatever the region."""

    group: str
    table: str
    partition: str
    sort: str


@dataclass(frozen=True, kw_only=True)
class Replicated:
    """A write that has reached another region; `lag` in seconds, `strong` for tables of that mode."""

    table: str
    source: str
    target: str
    lag: float
    strong: bool


class Strong(Protocol):
    """What replication needs of strongly consistent tables."""

    def reaches(self, table: Table, source: str) -> set[str]:
        """The regions that a write made in `source` reaches at once."""


class GlobalTables:
    """Binds replication to the emulator's tables, in one account."""

    def __init__(self, account_id: str) -> None:
        self.account_id = account_id
        self.observers: list[Callable[[Replicated], None]] = []
        self._replication: Replication | None = None
        self._strong: Strong | None = None

    def install(self, replication: Replication, strong: Strong) -> None:
        """Take over the emulator's replication."""
        self._replication, self._strong = replication, strong
        replace(
            HookedName(
                module=MODULE,
                attribute="_replicate_write",
                signature="(table, event_name, old_item, new_item)",
            ),
            lambda _: self._replicate_write,
        )
        replace(
            HookedName(module=MODULE, attribute="_create_replica", signature="(name, table, region)"),
            self._with_group,
        )

    def deliver(self, delivery: Delivery) -> None:
        """Write what has arrived, if it won."""
        item, change = delivery.change.item, delivery.change
        if not isinstance(item, ItemId):
            raise TypeError(f"not an item of a table: {item!r}")
        replica = store.table(self.account_id, delivery.target, item.table)
        if replica is None or replica.get(GROUP) != item.group:
            return
        if delivery.applied:
            with store.acting_in(self.account_id, delivery.target):
                store.write(replica, (item.partition, item.sort), change.value)
        replicated = Replicated(
            table=item.table,
            source=delivery.source,
            target=delivery.target,
            lag=delivery.lag,
            strong=bool(replica.get(STRONG)),
        )
        for observer in self.observers:
            observer(replicated)

    def _replicate_write(
        self, table: Table, event_name: str, old_item: Attributes | None, new_item: Attributes | None
    ) -> None:
        """Called by the emulator after each write, in the region of the request."""
        del event_name
        region = store.account_and_region()[1]
        others = [other for other in store.regions_of(table) if other != region]
        if not others or self._replication is None:
            return
        key = store.key_of(table, new_item if new_item is not None else old_item or {})
        item = ItemId(table[GROUP], table["TableName"], *key)
        change = self._replication.record(region, item, new_item)
        if table.get(STRONG):
            self._send_strongly(table, region, others, change)
            return
        for other in others:
            self._replication.send(region, other, change)

    def _send_strongly(self, table: Table, region: str, others: list[str], change: Change) -> None:
        """To every replica within reach at once; the others catch up when they are."""
        if self._replication is None or self._strong is None:
            return
        reached = self._strong.reaches(table, region)
        for other in others:
            if other in reached:
                self._replication.apply_now(region, other, change)
            else:
                self._replication.send(region, other, change)

    def _with_group(self, original: Callable[..., Any]) -> Callable[..., Any]:
        def create_replica(name: str, table: Table, region: str) -> None:
            group = table.setdefault(GROUP, uuid.uuid4().hex)
            original(name, table, region)
            if self._replication is not None:
                home = store.account_and_region()[1]
                self._replication.backfill(home, region, lambda item: belongs(item, group))

        return create_replica


def belongs(item: object, group: str) -> bool:
    """Whether an item is one of a global table."""
    return isinstance(item, ItemId) and item.group == group
