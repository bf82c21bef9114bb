"""One run of a canary: in a process of its own, as its role, with its result and metrics recorded."""

import datetime
import json
import uuid
from collections.abc import Callable, Mapping
from typing import Any, Final

from twin.aws.lambda_runtime.files import HOST_RUNTIME
from twin.aws.lambda_runtime.function_spec import FunctionSpec, InvocationResult, LogSettings
from twin.aws.lambda_runtime.pool import WorkerPool
from twin.aws.synthetics.runs.packages import ENTRY, code_packages, runtime_package
from twin.aws.synthetics.state import Canary, Run

# The longest text that a run's reason can have (Synthetics API, CanaryRunStatus).
_REASON_LENGTH: Final = 1024
SCRIPT_FAILED: Final = "CANARY_FAILURE"
NOT_EXECUTED: Final = "EXECUTION_FAILURE"

RecordMetrics = Callable[[Canary, Run], None]


class CanaryRuns:
    """`role_refusal(role)` says why Lambda cannot take a role; `record` writes a run's metrics."""

    def __init__(
        self,
        pool: WorkerPool,
        *,
        now: Callable[[], datetime.datetime],
        role_refusal: Callable[[str], str],
        record: RecordMetrics,
    ) -> None:
        self._pool = pool
        self._now = now
        self._role_refusal = role_refusal
        self._record = record

    async def run(self, canary: Canary) -> Run:
        """Run it once, whatever its schedule says. Raises WorkerLostError when its region dies meanwhile."""
        started = self._now()
        refused = self._role_refusal(canary.definition.role)
        failure, reason = (NOT_EXECUTED, refused) if refused else await self._verdict(canary)
        run = Run(
            id=str(uuid.uuid4()),
            started=started,
            completed=self._now(),
            failure=failure,
            reason=reason[:_REASON_LENGTH],
            artifacts=_artifacts(canary, started),
        )
        canary.runs.append(run)
        self._record(canary, run)
        return run

    async def _verdict(self, canary: Canary) -> tuple[str, str]:
        """Why the run failed, as code and text; both are empty when it passed."""
        spec = specification(canary)
        event = json.dumps({"handler": canary.definition.handler, "canaryName": canary.name}).encode()
        try:
            outcome = await self._pool.invoke(spec, event)
        finally:
            # An interpreter of its own for each run: between two of them none takes memory.
            self._pool.retire(spec.region, spec.name)
        return _failure(outcome)


def specification(canary: Canary) -> FunctionSpec:
    """The Lambda function behind a canary, on this machine's Python."""
    definition = canary.definition
    return FunctionSpec(
        account=canary.account,
        region=canary.region,
        name=canary.function,
        version=str(canary.version),
        arn=canary.engine_arn,
        runtime=HOST_RUNTIME,
        handler=ENTRY,
        role=definition.role,
        timeout=definition.timeout_seconds,
        memory=definition.memory_mb,
        code=runtime_package(),
        layers=code_packages(definition.code),
        environment=definition.environment,
        logs=LogSettings(group=f"/aws/lambda/{canary.function}"),
    )


def _failure(outcome: InvocationResult) -> tuple[str, str]:
    result: Any = json.loads(outcome.payload or b"null")
    told: Mapping[str, Any] = result if isinstance(result, dict) else {}
    if outcome.failed or "passed" not in told:
        return NOT_EXECUTED, str(told.get("errorMessage") or "The canary's function failed.")
    return ("", "") if told["passed"] else (SCRIPT_FAILED, str(told.get("reason", "")))


def _artifacts(canary: Canary, started: datetime.datetime) -> str:
    """Where AWS keeps what a run leaves (CloudWatch User Guide, "Canary artifacts")."""
    place = f"{canary.definition.artifact_location}/canary/{canary.region}/{canary.name}"
    return f"{place}/{started:%Y/%m/%d/%H/%M-%S}-{started.microsecond // 1000:03d}"
