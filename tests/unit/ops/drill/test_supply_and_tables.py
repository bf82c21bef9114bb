"""What orders buy, what the tables hold, and how replication is probed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from ops.deployed.tables import BATCH_GET_LIMIT, RegionTables
from ops.drill.clients.supply import FILL_BATCH, Supply, Wanted, fill_pairs
from ops.drill.measure.probes import LagProbe, Link, ReplicationProbes
from ops.errors import CallError

NAMES = {"customers": "C", "products": "P", "orders": "O"}


def test_pairs_are_made_in_batches_and_used_once() -> None:
    asked: list[int] = []

    def fill(number: int) -> Mapping[str, Any]:
        asked.append(number)
        start = sum(asked[:-1])
        ids = [str(n) for n in range(start, start + number)]
        return {"customers": [f"c{n}" for n in ids], "products": [f"p{n}" for n in ids]}

    pairs = fill_pairs(FILL_BATCH + 5, fill)
    assert asked == [FILL_BATCH, 5]
    assert len({pair.product_id for pair in pairs}) == FILL_BATCH + 5


def test_a_fill_that_made_too_little_is_an_error_with_the_numbers() -> None:
    with pytest.raises(CallError, match="2 customers and 1 products instead of 3"):
        fill_pairs(3, lambda _: {"customers": ["a", "b"], "products": ["c"]})


def test_a_supply_says_when_it_is_used_up() -> None:
    supply = Supply([Wanted(customer_id="c", product_id="p")])
    assert supply.take() is not None
    assert not supply.exhausted
    assert supply.take() is None
    assert supply.exhausted


@dataclass
class FakeDynamo:
    """Holds order items by id; leaves the last key of a batch unprocessed the first time."""

    items: dict[str, dict[str, Any]]
    requests: list[Mapping[str, Any]] = field(default_factory=list)
    leave: int = 0

    def batch_get_item(self, *, RequestItems: Mapping[str, Any]) -> Mapping[str, Any]:  # noqa: N803 - boto3's name
        self.requests.append(RequestItems)
        [(table, wanted)] = RequestItems.items()
        keys = list(wanted["Keys"])
        later = []
        if self.leave:
            self.leave -= 1
            later = [keys.pop()]
        found = [self.items[k] for key in keys for k in [next(iter(key.values()))["S"]] if k in self.items]
        unprocessed = {table: {**wanted, "Keys": later}} if later else {}
        return {"Responses": {table: found}, "UnprocessedKeys": unprocessed}


def order(number: int) -> dict[str, Any]:
    return {"OrderId": {"S": f"o{number}"}, "ProductId": {"S": f"p{number}"}}


def test_orders_are_read_consistently_in_batches_and_what_is_left_over_is_asked_again() -> None:
    number = BATCH_GET_LIMIT + 1
    dynamo = FakeDynamo({f"o{n}": order(n) for n in range(number)}, leave=1)
    tables = RegionTables(dynamo, NAMES, pause=lambda _: None)
    found = tables.orders([f"o{n}" for n in range(number)] + ["unknown"])
    assert len(found) == number
    assert found["o7"].product_id == "p7"
    assert [len(r["O"]["Keys"]) for r in dynamo.requests] == [BATCH_GET_LIMIT, 1, 2]
    assert all(r["O"]["ConsistentRead"] for r in dynamo.requests)


def test_tables_that_keep_throttling_are_an_error() -> None:
    dynamo = FakeDynamo({}, leave=100)
    with pytest.raises(CallError, match="throttling"):
        RegionTables(dynamo, NAMES, pause=lambda _: None).orders(["o1"])


@dataclass
class World:
    """Two tables with a lag between them, and a clock that pauses move."""

    lag: float
    now: float = 0.0
    written: dict[str, float] = field(default_factory=dict)

    def clock(self) -> float:
        return self.now

    def pause(self, seconds: float) -> None:
        self.now += seconds

    def put_probe(self, probe_id: str) -> None:
        self.written[probe_id] = self.now

    def present(self, table: str, ids: list[str]) -> set[str]:
        assert table == "customers"
        return {one for one in ids if self.now - self.written[one] >= self.lag}


def probe(world: World) -> LagProbe:
    return LagProbe(
        link=Link(source="east", target="west"),
        source=world,
        target=world,
        clock=world.clock,
        pause=world.pause,
    )


@pytest.mark.parametrize("lag", [0.301, 0.801, 1.23])
def test_a_probe_measures_the_lag_to_within_its_looks(lag: float) -> None:
    one = probe(World(lag))
    one.measure(lambda: False)
    assert one.lags == [pytest.approx(lag, abs=0.026)]


def test_a_probe_that_never_arrives_is_lost_and_not_a_lag() -> None:
    one = probe(World(1e9))
    one.measure(lambda: False)
    assert (one.lags, one.lost) == ([], 1)


def test_every_direction_is_probed() -> None:
    world = World(0.0)
    probes = ReplicationProbes({"a": world, "b": world, "c": world}, clock=world.clock)
    assert set(probes.spreads()) == {"all"} | {f"{x} to {y}" for x in "abc" for y in "abc" if x != y}
