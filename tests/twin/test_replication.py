import heapq
import random
from collections.abc import Callable

import pytest

from twin.aws.dynamodb.replication import Delivery, Lag, Replication
from twin.errors import SettingsError

EAST, WEST, OHIO = "us-east-1", "us-west-2", "us-east-2"


class World:
    """Regions with their tables, a clock that a test moves, and the replication between them."""

    def __init__(self, *regions: str, lag: Lag | None = None, seed: int = 1) -> None:
        self.now = 100.0
        self.regions = regions or (EAST, WEST)
        self.tables: dict[str, dict[str, str]] = {region: {} for region in self.regions}
        self.deliveries: list[Delivery] = []
        self._timers: list[tuple[float, int, Callable[[], None]]] = []
        self._count = 0
        self.most_timers = 0
        self.replication = Replication(
            clock=lambda: self.now,
            chance=random.Random(seed),
            schedule=self._schedule,
            deliver=self._deliver,
            lag=lag or Lag(p50=1.0, p99=1.0),
        )

    def _schedule(self, delay: float, callback: Callable[[], None]) -> None:
        self._count += 1
        heapq.heappush(self._timers, (self.now + delay, self._count, callback))
        self.most_timers = max(self.most_timers, len(self._timers))

    def _deliver(self, delivery: Delivery) -> None:
        self.deliveries.append(delivery)
        if delivery.applied:
            self._set(delivery.target, str(delivery.change.item), delivery.change.value)

    def _set(self, region: str, item: str, value: object) -> None:
        if value is None:
            self.tables[region].pop(item, None)
        else:
            self.tables[region][item] = value["v"]  # type: ignore[index]

    def put(self, region: str, item: str, text: str | None) -> None:
        value = None if text is None else {"v": text}
        self._set(region, item, value)
        others = [r for r in self.regions if r != region]
        self.replication.write(region, others, item, value)

    def run(self, seconds: float) -> None:
        end = self.now + seconds
        while self._timers and self._timers[0][0] <= end:
            at, _, callback = heapq.heappop(self._timers)
            self.now = max(self.now, at)
            callback()
        self.now = end

    def settle(self) -> None:
        for region in self.regions:
            self.replication.set_down(region, False)
            for other in self.regions:
                if other != region:
                    self.replication.set_cut(region, other, False)
        self.run(3600)


def test_a_write_arrives_after_the_lag() -> None:
    world = World()
    world.put(EAST, "a", "1")
    world.run(0.9)
    assert world.tables[WEST] == {}
    assert world.replication.pending(WEST) == 1
    world.run(0.2)
    assert world.tables[WEST] == {"a": "1"}
    assert world.replication.pending() == 0


def test_each_direction_has_its_own_lag() -> None:
    world = World()
    world.replication.set_lag(EAST, WEST, Lag(p50=5.0, p99=5.0))
    world.put(EAST, "a", "1")
    world.put(WEST, "b", "2")
    world.run(1.1)
    assert (world.tables[EAST], world.tables[WEST]) == ({"a": "1", "b": "2"}, {"b": "2"})


def test_the_last_writer_wins_on_both_sides() -> None:
    world = World()
    world.put(EAST, "a", "first")
    world.run(0.1)
    world.put(WEST, "a", "second")
    world.run(10)
    assert world.tables[EAST] == world.tables[WEST] == {"a": "second"}
    assert world.replication.conflicts == 1


@pytest.mark.parametrize("order", [(EAST, WEST), (WEST, EAST)])
def test_writes_of_the_same_instant_are_decided_by_the_region_name(order: tuple[str, str]) -> None:
    world = World()
    for region in order:
        world.put(region, "a", region)
    world.run(10)
    assert world.tables[EAST] == world.tables[WEST] == {"a": WEST}


def test_a_write_that_knew_of_the_other_is_no_conflict() -> None:
    world = World()
    world.put(EAST, "a", "1")
    world.run(2)
    world.put(WEST, "a", "2")
    world.run(2)
    world.put(EAST, "a", "3")
    world.run(10)
    assert world.tables[EAST] == world.tables[WEST] == {"a": "3"}
    assert world.replication.conflicts == 0


def test_several_writes_of_one_instant_keep_their_order() -> None:
    world = World()
    for text in "123":
        world.put(EAST, "a", text)
    world.run(10)
    assert world.tables[WEST] == {"a": "3"}
    assert [d.change.value for d in world.deliveries] == [{"v": "1"}, {"v": "2"}, {"v": "3"}]


