"""One drill from the first read of the controls to the last read of the tables."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial

from botocore.exceptions import BotoCoreError, ClientError

from functions.orders.contract import PRODUCTS
from ops import interrupts
from ops.console import Console
from ops.drill.clients.supply import Supply, Wanted
from ops.drill.clients.traffic import Traffic
from ops.drill.measure.ledger import Ledger, Promise, Result, promises
from ops.drill.measure.orders_check import Aftermath, DataLoss, aftermath, data_loss
from ops.drill.measure.probes import ReplicationProbes
from ops.drill.measure.recovery import Move, homes
from ops.drill.measure.statistics import Spread
from ops.drill.phases import Lengths, Settled, lengths
from ops.drill.progress import Live
from ops.drill.settings import DrillSettings
from ops.drill.world import DrilledSystem, Tables
from ops.errors import CallError, OpsError
from ops.routing.plan import Plan, States, in_words, plan_off, plan_restore
from ops.routing.switch import Applied

TICK = 0.1
# Seconds in which the first request must have succeeded, and in which data must have come everywhere.
FIRST_ANSWER = 15.0
SPREAD_OUT = 60.0


class DrillClock:
    """Seconds since it was last started; `started` says when that was."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self.start()

    def start(self) -> None:
        """Zero from now on."""
        self._zero = self._monotonic()
        self.started = datetime.now(UTC)

    def __call__(self) -> float:
        return self._monotonic() - self._zero


@dataclass(frozen=True, kw_only=True)
class Observed:
    """Everything a drill saw, before it is put into words."""

    moves: Sequence[Move]
    home: Mapping[str, str]
    killed: float | None
    noticed: float | None
    revived: float | None
    ended: float
    data_loss: DataLoss
    data_loss_read_took: float
    cache_ages: Mapping[str, float | None]
    connection_ages: Mapping[str, Sequence[float]]
    aftermath: Aftermath
    lag: Mapping[str, Spread | None]
    replication: Mapping[str, object]
    supply_exhausted: bool


@dataclass
class _Notes:
    """What the phases leave for the result."""

    killed: float | None = None
    noticed: float | None = None
    revived: float | None = None
    cache_ages: Mapping[str, float | None] = field(default_factory=dict)
    connection_ages: Mapping[str, Sequence[float]] = field(default_factory=dict)
    loss: DataLoss | None = None
    loss_read_took: float = 0.0


