"""Measures replication from outside: writes an item in one region and looks for it in another."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import permutations
from typing import Protocol

from botocore.exceptions import BotoCoreError, ClientError

from functions.orders.contract import CUSTOMERS
from ops.client.api import new_id
from ops.drill.measure.statistics import Spread, spread

# Seconds between two probes of a link, between two looks, and before a probe is given up.
INTERVAL = 1.0
LOOK_EVERY = 0.05
FIRST_LOOK = 0.1
GIVE_UP = 20.0


class ProbeTables(Protocol):
    """The part of RegionTables that probes need."""

    def put_probe(self, probe_id: str) -> None: ...

    def present(self, table: str, ids: list[str]) -> set[str]: ...


@dataclass(frozen=True, kw_only=True)
class Link:
    source: str
    target: str

    def __str__(self) -> str:
        return f"{self.source} to {self.target}"


@dataclass
class LagProbe:
    """One link's measurements, in seconds.

    A measurement is the middle between the last look that did not find the item and the first that did, both
    from the moment when its write was acknowledged.
    """

    link: Link
    source: ProbeTables
    target: ProbeTables
    clock: Callable[[], float]
    pause: Callable[[float], object]
    lags: list[float] = field(default_factory=list)
    lost: int = 0

    def measure(self, stopped: Callable[[], bool]) -> None:
        """One probe; adds to `lags`, or to `lost` when it did not arrive in time."""
        probe = new_id()
        self.source.put_probe(probe)
        written = self.clock()
        absent = 0.0
        self.pause(FIRST_LOOK)
        while not stopped():
            looked = self.clock()
            if self.target.present(CUSTOMERS, [probe]):
                self.lags.append((absent + self.clock() - written) / 2)
                return
            absent = looked - written
            if absent > GIVE_UP:
                self.lost += 1
                return
            self.pause(LOOK_EVERY)


class ReplicationProbes:
    """Probes every link between the regions, one thread each, while it runs.

    A region that cannot be reached is an outage, not a measurement: the probe is skipped.
    """

    def __init__(self, tables: Mapping[str, ProbeTables], *, clock: Callable[[], float]) -> None:
        self._stop = threading.Event()
        self._probes = [
            LagProbe(
                link=Link(source=a, target=b),
                source=tables[a],
                target=tables[b],
                clock=clock,
                pause=self._stop.wait,
            )
            for a, b in permutations(tables, 2)
        ]
        self._threads = [
            threading.Thread(target=self._run, args=(probe,), daemon=True, name=f"probe {probe.link}")
            for probe in self._probes
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(5.0)

    def spreads(self) -> dict[str, Spread | None]:
        """By link, and under "all" for every link together."""
        by_link = {str(probe.link): spread(probe.lags) for probe in self._probes}
        return {"all": spread([lag for probe in self._probes for lag in probe.lags]), **by_link}

    def _run(self, probe: LagProbe) -> None:
        while not self._stop.is_set():
            try:
                probe.measure(self._stop.is_set)
            except (BotoCoreError, ClientError):
                self._stop.wait(INTERVAL)
            self._stop.wait(INTERVAL)
