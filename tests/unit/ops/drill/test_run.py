"""The drill from start to end on fakes: what it does in which order, and that it always puts back."""

import io
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any, cast

import pytest

from ops.console import Console
from ops.deployed.tables import StoredOrder
from ops.drill import phases, run
from ops.drill.clients import traffic
from ops.drill.clients.hosts import Host, Job
from ops.drill.clients.supply import Wanted
from ops.drill.measure.ledger import ClientType, Ledger
from ops.drill.report.result import build
from ops.drill.run import Drill, DrillClock, Observed
from ops.drill.settings import Bounds, DrillSettings, Scenario
from ops.drill.world import DrilledSystem
from ops.errors import CallError, InterruptedByOperator, OpsError
from ops.net.resolver import CachingResolver, Resolved
from ops.routing.cluster import ClusterEndpoints
from ops.routing.switch import Controls, RoutingSwitch
from tests.fakes.arc_endpoints import ENDPOINTS, FakeArcCluster
from tests.unit.ops.entries import entry, failed

CONTROLS = Controls(
    panel_arn="arn:panel", safety_rule_arn="arn:rule", arns={"east": "arn:east", "west": "arn:west"}
)


@dataclass
class FakeWorld:
    """Two regions whose tables share everything at once, except that orders `delayed` never reach west."""

    clock: DrillClock = field(default_factory=DrillClock)
    cluster: FakeArcCluster = field(
        default_factory=lambda: FakeArcCluster(states={"arn:east": True, "arn:west": True})
    )
    dead: set[str] = field(default_factory=set)
    stored: dict[str, str] = field(default_factory=dict)
    missing_in_west: set[str] = field(default_factory=set)
    regions: tuple[str, ...] = ("east", "west")
    fill: Callable[[int], list[Wanted]] = lambda number: [
        Wanted(customer_id=f"c{n}", product_id=f"p{n}") for n in range(number)
    ]
    events: list[str] = field(default_factory=list)
    alarm: Callable[[], bool] | None = None
    answering: bool = True
    lock: threading.Lock = field(default_factory=threading.Lock)

    def serving(self) -> str:
        """Traffic follows the controls at once."""
        return "east" if self.cluster.states["arn:east"] else "west"

    def kill(self, region: str) -> None:
        self.events.append(f"kill {region}")
        self.dead.add(region)

    def revive(self, region: str) -> None:
        self.events.append(f"revive {region}")
        self.dead.discard(region)

    def healed(self) -> bool:
        return True

    def world(self) -> DrilledSystem:
        hosts = [FakeHost(self, name, client) for name, client in HOSTS]
        endpoints = ClusterEndpoints(ENDPOINTS, self.cluster.connect)
        return DrilledSystem(
            target="twin",
            domain="orders.test",
            regions=self.regions,
            switch=RoutingSwitch(endpoints, CONTROLS, clock=self.clock),
            tables={region: FakeTables(self, region) for region in self.regions},
            hosts=cast(Sequence[Host], hosts),
            fill=self.fill,
            outage=self,
            ttl=0.1,
            pool_age=0.1,
            configured_lag_p50=None,
            configured_lag_p99=None,
            parameters={"a": 1},
            replication=dict,
            alarm=self.alarm,
        )


HOSTS = (("h1", ClientType.FRESH), ("h2", ClientType.POOLED))


@dataclass
class FakeTables:
    world: FakeWorld
    region: str

    def orders(self, ids: Sequence[str]) -> dict[str, StoredOrder]:
        with self.world.lock:
            gone = self.world.missing_in_west if self.region == "west" else set()
            return {
                i: StoredOrder(order_id=i, product_id=self.world.stored[i])
                for i in ids
                if i in self.world.stored and i not in gone
            }

    def present(self, table: str, ids: Sequence[str]) -> set[str]:
        return set(ids)

    def put_probe(self, probe_id: str) -> None:
        pass


class FakeHost:
    """Notes an answer of whatever region serves now."""

    def __init__(self, world: FakeWorld, name: str, client: ClientType) -> None:
        self.world, self.name, self.client, self.near = world, name, client, "east"
        self.resolver = CachingResolver(lambda: Resolved(addresses=("x",), ttl=1.0), world.clock, Random(1))
        self._last: str | None = None

    def send(self, job: Job, ledger: Ledger) -> None:
        region, now = self.world.serving(), self.world.clock()
        fields: dict[str, Any] = {
            "order_id": job.order_id,
            "product_id": job.product_id,
            "host": self.name,
            "client": self.client,
            "sent": now,
        }
        if region in self.world.dead or not self.world.answering:
            ledger.add(failed(now, **fields))
            self._last = None
            return
        with self.world.lock:
            self.world.stored[job.order_id] = job.product_id
        ledger.add(entry(now, region=region, **fields))
        self._last = region

    def readable(self) -> None:
        return None

    def uses_only(self, allowed: Callable[[str | None], bool]) -> bool:
        return self._last is not None and allowed(self._last)

    def connection_ages(self) -> list[float]:
        return [1.0]

    def close(self) -> None:
        pass


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(phases, "SETTLE", 0.05)
    monkeypatch.setattr(run, "SPREAD_OUT", 0.2)
    monkeypatch.setattr(traffic, "DRAIN", 2.0)


def settings(scenario: Scenario = Scenario.EVACUATE, *, reaction: float = 0.1) -> DrillSettings:
    return DrillSettings(
        scenario=scenario,
        region="east",
        rate=100.0,
        switch_after=0.3,
        reaction=reaction,
        duration=None,
        ttl=None,
        pool_age=None,
        hosts=1,
        seed=1,
        bounds=Bounds(max_lost=0),
    )


