"""What watches the service says of it, all in one look: the canaries' last runs and the alarms."""

import threading
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from botocore.exceptions import BotoCoreError, ClientError

from blueprint import output_names as names
from blueprint.alarm_definitions import UNHEALTHY_KEY
from ops.checks.alarms import ALARM, OK, DeployedAlarm, alarms
from ops.checks.canaries import FAILED, PASSED, CanaryRun, last_runs
from ops.deployed.deployment import Outputs
from ops.deployed.target import Target
from ops.errors import OpsError

LOOK_EVERY: Final = 1.0


@dataclass(frozen=True, kw_only=True)
class Health:
    canaries: tuple[CanaryRun, ...]
    alarms: tuple[DeployedAlarm, ...]

    @property
    def green(self) -> bool:
        """Every canary passed and every alarm is OK; without canaries there is nothing to be green."""
        return bool(self.canaries and self.alarms) and not self.complaints

    @property
    def complaints(self) -> list[str]:
        """Each canary and alarm that is not well."""
        return [
            *(f"canary {run.name} {run.state}" for run in self.canaries if run.state != PASSED),
            *(f"alarm {alarm.name} {alarm.state}" for alarm in self.alarms if alarm.state != OK),
        ]

    def is_unhealthy(self, stack: str) -> bool:
        """Whether the observer's alarm calls a stack's region unhealthy."""
        return any(
            alarm.stack == stack and alarm.name.endswith(UNHEALTHY_KEY) and alarm.state == ALARM
            for alarm in self.alarms
        )


def look(target: Target, outputs: Mapping[str, Outputs], *, regions: Collection[str] | None = None) -> Health:
    """As it is now, in `regions` (all by default): a dead region cannot be asked."""
    return Health(
        canaries=tuple(last_runs(target, outputs, regions=regions)),
        alarms=tuple(alarms(target, outputs, regions=regions)),
    )


def observer_regions(outputs: Mapping[str, Outputs]) -> set[str]:
    """Where the alarms live that watch the stacks' regions from outside."""
    own = {values[names.REGION] for values in outputs.values()}
    return {r for values in outputs.values() for r in values.get(names.ALARM_TOPIC_ARNS) or {}} - own


class Watch:
    """Looks again and again, from the observer's region, whether a stack's region is called unhealthy.

    `turned_red` and `turned_green` say when that was first seen, and when it was first seen to be over.
    """

    def __init__(self, look_now: Callable[[], Health], stack: str) -> None:
        self._look = look_now
        self._stack = stack
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True, name="watch")
        self.red = False
        self.turned_red: datetime | None = None
        self.turned_green: datetime | None = None
        self.failed_canaries: set[str] = set()

    def __enter__(self) -> "Watch":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def see(self, health: Health) -> None:
        """Note what one look showed."""
        self.red = health.is_unhealthy(self._stack)
        now = datetime.now(UTC)
        if self.red and self.turned_red is None:
            self.turned_red = now
        if not self.red and self.turned_red is not None and self.turned_green is None:
            self.turned_green = now
        self.failed_canaries |= {
            run.name for run in health.canaries if run.stack == self._stack and run.state == FAILED
        }

    def _run(self) -> None:
        while not self._stop.wait(LOOK_EVERY):
            try:
                self.see(self._look())
            except (OpsError, BotoCoreError, ClientError):
                continue  # a look that failed shows nothing; the next one may


def until_green(
    look_now: Callable[[], Health],
    report: Callable[[str], None],
    *,
    seconds: float,
    clock: Callable[[], float] = time.monotonic,
    pause: Callable[[float], None] = time.sleep,
) -> float | None:
    """The seconds until everything was green; None when it was not by then."""
    began = clock()
    while True:
        health = look_now()
        if health.green:
            return clock() - began
        if clock() - began >= seconds:
            return None
        complaints = health.complaints or ["there are no canaries"]
        report(f"Not green yet: {', '.join(complaints[:3])}{' ...' if len(complaints) > 3 else ''}")
        pause(LOOK_EVERY)
