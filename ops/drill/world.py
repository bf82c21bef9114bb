"""What a drill acts on. make_world puts it together for the twin or for AWS; tests put in fakes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from ops.deployed.tables import StoredOrder
from ops.drill.clients.hosts import Host
from ops.drill.clients.supply import Wanted
from ops.routing.switch import RoutingSwitch


class Tables(Protocol):
    """The part of RegionTables that the drill needs."""

    def orders(self, ids: Sequence[str]) -> dict[str, StoredOrder]: ...

    def present(self, table: str, ids: Sequence[str]) -> set[str]: ...

    def put_probe(self, probe_id: str) -> None: ...


class Outage(Protocol):
    """Kills a region and brings it back; only the twin can."""

    def kill(self, region: str) -> None: ...

    def revive(self, region: str) -> None: ...

    def healed(self) -> bool:
        """Has everything replicated that was held up?"""


@dataclass(frozen=True, kw_only=True)
class DrilledSystem:
    """`parameters` and `replication` are the target's own words, empty where it has none."""

    target: str
    domain: str
    regions: Sequence[str]
    switch: RoutingSwitch
    tables: Mapping[str, Tables]
    hosts: Sequence[Host]
    fill: Callable[[int], list[Wanted]]
    outage: Outage | None
    ttl: float
    pool_age: float
    configured_lag_p50: float | None
    configured_lag_p99: float | None
    parameters: Mapping[str, Any]
    replication: Callable[[], Mapping[str, Any]]
    alarm: Callable[[], bool] | None = None
    """Whether the region is called unhealthy by what watches it. With it, the operator of an outage switches
    as soon as it is, and switches back when it no longer is; `reaction` is then the longest that he waits.
    """
