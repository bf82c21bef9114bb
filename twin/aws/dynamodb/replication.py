"""Asynchronous replication between regions, as DynamoDB's global tables do it.

Pure: time, chance and timers are passed in.

What AWS documents (DynamoDB developer guide, "How DynamoDB global tables work"): changes travel to every
other replica, usually within a second; the last writer wins, item by item; items of one transaction travel
one by one; what has not left a region that fails arrives when the region is back.

Every pair of regions has one link in each direction. A change leaves its region after a part of its lag and
arrives after all of it. While a link is cut, or one of its regions is down, nothing leaves on it; what has
left arrives, unless the receiving region is down, and then arrives when that is back. Nothing is dropped.
"""

import heapq
import math
import random
from bisect import insort
from collections import deque
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from twin.errors import SettingsError

Item = Hashable
Value = Mapping[str, Any] | None
Schedule = Callable[[float, Callable[[], None]], object]

# Standard normal quantile of 0.99: the distance between median and p99 of a log-normal, in sigmas.
_Z99 = 2.3263478740408408
# The part of its lag that a change spends in its own region. AWS does not say; half is as good as any.
SENT_SHARE = 0.5
# How many of the newest lags the statistics are made of.
LAG_WINDOW = 10_000


@dataclass(frozen=True, kw_only=True)
class Lag:
    """A log-normal replication lag, in seconds. AWS's sample of this architecture measured 0.6 to 1.2 s."""

    p50: float = 0.8
    p99: float = 1.2

    def __post_init__(self) -> None:
        if not 0 <= self.p50 <= self.p99:
            raise SettingsError(
                f"a replication lag needs 0 <= p50 <= p99, not p50 {self.p50} s and p99 {self.p99} s"
            )

    def draw(self, chance: random.Random) -> float:
        """One lag."""
        if self.p50 == 0:
            return 0.0
        return self.p50 * math.exp(chance.gauss(0, math.log(self.p99 / self.p50) / _Z99))


@dataclass(frozen=True, order=True)
class Version:
    """When and where an item was written. Ordered: later wins, then the region's name decides.

    `step` keeps writes apart that one region makes to one item at the same instant.
    """

    written_at: float
    step: int
    region: str


# The newest version of each region that a state of an item includes.
Seen = Mapping[str, Version]


@dataclass(frozen=True, kw_only=True)
class Change:
    """A write on its way: an item's whole new value, None for a deletion."""

    item: Item
    value: Value
    version: Version
    seen: Seen


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """What a region was told: for whoever applies it and whoever counts."""

    source: str
    target: str
    change: Change
    lag: float
    applied: bool


@dataclass(order=True)
class _Transfer:
    arrives_at: float
    order: int
    change: Change = field(compare=False)
    leaves_at: float = field(compare=False)
    held: bool = field(compare=False, default=False)


@dataclass
class _Lags:
    """The newest lags of a link, also sorted."""

    newest: deque[float] = field(default_factory=deque)
    ordered: list[float] = field(default_factory=list)

    def add(self, lag: float) -> None:
        if len(self.newest) == LAG_WINDOW:
            self.ordered.remove(self.newest.popleft())
        self.newest.append(lag)
        insort(self.ordered, lag)

    def quantile(self, share: float) -> float | None:
        if not self.ordered:
            return None
        return self.ordered[min(len(self.ordered) - 1, int(share * len(self.ordered)))]


@dataclass(kw_only=True)
class _Link:
    source: str
    target: str
    lag: Lag
    cut: bool = False
    stopped_at: float | None = None
    timer_at: float | None = None
    waiting: list[_Transfer] = field(default_factory=list)
    last_arrival: dict[Item, float] = field(default_factory=dict)
    measured: _Lags = field(default_factory=_Lags)
    sent: int = 0
    delivered: int = 0
    held: int = 0


