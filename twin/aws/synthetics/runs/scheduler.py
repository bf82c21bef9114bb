"""The canaries of a running twin: their schedule, their processes, and the way to run one now."""

import asyncio
import datetime
import logging
import time
from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from twin.admin import AdminError
from twin.aws.lambda_runtime.errors import WorkerLostError
from twin.aws.lambda_runtime.pool import PoolSettings, WorkerPool
from twin.aws.logs import delivery
from twin.aws.own.errors import ServiceError
from twin.aws.synthetics import other_services
from twin.aws.synthetics.runs.canary_runs import CanaryRuns
from twin.aws.synthetics.runs.schedule import Schedule
from twin.aws.synthetics.state import Canary, Run, SyntheticsState, state_of
from twin.core import Core, Json
from twin.environment import CLIENT_HOOK, resolver_environment, trust_environment

_log = logging.getLogger(__name__)
_LOOK_EVERY_SECONDS: Final = 0.25


def install(core: Core) -> None:
    """Run the canaries from the twin's start on."""
    state = state_of(core)
    pool = _pool(core)
    runs = CanaryRuns(
        pool,
        now=lambda: datetime.datetime.now(datetime.UTC),
        role_refusal=partial(other_services.role_refusal, core.settings.account_id),
        record=other_services.record_run,
    )
    part = _Part(core, state, runs)

    async def start() -> None:
        pool.bind(asyncio.get_running_loop())
        core.run(part.keep_running(), "canaries")

    async def end_region(region: str) -> None:
        pool.kill_region(region)

    async def end_all() -> None:
        pool.kill_all()

    core.at_start.append(start)
    core.at_stop.append(end_all)
    core.outages.on_region_down(end_region)
    core.admin_route("GET", "/_twin/canaries", part.show)
    core.admin_route("POST", "/_twin/canaries/{region}/{name}/run", part.run_now)
    core.status_section("canaries", part.status)


def _pool(core: Core) -> WorkerPool:
    def region_environment(region: str) -> Mapping[str, str]:
        # No endpoint: a canary reaches AWS's services, of other regions too, by their own names.
        return {
            **trust_environment(core.home),
            **resolver_environment(core.settings, core.ports, near=region),
        }

    settings = PoolSettings(
        home=core.home.state / "canaries",
        region_environment=region_environment,
        client_hook=CLIENT_HOOK,
        workers_per_function=1,
    )
    return WorkerPool(settings, other_services.credentials, delivery.write_function_events)


class _Part:
    def __init__(self, core: Core, state: SyntheticsState, runs: CanaryRuns) -> None:
        self._core = core
        self._state = state
        self._runs = runs
        self._schedule = Schedule(core.settings.minute)
        self._now_running: set[str] = set()

    async def keep_running(self) -> None:
        while True:
            due = self._schedule.due(self._state.running(), time.monotonic(), self._core.outages.is_up)
            for canary in due:
                if canary.id not in self._now_running:
                    self._core.run(self._scheduled(canary), f"canary {canary.name}")
            await asyncio.sleep(_LOOK_EVERY_SECONDS)

    async def _scheduled(self, canary: Canary) -> None:
        try:
            await self._run(canary)
        except WorkerLostError:
            _log.info("the run of canary %s was lost with its region", canary.name)
        except Exception:  # noqa: BLE001 - the other canaries run on
            _log.exception("running canary %s failed", canary.name)

    async def _run(self, canary: Canary) -> Run:
        self._now_running.add(canary.id)
        try:
            return await self._runs.run(canary)
        finally:
            self._now_running.discard(canary.id)

    async def run_now(self, path: Mapping[str, str], _body: Json) -> Json:
        """Run a canary at once, beside its schedule, and answer its result."""
        region = path["region"]
        if region not in self._core.settings.regions or not self._core.outages.is_up(region):
            raise AdminError(409, f"the region {region!r} is down, or not one of this twin's")
        try:
            canary = self._state.get(region, path["name"])
        except ServiceError as error:
            names = ", ".join(known.name for known in self._state.all(region)) or "none"
            raise AdminError(404, f"{error.message} In {region} there are: {names}") from error
        try:
            return _shown_run(await self._run(canary))
        except WorkerLostError as error:
            raise AdminError(409, str(error)) from error

    async def show(self, _path: Mapping[str, str], _body: Json) -> Json:
        return self.status()

    def status(self) -> Json:
        """Every canary with its last run."""
        return {
            "minuteSeconds": self._core.settings.minute,
            "canaries": [_shown(canary) for canary in self._state.all()],
        }


def _shown(canary: Canary) -> dict[str, Any]:
    return {
        "name": canary.name,
        "region": canary.region,
        "state": canary.state,
        "rate": canary.definition.expression,
        "runs": len(canary.runs),
        "lastRun": _shown_run(canary.runs[-1]) if canary.runs else None,
    }


def _shown_run(run: Run) -> dict[str, Any]:
    return {
        "passed": run.passed,
        "reason": run.reason,
        "started": run.started.isoformat(timespec="seconds"),
        "seconds": round(run.seconds, 3),
    }