def test_changes_of_one_item_arrive_in_order_whatever_lags_are_drawn() -> None:
    world = World(lag=Lag(p50=1.0, p99=30.0), seed=7)
    for number in range(200):
        world.put(EAST, "a", str(number))
        world.run(0.01)
    world.run(3600)
    arrived = [int(d.change.value["v"]) for d in world.deliveries if d.change.value]
    assert arrived == sorted(arrived)
    assert len(arrived) == 200


def test_items_of_one_transaction_arrive_one_by_one() -> None:
    world = World(lag=Lag(p50=1.0, p99=3.0), seed=3)
    world.put(EAST, "product", "SOLD")
    world.put(EAST, "order", "PLACED")
    states = []
    for _ in range(60):
        world.run(0.05)
        states.append(len(world.tables[WEST]))
    assert {0, 1, 2} == set(states)


def test_a_deletion_wins_over_an_older_write_that_arrives_later() -> None:
    world = World()
    world.replication.set_lag(WEST, EAST, Lag(p50=5.0, p99=5.0))
    world.put(EAST, "a", "1")
    world.run(2)
    world.put(WEST, "a", "2")
    world.run(1)
    world.put(EAST, "a", None)
    world.run(20)
    assert world.tables[EAST] == world.tables[WEST] == {}


def test_a_cut_link_holds_what_has_not_left_and_loses_nothing() -> None:
    world = World()
    world.put(EAST, "left", "1")
    world.run(0.6)
    world.put(EAST, "stays", "2")
    world.run(0.1)
    world.replication.set_cut(EAST, WEST, True)
    world.put(EAST, "later", "3")
    world.run(60)
    assert world.tables[WEST] == {"left": "1"}
    assert world.replication.pending(WEST) == 2
    world.replication.set_cut(EAST, WEST, False)
    world.run(2)
    assert world.tables[WEST] == world.tables[EAST]


def test_a_cut_of_one_direction_leaves_the_other_alone() -> None:
    world = World()
    world.replication.set_cut(EAST, WEST, True)
    world.put(WEST, "a", "1")
    world.run(2)
    assert world.tables[EAST] == {"a": "1"}


def test_a_dead_region_receives_when_it_is_back() -> None:
    world = World()
    world.replication.set_down(WEST, True)
    world.put(EAST, "a", "1")
    world.run(60)
    assert world.tables[WEST] == {}
    world.replication.set_down(WEST, False)
    world.run(2)
    assert world.tables[WEST] == {"a": "1"}


def test_what_had_left_a_region_that_dies_arrives_and_the_rest_when_it_is_back() -> None:
    world = World()
    world.put(EAST, "left", "1")
    world.run(0.6)
    world.put(EAST, "stuck", "2")
    world.replication.set_down(EAST, True)
    world.run(60)
    assert world.tables[WEST] == {"left": "1"}
    world.replication.set_down(EAST, False)
    world.run(2)
    assert world.tables[WEST] == {"left": "1", "stuck": "2"}


def test_a_write_during_the_outage_beats_the_one_that_was_stuck() -> None:
    world = World()
    world.put(EAST, "a", "stuck")
    world.replication.set_down(EAST, True)
    world.run(10)
    world.put(WEST, "a", "newer")
    world.replication.set_down(EAST, False)
    world.run(10)
    assert world.tables[EAST] == world.tables[WEST] == {"a": "newer"}
    assert world.replication.conflicts == 1


def test_a_link_stays_stopped_until_its_last_reason_is_gone() -> None:
    world = World()
    world.replication.set_cut(EAST, WEST, True)
    world.replication.set_down(WEST, True)
    world.put(EAST, "a", "1")
    world.replication.set_cut(EAST, WEST, False)
    world.run(10)
    assert world.tables[WEST] == {}
    assert not world.replication.is_connected(EAST, WEST)
    world.replication.set_down(WEST, False)
    world.run(10)
    assert world.tables[WEST] == {"a": "1"}


def test_a_forgotten_replica_receives_nothing_that_was_on_its_way() -> None:
    world = World()
    world.put(EAST, "a", "1")
    world.replication.forget(WEST, lambda item: item == "a")
    world.run(10)
    assert world.tables[WEST] == {}
    assert world.replication.pending() == 0