def drill(fake: FakeWorld, scenario: Scenario = Scenario.EVACUATE) -> tuple[Observed, dict[str, Any]]:
    ledger, world = Ledger(), fake.world()
    # Long enough for a slow machine: with an alarm, the operator does not wait for the end of it.
    wanted = settings(scenario, reaction=5.0 if fake.alarm else 0.1)
    made = Drill(wanted, world, ledger, Console(err=io.StringIO()), clock=fake.clock, pause=fast)
    observed = made.run()
    return observed, build(wanted, world, ledger.entries(), observed, started=fake.clock.started)


def fast(seconds: float) -> None:
    threading.Event().wait(min(seconds, 0.01))


def test_an_evacuation_moves_away_and_back_and_finds_every_order() -> None:
    fake = FakeWorld()
    observed, result = drill(fake)
    assert [m.name for m in observed.moves] == ["switch", "back"]
    assert [u["UpdateRoutingControlStateEntries"] for u in fake.cluster.updates] == [
        [{"RoutingControlArn": "arn:east", "RoutingControlState": state}] for state in ("Off", "On")
    ]
    assert result["ok"]
    assert result["orders"]["everyAcknowledgedOrderInEveryRegion"]
    assert result["orders"]["acknowledged"] == len(fake.stored) > 20
    assert set(result["rto"]["switch"]) == {"fresh", "pooled"}
    assert result["timeline"]["switch"]["sent"] == pytest.approx(0.3, abs=0.2)
    assert sum(sum(v) for v in result["perSecond"].values()) == result["requests"]["requests"]


@pytest.mark.parametrize(
    ("regions", "missing"), [(("east", "west"), 1), (("east", "west", "north"), 0)], ids=["two", "three"]
)
def test_an_order_that_one_region_never_gets_is_counted_and_lost_only_where_no_survivor_has_it(
    regions: tuple[str, ...], missing: int
) -> None:
    fake = FakeWorld(regions=regions)
    original = FakeTables.orders

    def orders(tables: FakeTables, ids: Sequence[str]) -> dict[str, StoredOrder]:
        if fake.stored and not fake.missing_in_west:
            fake.missing_in_west = {next(iter(fake.stored))}
        return original(tables, ids)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(FakeTables, "orders", orders)
        _, result = drill(fake)
    assert result["rpo"]["missing"] == missing
    assert (result["rpo"]["oldestAge"] > 0) is bool(missing)
    assert result["orders"]["missingSomewhere"] == 1
    assert result["orders"]["lost"] == 0
    assert not result["ok"]


def test_an_outage_counts_from_the_kill_and_revives_before_the_way_back() -> None:
    fake = FakeWorld()
    observed, result = drill(fake, Scenario.OUTAGE)
    assert fake.events == ["kill east", "revive east"]
    assert observed.killed is not None
    assert observed.revived is not None
    assert observed.moves[0].start == observed.killed < observed.moves[0].sent
    assert observed.revived <= observed.moves[1].sent
    assert result["requests"]["failed"] > 0
    assert result["rto"]["switch"]["fresh"]["seconds"] >= 0.05


def test_an_operator_who_waits_for_the_alarm_switches_when_it_goes_off_and_back_when_it_is_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(run, "SPREAD_OUT", 5.0)
    fake = FakeWorld()
    looks: list[bool] = []

    def alarm() -> bool:
        """Goes off at the third look in the outage, and is over at the third look after it."""
        looks.append(bool(fake.dead))
        return looks.count(True) > 2 if fake.dead else looks.count(False) < 3

    fake.alarm = alarm
    observed, result = drill(fake, Scenario.OUTAGE)
    assert (looks.count(True), looks.count(False)) == (3, 3)
    assert result["rtoParts"]["switch"]["fresh"]["noticing"] == pytest.approx(
        result["timeline"]["noticed"] - result["timeline"]["killed"], abs=0.002
    )
    assert observed.killed is not None
    assert observed.revived is not None
    assert observed.moves[0].sent > observed.killed
    assert observed.moves[1].sent > observed.revived


def test_a_region_without_traffic_is_refused_and_nothing_is_made() -> None:
    fake = FakeWorld()
    fake.cluster.states["arn:east"] = False
    fake.fill = lambda number: pytest.fail("made something")
    with pytest.raises(OpsError, match="takes no traffic"):
        drill(fake)


def test_the_only_region_with_traffic_is_refused() -> None:
    fake = FakeWorld()
    fake.cluster.states["arn:west"] = False
    with pytest.raises(OpsError, match="only region that is On"):
        drill(fake)


def test_a_service_that_answers_nothing_stops_the_drill_before_the_switch() -> None:
    fake = FakeWorld(answering=False)
    with pytest.raises(CallError, match=r"orders\.test.*ConnectionRefusedError"):
        drill(fake)
    assert fake.cluster.updates == []


@pytest.mark.parametrize("scenario", list(Scenario))
def test_an_interrupted_drill_puts_controls_and_region_back(
    scenario: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = FakeWorld()

    def interrupt(*_: object) -> bool:
        if not fake.cluster.states["arn:east"]:
            raise InterruptedByOperator("Interrupted by SIGINT.")
        return False

    monkeypatch.setattr(FakeHost, "uses_only", interrupt)
    with pytest.raises(InterruptedByOperator):
        drill(fake, scenario)
    assert fake.cluster.states == {"arn:east": True, "arn:west": True}
    assert fake.dead == set()


def test_a_region_that_was_off_before_is_still_off_after() -> None:
    fake = FakeWorld()
    fake.cluster.states["arn:north"] = False
    drill(fake)
    assert fake.cluster.states["arn:north"] is False
