"""Runs the full demonstration on a deployed twin."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from ops.checks import dashboards, health
from ops.checks.health import Watch
from ops.console import Console, Outcome
from ops.demo.verdicts import Seen, verdicts
from ops.deployed.deployment import Deployment, Outputs
from ops.deployed.options import Place
from ops.drill.measure.tables import RegionTables
from ops.drill.report.files import LATEST, write
from ops.drill.report.summary import summary
from ops.errors import OpsError
from ops.load.aftermath import load_aftermath
from ops.load.chain import Chain, follow
from ops.load.generator import generators

# In minutes as canaries and alarms count them. An alarm needs three periods to be OK at first and two failed
# ones to go off; first runs, and a machine that is busy, come on top.
GREEN_MINUTES = 12.0
RED_MINUTES = 6.0
# What the observer's look adds to the moment at which an alarm changes.
LOOK_SECONDS = 5.0

Drill = Callable[[Callable[[], bool]], Outcome]
"""Runs the drill with the alarm that tells its operator when to switch."""


@dataclass(frozen=True, kw_only=True)
class Demonstration:
    """`minute` is how long a minute of canaries and alarms lasts; `began` is when the whole started, on the
    monotonic clock.
    """

    here: Place
    deployment: Deployment
    console: Console
    items: int
    results: Path
    minute: float
    began: float

    def run(self, drill: Drill) -> Outcome:
        """Load, all green, the drill's outage, all green again, and what all of it left behind."""
        started = datetime.now(UTC)
        outputs = self.here.target.outputs(self.here.plan)
        chains = self._start_load()
        self._must_be_green(outputs)
        observers = health.observer_regions(outputs)
        target, stack = self.here.target, self.deployment.primary.name
        with Watch(lambda: health.look(target, outputs, regions=observers), stack) as watch:
            measured = drill(lambda: watch.red)
            self.console.note("Waiting for canaries and alarms to be green again ...")
            is_green = self._until_green(outputs) is not None
        green_at = datetime.now(UTC) if is_green else None
        self.console.note("Waiting for the load generators to finish ...")
        follow(chains, self.console.progress)
        self.console.note("Reading tables, dashboards and alarms ...")
        seen = self._seen(outputs, measured.data, chains, watch, since=started, green_at=green_at)
        return self._conclude(dict(measured.data), chains, watch, seen, ok=measured.ok)

    def _start_load(self) -> list[Chain]:
        found = generators(self.here.target, self.deployment, None)
        chains = [Chain(one, self.items) for one in found]
        regions = " and ".join(self.deployment.regions)
        self.console.note(
            f"Started the load generators in {regions}: {self.items} orders each, one a second."
        )
        return chains

    def _must_be_green(self, outputs: Mapping[str, Outputs]) -> None:
        self.console.note("Waiting for canaries and alarms to be green ...")
        took = self._until_green(outputs)
        if took is None:
            complaints = health.look(self.here.target, outputs).complaints
            raise OpsError(
                f"Canaries and alarms were not green {GREEN_MINUTES * self.minute:.0f} s after the"
                f" deployment: {', '.join(complaints[:5]) or 'there are no canaries'}."
            )
        self.console.note(f"All canaries and alarms were green after {took:.0f} s.")

    def _until_green(self, outputs: Mapping[str, Outputs]) -> float | None:
        return health.until_green(
            lambda: health.look(self.here.target, outputs),
            self.console.progress,
            seconds=GREEN_MINUTES * self.minute,
        )

    def _seen(
        self,
        outputs: Mapping[str, Outputs],
        result: Mapping[str, Any],
        chains: Sequence[Chain],
        watch: Watch,
        *,
        since: datetime,
        green_at: datetime | None,
    ) -> Seen:
        target = self.here.target
        shown = dashboards.shown_metrics(target, outputs)
        empty = dashboards.without_data(target, shown, since=since)
        alarms = health.look(target, outputs).alarms
        executions = [execution for chain in chains for execution in chain.executions]
        tables = {
            stack.region: RegionTables(target.client("dynamodb", stack.region), stack.table_names)
            for stack in self.deployment.stacks
        }
        killed, revived = (_moment(result, name) for name in ("killed", "revived"))
        return Seen(
            red_after=_seconds(killed, watch.turned_red),
            red_within=RED_MINUTES * self.minute + LOOK_SECONDS,
            failed_canaries=len(watch.failed_canaries),
            green_after=_seconds(revived, green_at),
            green_within=GREEN_MINUTES * self.minute + LOOK_SECONDS,
            metrics=len(shown),
            without_data=[str(metric) for metric in empty],
            alarms=len(alarms),
            not_evaluated=[a.name for a in alarms if not a.evaluated or a.state == "INSUFFICIENT_DATA"],
            executions=len(executions),
            unfinished=[f"{e.region} {e.status} {e.why}" for e in executions if e.status != "SUCCEEDED"],
            load=load_aftermath([order for chain in chains for order in chain.acknowledged()], tables),
            seconds=time.monotonic() - self.began,
        )

    def _conclude(
        self, result: dict[str, Any], chains: Sequence[Chain], watch: Watch, seen: Seen, *, ok: bool
    ) -> Outcome:
        counted = verdicts(seen)
        result["bounds"] = [*result["bounds"], *map(asdict, counted)]
        result["ok"] = ok and all(verdict.kept for verdict in counted)
        result["load"] = {chain.region: asdict(chain.counts) for chain in chains}
        result["watched"] = {
            "minuteSeconds": self.minute,
            "turnedRed": watch.turned_red.isoformat() if watch.turned_red else None,
            "failedCanaries": sorted(watch.failed_canaries),
            "metricsWithoutData": list(seen.without_data),
        }
        folder = (self.results / LATEST).resolve()
        write(folder, result)
        text = f"{summary(result)}\n\n{_load(chains)}\n\nReport: {folder / 'report.html'}"
        return Outcome(data=result, text=text, ok=bool(result["ok"]))


def _load(chains: Sequence[Chain]) -> str:
    lines = ["Load generators"]
    for chain in chains:
        counts = chain.counts
        served = ", ".join(f"{region} {done['created']}" for region, done in sorted(counts.regions.items()))
        lines.append(
            f"  {chain.region:12} created {counts.created} of {chain.items}, read back {counts.read},"
            f" failed {counts.failed}; created in {served or 'no region'}"
        )
    return "\n".join(lines)


def _moment(result: Mapping[str, Any], name: str) -> datetime | None:
    """A time of the drill's clock as a moment."""
    seconds = result["timeline"].get(name)
    if seconds is None:
        return None
    return datetime.fromisoformat(result["startedAt"]) + timedelta(seconds=seconds)


def _seconds(start: datetime | None, end: datetime | None) -> float | None:
    return None if start is None or end is None else (end - start).total_seconds()