def test_a_new_replica_gets_what_was_on_its_way_to_the_one_it_was_copied_from() -> None:
    world = World(EAST, WEST, OHIO)
    world.replication.write(WEST, [EAST], "late", {"v": "1"})
    world.tables[OHIO] = dict(world.tables[EAST])
    world.replication.backfill(EAST, OHIO, lambda item: True)
    world.run(10)
    assert world.tables[OHIO] == world.tables[EAST] == {"late": "1"}


def test_a_new_replica_knows_how_old_its_items_are() -> None:
    world = World(EAST, WEST, OHIO)
    change = world.replication.record(EAST, "a", {"v": "old"})
    world.run(1)
    world.replication.write(EAST, [], "a", {"v": "new"})
    world.tables[OHIO] = {"a": "new"}
    world.replication.backfill(EAST, OHIO, lambda item: item == "a")
    world.replication.send(EAST, OHIO, change)
    world.run(10)
    assert world.tables[OHIO] == {"a": "new"}


def test_measured_lags_are_those_configured() -> None:
    world = World(lag=Lag(p50=0.8, p99=1.2), seed=11)
    for number in range(3000):
        world.put(EAST, f"item{number}", "1")
        world.run(0.01)
    world.run(60)
    lag = world.replication.statistics()["lag"]
    assert lag["count"] == 3000
    assert lag["p50"] == pytest.approx(0.8, rel=0.05)
    assert lag["p99"] == pytest.approx(1.2, rel=0.05)
    assert lag["max"] >= lag["p99"]


def test_lags_of_changes_that_were_held_up_are_not_measured() -> None:
    world = World()
    world.replication.set_cut(EAST, WEST, True)
    world.put(EAST, "a", "1")
    world.run(600)
    oldest = world.replication.statistics()["links"][0]["oldest_pending_seconds"]
    assert oldest == pytest.approx(600)
    world.settle()
    statistics = world.replication.statistics()
    assert statistics["lag"]["count"] == 0
    assert sum(link["held"] for link in statistics["links"]) == 1


def test_a_busy_link_awaits_few_timers() -> None:
    world = World(lag=Lag(p50=1.0, p99=3.0))
    for number in range(2000):
        world.put(EAST, f"item{number % 50}", str(number))
        world.run(0.005)
    assert world.most_timers < 100


def test_a_lag_that_cannot_be_is_refused() -> None:
    with pytest.raises(SettingsError, match=r"p50 2\.0 s and p99 1\.0 s"):
        Lag(p50=2.0, p99=1.0)


def test_a_strong_write_arrives_at_once() -> None:
    world = World()
    change = world.replication.record(EAST, "a", {"v": "1"})
    world.replication.apply_now(EAST, WEST, change)
    assert world.tables[WEST] == {"a": "1"}


@pytest.mark.parametrize("seed", range(40))
def test_regions_always_converge_after_random_writes_cuts_and_outages(seed: int) -> None:
    chance = random.Random(seed)
    regions = (EAST, WEST, OHIO)[: chance.choice((2, 3))]
    world = World(*regions, lag=Lag(p50=0.5, p99=chance.choice((0.5, 5.0))), seed=seed)
    for step in range(400):
        region, other = chance.sample(regions, 2)
        event = chance.random()
        if event < 0.05:
            world.replication.set_cut(region, other, chance.random() < 0.6)
        elif event < 0.08:
            world.replication.set_down(region, chance.random() < 0.5)
        else:
            value = None if chance.random() < 0.2 else f"{region}{step}"
            world.put(region, f"item{chance.randrange(6)}", value)
        world.run(chance.choice((0.0, 0.01, 0.3)))
    world.settle()
    assert world.replication.pending() == 0
    assert all(world.tables[region] == world.tables[regions[0]] for region in regions)


@pytest.mark.parametrize("seed", range(10))
def test_without_conflicts_no_write_is_lost(seed: int) -> None:
    chance = random.Random(seed)
    world = World(lag=Lag(p50=0.5, p99=2.0), seed=seed)
    for step in range(200):
        world.replication.set_cut(EAST, WEST, chance.random() < 0.3)
        world.put(chance.choice((EAST, WEST)), f"item{step}", str(step))
        world.run(0.05)
    world.settle()
    assert len(world.tables[EAST]) == 200
    assert world.tables[EAST] == world.tables[WEST]
    assert world.replication.conflicts == 0
