"""The canaries of all regions: what they are, in which state, and what came of their runs."""

import datetime
import time
import uuid
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final
from weakref import WeakKeyDictionary

from twin.aws.lambda_runtime.function_spec import Package
from twin.aws.own.errors import ServiceError
from twin.core import Core

# What a twin remembers of one canary; AWS keeps runs for the retention periods.
_RUNS_KEPT: Final = 500
_FUNCTION_NAME_CHARACTERS: Final = 21
# How long a new or changed canary is between two states; a minute on AWS.
_SETTLE_SECONDS: Final = 0.1


@dataclass(frozen=True, kw_only=True)
class Run:
    """One run that ended. `failure` is a CanaryRunStateReasonCode, empty when it passed."""

    id: str
    started: datetime.datetime
    completed: datetime.datetime
    failure: str
    reason: str
    artifacts: str

    @property
    def passed(self) -> bool:
        return not self.failure

    @property
    def seconds(self) -> float:
        return (self.completed - self.started).total_seconds()


@dataclass(frozen=True, kw_only=True)
class Definition:
    """What a caller says of a canary; an update makes a new one."""

    role: str
    handler: str
    runtime: str
    code: Package
    artifact_location: str
    expression: str
    minutes: int
    duration_seconds: int
    timeout_seconds: int
    memory_mb: int
    environment: Mapping[str, str]
    success_days: int
    failure_days: int
    cleanup: str


@dataclass(kw_only=True, eq=False)
class Canary:
    """A canary with its state, in which it is until `until` (seconds of the state's clock)."""

    id: str
    name: str
    region: str
    account: str
    definition: Definition
    version: int = 1
    tags: dict[str, str] = field(default_factory=dict)
    state: str = "CREATING"
    reason: str = ""
    reason_code: str = ""
    then: str = ""
    until: float = 0.0
    started_at: float = 0.0
    created: datetime.datetime
    modified: datetime.datetime
    started: datetime.datetime | None = None
    stopped: datetime.datetime | None = None
    runs: deque[Run] = field(default_factory=lambda: deque(maxlen=_RUNS_KEPT))

    @property
    def arn(self) -> str:
        return f"arn:aws:synthetics:{self.region}:{self.account}:canary:{self.name}"

    @property
    def function(self) -> str:
        """The name of the Lambda function that AWS makes for it (Synthetics API, DeleteCanary).

        The layer in which it keeps the script has the same (CloudWatch User Guide, "Monitoring canary events
        with Amazon EventBridge").
        """
        return f"cwsyn-{self.name[:_FUNCTION_NAME_CHARACTERS]}-{self.id}"

    @property
    def engine_arn(self) -> str:
        return f"arn:aws:lambda:{self.region}:{self.account}:function:{self.function}:{self.version}"

    @property
    def code_arn(self) -> str:
        return f"arn:aws:lambda:{self.region}:{self.account}:layer:{self.function}:{self.version}"


class SyntheticsState:
    """`clock` counts seconds, `now` is the time of day; a state that passes lasts `settle_seconds`."""

    def __init__(
        self,
        *,
        account_id: str,
        clock: Callable[[], float],
        now: Callable[[], datetime.datetime],
        settle_seconds: float,
    ) -> None:
        self.account_id = account_id
        self.settle_seconds = settle_seconds
        self._clock = clock
        self._now = now
        self._canaries: dict[tuple[str, str], Canary] = {}

    def all(self, region: str | None = None) -> list[Canary]:
        """Every canary (of one region), by name, in its state of now."""
        found = [c for (where, _), c in sorted(self._canaries.items()) if region in (None, where)]
        for canary in found:
            self._settle(canary)
        return [c for c in found if (c.region, c.name) in self._canaries]

    def get(self, region: str, name: str) -> Canary:
        """Raises ResourceNotFoundException."""
        canary = self._canaries.get((region, name))
        if canary is not None:
            self._settle(canary)
        if canary is None or (region, name) not in self._canaries:
            raise ServiceError("ResourceNotFoundException", f"Canary {name} was not found.")
        return canary

    def create(
        self, region: str, name: str, definition: Definition, tags: Mapping[str, str], *, refused: str
    ) -> Canary:
        """`refused` is why Lambda cannot run it: then the canary ends in ERROR, as on AWS."""
        if any(c.name == name for c in self.all(region)):
            raise ServiceError("ConflictException", f"A canary named {name} exists already.")
        now = self._now()
        canary = Canary(
            id=str(uuid.uuid4()),
            name=name,
            region=region,
            account=self.account_id,
            definition=definition,
            tags=dict(tags),
            created=now,
            modified=now,
        )
        self._canaries[region, name] = canary
        self._pass_through(canary, "CREATING", "ERROR" if refused else "READY")
        canary.reason, canary.reason_code = refused, "CREATE_FAILED" if refused else ""
        return canary

    def update(self, canary: Canary, definition: Definition) -> None:
        """Takes effect at once; the canary is UPDATING for a moment and then what it was."""
        self._refuse_unless(canary, "update", "READY", "RUNNING", "STOPPED", "ERROR")
        canary.definition = definition
        canary.version += 1
        canary.modified = self._now()
        self._pass_through(canary, "UPDATING", "READY" if canary.state == "ERROR" else canary.state)
        canary.reason = canary.reason_code = ""

    def start(self, canary: Canary) -> None:
        self._refuse_unless(canary, "start", "READY", "STOPPED")
        canary.started, canary.started_at = self._now(), self._clock()
        self._pass_through(canary, "STARTING", "RUNNING")

    def stop(self, canary: Canary) -> None:
        self._refuse_unless(canary, "stop", "RUNNING")
        canary.stopped = self._now()
        self._pass_through(canary, "STOPPING", "STOPPED")

    def delete(self, canary: Canary) -> None:
        self._refuse_unless(canary, "delete", "READY", "STOPPED", "ERROR")
        self._pass_through(canary, "DELETING", "")

    def running(self) -> list[Canary]:
        """Those that run on their schedule, now; one whose duration is over is stopped here."""
        found = [canary for canary in self.all() if canary.state == "RUNNING"]
        for canary in found:
            duration = canary.definition.duration_seconds
            if duration and self._clock() >= canary.started_at + duration:
                self.stop(canary)
        return [canary for canary in found if canary.state == "RUNNING"]

    def _refuse_unless(self, canary: Canary, verb: str, *states: str) -> None:
        if canary.state not in states:
            message = f"Canary {canary.name} is in state {canary.state}: to {verb} it, it must be in "
            raise ServiceError("ConflictException", message + " or ".join(states) + ".")

    def _pass_through(self, canary: Canary, state: str, then: str) -> None:
        canary.state, canary.then = state, then
        canary.until = self._clock() + self.settle_seconds

    def _settle(self, canary: Canary) -> None:
        if canary.until and self._clock() >= canary.until:
            canary.until = 0.0
            if canary.then:
                canary.state = canary.then
            else:
                self._canaries.pop((canary.region, canary.name), None)


_states: WeakKeyDictionary[Core, SyntheticsState] = WeakKeyDictionary()


def state_of(core: Core) -> SyntheticsState:
    """The canaries of a twin, made at the first call."""
    found = _states.get(core)
    if found is None:
        found = _states[core] = SyntheticsState(
            account_id=core.settings.account_id,
            clock=time.monotonic,
            now=lambda: datetime.datetime.now(datetime.UTC),
            settle_seconds=_SETTLE_SECONDS,
        )
    return found