class Replication:
    """Links between regions and the versions each region has of each item.

    `clock` gives seconds that never go back; `schedule(delay, callback)` calls back later, never from inside;
    `deliver` is told of each arrival and writes the value when `applied` says that it won.
    """

    def __init__(
        self,
        *,
        clock: Callable[[], float],
        chance: random.Random,
        schedule: Schedule,
        deliver: Callable[[Delivery], None],
        lag: Lag | None = None,
    ) -> None:
        self._clock = clock
        self._chance = chance
        self._schedule = schedule
        self._deliver = deliver
        self._lag = lag or Lag()
        self._links: dict[tuple[str, str], _Link] = {}
        self._versions: dict[str, dict[Item, tuple[Version, Seen]]] = {}
        self._down: set[str] = set()
        self._order = 0
        self.conflicts = 0

    def write(self, region: str, targets: Iterable[str], item: Item, value: Value) -> Change:
        """Record a write that `region` has made, and send it to the other regions."""
        change = self.record(region, item, value)
        for target in targets:
            self.send(region, target, change)
        return change

    def record(self, region: str, item: Item, value: Value) -> Change:
        """Give a region's own write its version, without sending it."""
        known, seen = self._version(region, item)
        now = self._clock()
        step = known.step + 1 if known and known.written_at >= now else 0
        moment = max(now, known.written_at) if known else now
        version = Version(moment, step, region)
        change = Change(item=item, value=value, version=version, seen=seen)
        self._remember(region, change)
        return change

    def send(self, source: str, target: str, change: Change) -> None:
        """Put a change on the link to another region."""
        link = self._link(source, target)
        link.sent += 1
        now = self._clock()
        self._enqueue(link, change, now, link.lag.draw(self._chance))
        self._wake(link)

    def apply_now(self, source: str, target: str, change: Change) -> None:
        """Let a change arrive at once: the synchronous replication of strongly consistent tables."""
        self._arrive(self._link(source, target), change)

    def _link(self, source: str, target: str) -> _Link:
        """The link from one region to another; made when first used."""
        key = (source, target)
        if key not in self._links:
            self._links[key] = _Link(source=source, target=target, lag=self._lag)
            self._follow(self._links[key])
        return self._links[key]

    def set_lag(self, source: str, target: str, lag: Lag) -> None:
        """Change the lag of one direction, for changes from now on."""
        self._link(source, target).lag = lag

    def set_cut(self, source: str, target: str, cut: bool) -> None:
        """Cut or heal one direction."""
        link = self._link(source, target)
        link.cut = cut
        self._follow(link)

    async def mend(self) -> list[str]:
        """Heal every link that is cut; returns which were, in words."""
        were_cut = [key for key, link in self._links.items() if link.cut]
        for source, target in were_cut:
            self.set_cut(source, target, False)
        return [f"replication from {source} to {target} cut" for source, target in were_cut]

    def set_down(self, region: str, down: bool) -> None:
        """Take a region's replicas away, or bring them back."""
        (self._down.add if down else self._down.discard)(region)
        for link in self._links.values():
            if region in (link.source, link.target):
                self._follow(link)

    def is_connected(self, source: str, target: str) -> bool:
        """Whether changes can leave one region for another now."""
        link = self._links.get((source, target))
        return not ((link and link.cut) or source in self._down or target in self._down)

    def backfill(self, source: str, target: str, belongs: Callable[[Item], bool]) -> None:
        """Let a new replica know what `source` knows of the items it was copied from, now and soon."""
        known = self._versions.get(source, {})
        self._versions.setdefault(target, {}).update({i: v for i, v in known.items() if belongs(i)})
        on_their_way = [
            (link.source, transfer.change)
            for link in self._links.values()
            if link.target == source and link.source != target
            for transfer in sorted(link.waiting, key=_written)
            if belongs(transfer.change.item)
        ]
        for origin, change in on_their_way:
            self.send(origin, target, change)

    def forget(self, region: str, belongs: Callable[[Item], bool]) -> None:
        """Drop what a region knows of items, and what is on its way to it: its replica is gone."""
        versions = self._versions.get(region, {})
        for item in [item for item in versions if belongs(item)]:
            del versions[item]
        for link in self._links.values():
            if link.target == region:
                link.waiting = [t for t in link.waiting if not belongs(t.change.item)]
                heapq.heapify(link.waiting)

    def pending(self, target: str | None = None, belongs: Callable[[Item], bool] | None = None) -> int:
        """How many changes are on their way: to a region, of certain items, or all."""
        return sum(
            1
            for link in self._links.values()
            if target in (None, link.target)
            for transfer in link.waiting
            if belongs is None or belongs(transfer.change.item)
        )

    def statistics(self) -> dict[str, Any]:
        """Per link and in all: what waits, since when, and the lags in seconds.

        A lag counts when nothing held the change up; `held` counts the changes that a cut link or a
        dead region delayed.
        """
        now = self._clock()
        links = [self._link_statistics(link, now) for link in self._links.values()]
        every = _Lags(ordered=sorted(x for link in self._links.values() for x in link.measured.ordered))
        return {
            "links": links,
            "pending": sum(link["pending"] for link in links),
            "conflicts": self.conflicts,
            "lag": _summary(every),
        }

    def _link_statistics(self, link: _Link, now: float) -> dict[str, Any]:
        oldest = min((t.change.version.written_at for t in link.waiting), default=None)
        return {
            "from": link.source,
            "to": link.target,
            "cut": link.cut,
            "running": link.stopped_at is None,
            "configured": {"p50": link.lag.p50, "p99": link.lag.p99},
            "sent": link.sent,
            "delivered": link.delivered,
            "held": link.held,
            "pending": len(link.waiting),
            "oldest_pending_seconds": None if oldest is None else now - oldest,
            "lag": _summary(link.measured),
        }

    def _version(self, region: str, item: Item) -> tuple[Version | None, Seen]:
        return self._versions.setdefault(region, {}).get(item, (None, {}))

    def _remember(self, region: str, change: Change) -> None:
        seen = {**change.seen, change.version.region: change.version}
        self._versions.setdefault(region, {})[change.item] = (change.version, seen)

    def _enqueue(self, link: _Link, change: Change, now: float, lag: float, *, held: bool = False) -> None:
        """Order is kept item by item: a change never arrives before an earlier one of its item."""
        arrives_at = max(now + lag, link.last_arrival.get(change.item, 0.0))
        link.last_arrival[change.item] = arrives_at
        self._order += 1
        transfer = _Transfer(arrives_at, self._order, change, now + SENT_SHARE * lag, held)
        heapq.heappush(link.waiting, transfer)

    def _follow(self, link: _Link) -> None:
        """Stop or start a link after something about it changed."""
        open_now = self.is_connected(link.source, link.target)
        if open_now and link.stopped_at is not None:
            self._restart(link)
        elif not open_now and link.stopped_at is None:
            link.stopped_at = self._clock()
        self._wake(link)

    def _restart(self, link: _Link) -> None:
        """What was held back leaves now, in the order it was written."""
        stopped_at, link.stopped_at = link.stopped_at, None
        now = self._clock()
        waiting, link.waiting, link.last_arrival = sorted(link.waiting, key=_written), [], {}
        for transfer in waiting:
            if stopped_at is None or transfer.leaves_at <= stopped_at:
                transfer.held = transfer.held or transfer.arrives_at < now
                transfer.arrives_at = max(transfer.arrives_at, now)
                link.last_arrival[transfer.change.item] = transfer.arrives_at
                heapq.heappush(link.waiting, transfer)
            else:
                self._enqueue(link, transfer.change, now, link.lag.draw(self._chance), held=True)

    def _deliverable(self, link: _Link, transfer: _Transfer) -> bool:
        if link.target in self._down:
            return False
        return link.stopped_at is None or transfer.leaves_at <= link.stopped_at

    def _wake(self, link: _Link) -> None:
        """Ask to be called when the next change that can arrive is due; at most one timer is awaited."""
        due = self._next_due(link)
        if due is None or (link.timer_at is not None and link.timer_at <= due):
            return
        link.timer_at = due
        self._schedule(max(0.0, due - self._clock()), lambda: self._fire(link, due))

    def _next_due(self, link: _Link) -> float | None:
        if link.stopped_at is None:
            return link.waiting[0].arrives_at if link.waiting else None
        return min((t.arrives_at for t in link.waiting if self._deliverable(link, t)), default=None)

    def _fire(self, link: _Link, timer_at: float) -> None:
        if link.timer_at == timer_at:
            link.timer_at = None
        self._pump(link)

    def _pump(self, link: _Link) -> None:
        """Deliver what is due; what cannot arrive now stays."""
        now = self._clock()
        kept = []
        while link.waiting and link.waiting[0].arrives_at <= now:
            transfer = heapq.heappop(link.waiting)
            if self._deliverable(link, transfer):
                self._finish(link, transfer, now)
            else:
                kept.append(transfer)
        for transfer in kept:
            heapq.heappush(link.waiting, transfer)
        self._wake(link)

    def _finish(self, link: _Link, transfer: _Transfer, now: float) -> None:
        item = transfer.change.item
        if link.last_arrival.get(item, 0.0) <= transfer.arrives_at:
            link.last_arrival.pop(item, None)
        link.delivered += 1
        if transfer.held:
            link.held += 1
        else:
            link.measured.add(now - transfer.change.version.written_at)
        self._arrive(link, transfer.change)

    def _arrive(self, link: _Link, change: Change) -> None:
        """Last writer wins; a write that is lost to one that had not seen it is a conflict."""
        version, seen = self._version(link.target, change.item)
        wins = version is None or change.version > version
        if wins:
            self._remember(link.target, replace(change, seen=_merge(seen, change.seen)))
        elif version is not None:
            known = seen.get(change.version.region)
            # Counted where the winner was written, so once, not in every region the loser reaches.
            if version.region == link.target and (known is None or known < change.version):
                self.conflicts += 1
            arrived = {**change.seen, change.version.region: change.version}
            self._versions[link.target][change.item] = (version, _merge(seen, arrived))
        lag = self._clock() - change.version.written_at
        self._deliver(Delivery(source=link.source, target=link.target, change=change, lag=lag, applied=wins))


def _written(transfer: _Transfer) -> tuple[Version, int]:
    return transfer.change.version, transfer.order


def _merge(one: Seen, other: Seen) -> Seen:
    return {
        region: max(version for version in (one.get(region), other.get(region)) if version is not None)
        for region in one.keys() | other.keys()
    }


def _summary(lags: _Lags) -> dict[str, float | int | None]:
    return {
        "count": len(lags.ordered),
        "p50": lags.quantile(0.5),
        "p99": lags.quantile(0.99),
        "max": lags.ordered[-1] if lags.ordered else None,
    }
