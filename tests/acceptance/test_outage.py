"""A region that dies in the middle of orders, and links that are cut: what is lost is counted."""

import http.client
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Event, Lock

import pytest

from functions.orders import contract
from ops.drill.measure.ledger import Entry, promises
from ops.drill.measure.orders_check import Aftermath, aftermath, data_loss
from tests.acceptance.service import (
    EAST,
    NO_LAG,
    REGIONS,
    WEST,
    Pair,
    Region,
    Service,
    Wish,
    note,
    stored_orders,
)
from tests.waiting import until

pytestmark = pytest.mark.twin
BUYERS = 2
# Half of its lag a change spends in the region of its write; what is older has left.
LONGEST_LAG = 1.2


@dataclass(kw_only=True)
class Traffic:
    """Orders sent to one region until told to stop; each customer wants one product of their own."""

    region: Region
    pairs: list[Pair]
    ledger: list[Entry] = field(default_factory=list)
    unanswered: list[Wish] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)

    def run(self, stop: Event) -> None:
        while not stop.is_set():
            with self._lock:
                if not self.pairs:
                    return
                wish = self.pairs.pop().wish()
            sent = time.monotonic()
            try:
                answer = self.region.order(wish)
            except (OSError, http.client.HTTPException):
                with self._lock:
                    self.unanswered.append(wish)
                if stop.wait(0.05):
                    return
                continue
            with self._lock:
                self.ledger.append(note(answer, wish, sent=sent, answered=time.monotonic()))

    @property
    def acknowledged(self) -> int:
        return len(self.ledger)


def wait_for_more(traffic: Sequence[Traffic], number: int) -> None:
    """Until each region has acknowledged so many more orders."""
    goals = [(one, one.acknowledged + number) for one in traffic]
    until(lambda: all(one.acknowledged >= goal for one, goal in goals), "the orders went on")


@dataclass(frozen=True, kw_only=True)
class Outage:
    """`killed_at` is on the ledger's clock; `survived` are the orders that the survivor had then."""

    killed_at: float
    ledger: list[Entry]
    unanswered: list[Wish]
    survived: set[str]


def outage_of_the_east(service: Service, *, orders: int) -> Outage:
    """Orders in both regions; after so many in each the east dies; the west goes on."""
    pairs = service.stock(10 * orders)
    east = Traffic(region=service.east, pairs=pairs[: 4 * orders])
    west = Traffic(region=service.west, pairs=pairs[4 * orders :])
    stop, ended = Event(), Event()
    with ThreadPoolExecutor(2 * BUYERS) as pool:
        runs = [pool.submit(east.run, ended) for _ in range(BUYERS)]
        runs += [pool.submit(west.run, stop) for _ in range(BUYERS)]
        try:
            wait_for_more([east, west], orders)
            killed_at = time.monotonic()
            service.twin.kill(EAST)
            survived = set(service.west.tables.orders([e.order_id for e in list(east.ledger)]))
            ended.set()
            wait_for_more([west], orders // 2)
        finally:
            ended.set()
            stop.set()
        for run in runs:
            run.result()
    assert east.unanswered, "the region died between orders, not among them"
    return Outage(
        killed_at=killed_at,
        ledger=[*east.ledger, *west.ledger],
        unanswered=east.unanswered,
        survived=survived,
    )


def after_healing(service: Service, ledger: list[Entry]) -> Aftermath:
    service.settle()
    return aftermath(promises(ledger), stored_orders(service, [entry.order_id for entry in ledger]))


def acknowledged_in_the_east(found: Outage) -> list[Entry]:
    return [entry for entry in found.ledger if entry.region == EAST]


def revive_and_retry(service: Service, found: Outage) -> list[Entry]:
    """What customers do whose order nobody answered: the same request, to the region that lives."""
    retried = []
    for wish in found.unanswered:
        answer = service.west.order(wish)
        assert answer.status in (200, 201), answer.body
        retried.append(note(answer, wish, sent=time.monotonic(), answered=time.monotonic()))
    service.twin.revive(EAST)
    return retried


def test_a_region_that_dies_among_orders_loses_only_what_the_lag_explains(eventual: Service) -> None:
    with eventual.lag(*eventual.measured_lag):
        found = outage_of_the_east(eventual, orders=20)
        loss = data_loss(promises(acknowledged_in_the_east(found)), found.survived, at=found.killed_at)
        retried = revive_and_retry(eventual, found)
        healed = after_healing(eventual, [*found.ledger, *retried])

    assert loss.missing > 0, "orders were on their way when the region died"
    assert loss.oldest_age <= LONGEST_LAG
    assert healed.lost == ()
    assert healed.incomplete == ()
    assert healed.sold_twice == {}
    assert healed.acknowledged >= 50


def test_with_strong_consistency_a_region_that_dies_among_orders_loses_nothing(strong: Service) -> None:
    found = outage_of_the_east(strong, orders=6)
    loss = data_loss(promises(acknowledged_in_the_east(found)), found.survived, at=found.killed_at)
    retried = revive_and_retry(strong, found)
    healed = after_healing(strong, [*found.ledger, *retried])

    assert loss.missing == 0
    assert (healed.lost, healed.incomplete, healed.sold_twice) == ((), (), {})


def cut(service: Service, is_cut: bool) -> None:
    for source, target in (REGIONS, REGIONS[::-1]):
        service.twin.link(source, target, cut=is_cut)


def test_regions_that_were_cut_off_from_each_other_converge_when_healed(eventual: Service) -> None:
    pairs = eventual.stock(9)
    own = {EAST: pairs[:4], WEST: pairs[4:8]}
    both = pairs[8]
    ledger = []
    cut(eventual, True)
    for name, region in eventual.regions.items():
        for pair in [*own[name], both]:
            wish = pair.wish()
            ledger.append(note(region.order(wish), wish, sent=time.monotonic(), answered=time.monotonic()))
    apart = aftermath(promises(ledger), stored_orders(eventual, [entry.order_id for entry in ledger]))
    assert {entry.status for entry in ledger} == {201}
    assert len(apart.incomplete) == len(ledger), "nothing crosses a cut link"

    cut(eventual, False)
    healed = after_healing(eventual, ledger)

    assert (healed.lost, healed.incomplete) == ((), ())
    assert healed.sold_twice.keys() == {both.product}, "the one product that both regions sold, and no other"
    for table, ids in (
        (contract.ORDERS, [entry.order_id for entry in ledger]),
        (contract.PRODUCTS, [pair.product for pair in pairs]),
        (contract.CUSTOMERS, [pair.customer for pair in pairs]),
    ):
        for identity in ids:
            east, west = (region.stored(table, identity) for region in eventual.regions.values())
            assert east is not None
            assert east == west
    sold = eventual.west.stored(contract.PRODUCTS, both.product) or {}
    assert sold[contract.SOLD_IN] == {"S": WEST}, "the last writer"


def test_one_direction_can_be_cut_alone(eventual: Service) -> None:
    east_wish, west_wish = (pair.wish() for pair in eventual.stock(2))
    with eventual.lag(*NO_LAG):
        eventual.twin.link(EAST, WEST, cut=True)
        assert eventual.east.order(east_wish).status == 201
        assert eventual.west.order(west_wish).status == 201
        until(lambda: eventual.east.stored(contract.ORDERS, west_wish.order), "the other direction works")
        assert eventual.west.stored(contract.ORDERS, east_wish.order) is None
        eventual.twin.link(EAST, WEST, cut=False)
        eventual.settle()
    assert eventual.west.stored(contract.ORDERS, east_wish.order) is not None
