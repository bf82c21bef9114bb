"""Runs the full demonstration on a deployed twin."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from ops.checks import dashboards, health
from ops.checks.health import Watch
from ops.console import Console
from ops.demo.drill import demo_drill
from ops.demo.verdicts import Observations, verdicts
from ops.deployed.deployment import Deployment, Outputs
from ops.deployed.options import DeploymentChoice
from ops.deployed.tables import RegionTables
from ops.drill.drill import drill
from ops.drill.report.files import PAGE, Report
from ops.drill.report.summary import summary
from ops.drill.settings import DrillSettings, Scenario
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


@dataclass(frozen=True, kw_only=True)
class Demonstrated:
    """The drill's report with the demonstration's own numbers and verdicts in it, and what is said of it."""

    report: Report
    text: str


@dataclass(frozen=True, kw_only=True)
class Demonstration:
    """`items` are the orders of each load generator, `rate` the drill's requests a second. `minute` is how
    long a minute of canaries and alarms lasts; `began` is when the whole started, on the monotonic clock.
    """

    choice: DeploymentChoice
    deployment: Deployment
    console: Console
    items: int
    rate: float
    seed: int | None
    results: Path
    minute: float
    began: float

    @property
    def drill_settings(self) -> DrillSettings:
        """An outage whose operator waits for the region's alarm, and no longer than it should take."""
        return demo_drill(
            self.deployment.primary.region,
            scenario=Scenario.OUTAGE,
            rate=self.rate,
            reaction=RED_MINUTES * self.minute,
            seed=self.seed,
        )

    def run(self) -> Demonstrated:
        """Load, all green, the drill's outage, all green again, and what all of it left behind."""
        started = datetime.now(UTC)
        outputs = self.choice.target.outputs(self.choice.plan)
        chains = self._start_load()
        self._must_be_green(outputs)
        observers = health.observer_regions(outputs)
        target, stack = self.choice.target, self.deployment.primary.name
        with Watch(lambda: health.look(target, outputs, regions=observers), stack) as watch:
            measured = drill(
                self.choice,
                self.deployment,
                self.drill_settings,
                self.console,
                results=self.results,
                alarm=lambda: watch.red,
            )
            self.console.note("Waiting for canaries and alarms to be green again ...")
            is_green = self._until_green(outputs) is not None
        green_at = datetime.now(UTC) if is_green else None
        self.console.note("Waiting for the load generators to finish ...")
        follow(chains, self.console.progress)
        self.console.note("Reading tables, dashboards and alarms ...")
        seen = self._seen(outputs, measured.result, chains, watch, since=started, green_at=green_at)
        report = self._with_verdicts(measured, chains, watch, seen)
        report.write()
        text = f"{summary(report.result)}\n\n{_load(chains)}\n\nReport: {report.folder / PAGE}"
        return Demonstrated(report=report, text=text)

    def _start_load(self) -> list[Chain]:
        found = generators(self.choice.target, self.deployment, None)
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
            complaints = health.look(self.choice.target, outputs).complaints
            raise OpsError(
                f"Canaries and alarms were not green {GREEN_MINUTES * self.minute:.0f} s after the "
                f"deployment: {', '.join(complaints[:5]) or 'there are no canaries'}."
            )
        self.console.note(f"All canaries and alarms were green after {took:.0f} s.")

    def _until_green(self, outputs: Mapping[str, Outputs]) -> float | None:
        return health.until_green(
            lambda: health.look(self.choice.target, outputs),
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
    ) -> Observations:
        target = self.choice.target
        shown = dashboards.shown_metrics(target, outputs)
        empty = dashboards.without_data(target, shown, since=since)
        alarms = health.look(target, outputs).alarms
        executions = [execution for chain in chains for execution in chain.executions]
        tables = {
            stack.region: RegionTables(target.client("dynamodb", stack.region), stack.table_names)
            for stack in self.deployment.stacks
        }
        killed, revived = (_moment(result, name) for name in ("killed", "revived"))
        return Observations(
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

    def _with_verdicts(
        self, measured: Report, chains: Sequence[Chain], watch: Watch, seen: Observations
    ) -> Report:
        counted = verdicts(seen)
        result = {
            **measured.result,
            "bounds": [*measured.result["bounds"], *map(asdict, counted)],
            "ok": measured.ok and all(verdict.kept for verdict in counted),
            "load": {chain.region: asdict(chain.counts) for chain in chains},
            "watched": {
                "minuteSeconds": self.minute,
                "turnedRed": watch.turned_red.isoformat() if watch.turned_red else None,
                "failedCanaries": sorted(watch.failed_canaries),
                "metricsWithoutData": list(seen.without_data),
            },
        }
        return replace(measured, result=result)


def _load(chains: Sequence[Chain]) -> str:
    lines = ["Load generators"]
    for chain in chains:
        counts = chain.counts
        served = ", ".join(f"{region} {done['created']}" for region, done in sorted(counts.regions.items()))
        lines.append(
            f"  {chain.region:12} created {counts.created} of {chain.items}, read back {counts.read}, "
            f"failed {counts.failed}; created in {served or 'no region'}"
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