class Drill:
    """Runs once. The routing controls are put back as they were found, whatever happens."""

    def __init__(
        self,
        settings: DrillSettings,
        world: DrilledSystem,
        ledger: Ledger,
        console: Console,
        *,
        clock: DrillClock,
        pause: Callable[[float], object] = time.sleep,
    ) -> None:
        self._settings = settings
        self._world = world
        self._ledger = ledger
        self._console = console
        self._clock = clock
        self._pause = pause
        self._notes = _Notes()
        self._live = Live(ledger, console, clock)

    def run(self) -> Observed:
        """The whole drill. OpsError when it cannot be carried through; then too, the controls are put
        back.
        """
        start = self._world.switch.read().states
        away = plan_off(start, self._settings.region)
        if away.empty:
            raise OpsError(
                f"{self._settings.region} takes no traffic: {away.reason} Choose another --region."
            )
        guard = interrupts.Guard(
            lambda: self._console.note("The starting states are being put back; please wait.")
        )
        with guard:
            try:
                try:
                    return self._run(start, away)
                finally:
                    guard.disarm()
            finally:
                self._put_back(start)

    def _run(self, start: States, away: Plan) -> Observed:
        supply = Supply(self._prepare())
        probes = ReplicationProbes(self._world.tables, clock=self._clock)
        traffic = Traffic(
            self._world.hosts, supply, self._ledger, rate=self._settings.rate, clock=self._clock
        )
        self._clock.start()
        probes.start()
        traffic.start()
        try:
            moves, home = self._phases(start, away)
        finally:
            traffic.stop()
            probes.stop()
        ended = self._clock()
        after = self._after_healing()
        if self._notes.loss is None:
            raise OpsError("The survivor's tables could not be read at the switch.")
        return Observed(
            moves=moves,
            home=home,
            killed=self._notes.killed,
            noticed=self._notes.noticed,
            revived=self._notes.revived,
            ended=ended,
            data_loss=self._notes.loss,
            data_loss_read_took=self._notes.loss_read_took,
            cache_ages=self._notes.cache_ages,
            connection_ages=self._notes.connection_ages,
            aftermath=after,
            lag=probes.spreads(),
            replication=self._world.replication(),
            supply_exhausted=supply.exhausted,
        )

    def _prepare(self) -> list[Wanted]:
        number = self._orders_needed()
        self._console.note(f"Making {number} customers and {number} products for the drill's orders ...")
        pairs = self._world.fill(number)
        last = [pair.product_id for pair in pairs[-100:]]
        for region, tables in self._world.tables.items():
            self._until(partial(_holds, tables, last), f"The drill's products did not replicate to {region}")
        return pairs

    def _orders_needed(self) -> int:
        spans = self._lengths()
        seconds = self._settings.switch_after + self._settings.reaction + spans.away + spans.back
        if self._settings.scenario.breaks:
            seconds += SPREAD_OUT if self._world.alarm else SPREAD_OUT / 2
        return int(self._settings.rate * seconds) + len(self._world.hosts)

    def _lengths(self) -> Lengths:
        reaction = self._settings.reaction if self._settings.scenario.breaks else 0.0
        return lengths(
            duration=self._settings.duration,
            before_switch=self._settings.switch_after + reaction,
            ttl=self._world.ttl,
            pool_age=self._world.pool_age,
        )

    def _phases(self, start: States, away: Plan) -> tuple[list[Move], Mapping[str, str]]:
        region, spans = self._settings.region, self._lengths()
        self._hold("steady", until=self._settings.switch_after, done=self._fail_without_answers)
        self._break_something()
        switched = self._switch(away, "Switching", reading=True)
        began_away = self._notes.killed if self._notes.killed is not None else switched.sent
        home = homes(self._ledger.entries(), before=began_away)
        affected = [h for h in self._world.hosts if home.get(h.name, region) == region]
        gone = Settled(lambda: all(h.uses_only(lambda r: r != region) for h in affected), self._clock)
        self._hold("away", until=switched.sent + spans.away, done=None if spans.fixed else gone)
        self._heal()
        returned = self._switch(
            plan_restore(self._world.switch.read().states, start), "Switching back", reading=False
        )
        home_again = Settled(lambda: all(h.uses_only(lambda r: r == region) for h in affected), self._clock)
        self._hold("way back", until=returned.sent + spans.back, done=None if spans.fixed else home_again)
        moves = [
            Move(
                name="switch",
                start=began_away,
                sent=switched.sent,
                accepted=switched.accepted,
                end=returned.sent,
                left=region,
            ),
            Move(
                name="back",
                start=returned.sent,
                sent=returned.sent,
                accepted=returned.accepted,
                end=self._clock(),
                back_to=region,
            ),
        ]
        return moves, home

    def _break_something(self) -> None:
        outage = self._world.outage
        if outage is None:
            return
        self._notes.killed = self._clock()
        outage.kill(self._settings.region)
        self._console.note(f"{self._notes.killed:6.1f} s  {self._settings.region} is dead.")
        done = self._notice if self._world.alarm else None
        self._hold("outage", until=self._notes.killed + self._settings.reaction, done=done)

    def _notice(self) -> bool:
        """Whether the operator sees the alarm; keeps the moment of it."""
        seen = self._world.alarm is not None and self._world.alarm()
        if seen:
            self._notes.noticed = self._clock()
        return seen

    def _heal(self) -> None:
        outage = self._world.outage
        if self._notes.killed is None or outage is None:
            return
        outage.revive(self._settings.region)
        self._notes.revived = self._clock()
        self._console.note(f"{self._notes.revived:6.1f} s  {self._settings.region} is alive again; healing.")
        alarm = self._world.alarm
        self._hold(
            "healing",
            until=self._notes.revived + SPREAD_OUT,
            done=lambda: outage.healed() and not (alarm and alarm()),
        )

    def _switch(self, plan: Plan, words: str, *, reading: bool) -> Applied:
        """Apply the plan; `reading`: at the same moment, look which promised orders no survivor has."""
        reader = threading.Thread(target=self._read_survivors, daemon=True) if reading else None
        if reader:
            self._notes.cache_ages = {host.name: host.resolver.age() for host in self._world.hosts}
            self._notes.connection_ages = {
                host.name: ages for host in self._world.hosts if (ages := host.connection_ages())
            }
            reader.start()
        applied = self._world.switch.apply(
            plan,
            waiting=lambda s: self._console.progress(f"The safety rule waits between changes: {s:.1f} s"),
        )
        self._console.note(
            f"{applied.sent:6.1f} s  {words}: {in_words(plan.changes)}; accepted after "
            f"{(applied.accepted - applied.sent) * 1000:.0f} ms."
        )
        if reader:
            reader.join(SPREAD_OUT)
        return applied

    def _read_survivors(self) -> None:
        at = self._clock()
        # In an outage the clock stopped for the dead region when it died.
        reference = self._notes.killed if self._notes.killed is not None else at
        known = [p for p in promises(self._ledger.entries()) if p.answered <= reference]
        newest_first = [p.order_id for p in reversed(known)]
        survivors = [t for region, t in self._world.tables.items() if region != self._settings.region]
        try:
            held = [set(tables.orders(newest_first)) for tables in survivors]
        except (OpsError, BotoCoreError, ClientError) as error:
            self._console.note(f"Reading the survivors failed: {error}")
            return
        self._notes.loss_read_took = self._clock() - at
        # What one survivor has is not lost, whichever it is.
        self._notes.loss = data_loss(known, set().union(*held), at=reference)

    def _after_healing(self) -> Aftermath:
        """Read every region until each has every promised order, or no more come."""
        self._console.progress("Reading every region's tables ...")
        entries = self._ledger.entries()
        promised: list[Promise] = promises(entries)
        attempted = sorted({e.order_id for e in entries})
        deadline = self._clock() + SPREAD_OUT
        while True:
            stored = {region: tables.orders(attempted) for region, tables in self._world.tables.items()}
            found = aftermath(promised, stored)
            if found.everywhere or self._clock() >= deadline:
                return found
            self._pause(1.0)

    def _fail_without_answers(self) -> bool:
        """False, to end no phase early; CallError when it is clear that the service does not answer."""
        if self._clock() < min(FIRST_ANSWER, self._settings.switch_after * 0.8):
            return False
        entries = self._ledger.entries()
        if any(e.result is Result.OK for e in entries):
            return False
        last = entries[-1] if entries else None
        seen = (last.error or f"status {last.status}") if last else "no request was answered at all"
        raise CallError(
            f"No request through {self._world.domain} succeeded before the switch; the last one: {seen}. "
            "Check the deployment first: python -m ops smoke --domain"
        )

    def _hold(self, phase: str, *, until: float, done: Callable[[], bool] | None = None) -> None:
        while self._clock() < until and not (done and done()):
            self._live.show(phase)
            self._pause(TICK)

    def _until(self, condition: Callable[[], bool], failure: str) -> None:
        deadline = self._clock() + SPREAD_OUT
        while not condition():
            if self._clock() >= deadline:
                raise OpsError(f"{failure} within {SPREAD_OUT:.0f} s. Is replication broken?")
            self._pause(TICK)

    def _put_back(self, start: States) -> None:
        """Bring the region and the controls back to where they were."""
        outage = self._world.outage
        if self._notes.killed is not None and self._notes.revived is None and outage is not None:
            outage.revive(self._settings.region)
            self._console.note(f"{self._settings.region} is alive again.")
        plan = plan_restore(self._world.switch.read().states, start)
        if plan.empty:
            return
        self._console.note("Putting the starting states of the routing controls back ...")
        self._world.switch.apply(plan, waiting=lambda s: self._console.progress(f"Waiting: {s:.1f} s"))
        self._console.note(f"Back as they were: {in_words(plan.changes)}.")


def _holds(tables: Tables, products: Sequence[str]) -> bool:
    return len(tables.present(PRODUCTS, products)) == len(products)
