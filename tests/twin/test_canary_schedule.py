"""When canaries run, on a clock that the test moves; and what a run's outcome becomes."""

import asyncio
import datetime
import itertools
import json
import sys
import zipfile
from io import BytesIO
from typing import Any

import pytest

from blueprint.canary_runtimes import CANARY_RUNTIMES
from twin.aws.lambda_runtime.function_spec import FunctionSpec, InvocationResult, Package
from twin.aws.synthetics.rules import RUNTIMES
from twin.aws.synthetics.runs.canary_runs import CanaryRuns
from twin.aws.synthetics.runs.packages import code_packages, runtime_package
from twin.aws.synthetics.runs.schedule import Schedule
from twin.aws.synthetics.state import Canary, Definition, Run

NOON = datetime.datetime(2026, 11, 25, 12, tzinfo=datetime.UTC)


def canary(name: str = "watch", minutes: int = 1, region: str = "us-east-2") -> Canary:
    definition = Definition(
        role="arn:aws:iam::111122223333:role/canary",
        handler="check.handler",
        runtime="syn-python-selenium-14.0",
        code=Package.of(b""),
        artifact_location="results/watch",
        expression="rate(1 minute)",
        minutes=minutes,
        duration_seconds=0,
        timeout_seconds=50,
        memory_mb=960,
        environment={"MODE": "b"},
        success_days=31,
        failure_days=31,
        cleanup="OFF",
    )
    return Canary(
        id=f"id-of-{name}",
        name=name,
        region=region,
        account="111122223333",
        definition=definition,
        created=NOON,
        modified=NOON,
    )


def times(schedule: Schedule, of: Canary, until: int, down: range = range(0)) -> list[int]:
    def runs(second: int) -> bool:
        return bool(schedule.due([of], float(second), lambda region: second not in down))

    return [second for second in range(until) if runs(second)]


def test_a_canary_runs_once_a_period_from_some_moment_of_its_first() -> None:
    found = times(Schedule(60), canary(), 300)
    assert len(found) == 5
    assert 0 <= found[0] < 60
    assert {later - earlier for earlier, later in itertools.pairwise(found)} == {60}


def test_a_shorter_minute_makes_more_runs() -> None:
    assert len(times(Schedule(10), canary(), 60)) == 6
    assert len(times(Schedule(10), canary(minutes=3), 60)) == 2


def test_canaries_that_start_together_do_not_run_together() -> None:
    schedule = Schedule(60)
    names = [f"resilient-orders-region{n}-{v}" for n in (1, 2) for v in ("inside", "outside", "domain")]
    together = [canary(name) for name in names]
    busiest = max(len(schedule.due(together, float(second), lambda _: True)) for second in range(60))
    assert busiest <= 2


def test_the_runs_of_a_dead_region_are_left_out_and_not_made_up_for() -> None:
    found = times(Schedule(10), canary(), 100, down=range(20, 60))
    assert len(found) == 6
    assert not any(20 <= second < 60 for second in found)


def test_a_canary_that_is_started_again_begins_anew() -> None:
    schedule, one = Schedule(60), canary()
    first = times(schedule, one, 60)
    one.started_at = 100.0
    assert [s for s in range(100, 160) if schedule.due([one], float(s), lambda _: True)] == [first[0] + 100]


# Runs


class Pool:
    """Answers every invocation with one outcome."""

    def __init__(self, outcome: InvocationResult) -> None:
        self.outcome = outcome
        self.asked: list[FunctionSpec] = []
        self.retired: list[str] = []

    async def invoke(self, spec: FunctionSpec, payload: bytes) -> InvocationResult:
        self.asked.append(spec)
        assert json.loads(payload)["handler"] == "check.handler"
        return self.outcome

    def retire(self, region: str, name: str) -> None:
        self.retired.append(name)


def outcome_of(outcome: InvocationResult, refused: str = "") -> tuple[Canary, Pool, list[Run]]:
    recorded: list[Run] = []
    pool: Any = Pool(outcome)
    runs = CanaryRuns(
        pool,
        now=lambda: NOON,
        role_refusal=lambda role: refused,
        record=lambda canary, run: recorded.append(run),
    )
    watched = canary()
    asyncio.run(runs.run(watched))
    assert list(watched.runs) == recorded
    return watched, pool, recorded


def told(passed: bool, reason: str = "") -> InvocationResult:
    return InvocationResult(payload=json.dumps({"passed": passed, "reason": reason}).encode())


TIMED_OUT = InvocationResult(payload=b'{"errorMessage": "Task timed out after 50.00 seconds"}', failed=True)


@pytest.mark.parametrize(
    ("outcome", "failure", "reason"),
    [
        (told(True), "", ""),
        (told(False, "GET /health answered 503"), "CANARY_FAILURE", "GET /health answered 503"),
        (told(False, "x" * 5000), "CANARY_FAILURE", "x" * 1024),
        (TIMED_OUT, "EXECUTION_FAILURE", "Task timed out after 50.00 seconds"),
        (InvocationResult(payload=b"null"), "EXECUTION_FAILURE", "The canary's function failed."),
    ],
)
def test_a_runs_outcome_becomes_its_state(outcome: InvocationResult, failure: str, reason: str) -> None:
    _, pool, [run] = outcome_of(outcome)
    assert (run.failure, run.reason) == (failure, reason)
    assert len(pool.retired) == 1, "each run has an interpreter of its own"


def test_a_run_has_the_canarys_code_role_limits_and_log_and_nothing_else() -> None:
    watched, pool, [run] = outcome_of(told(True))
    [spec] = pool.asked
    assert spec.layers[0] is watched.definition.code
    assert (spec.role, spec.timeout, spec.memory) == (watched.definition.role, 50, 960)
    assert spec.environment == {"MODE": "b"}
    assert spec.logs.group == "/aws/lambda/cwsyn-watch-id-of-watch"
    assert run.artifacts == "results/watch/canary/us-east-2/watch/2026/11/25/12/00-00-000"


def test_a_role_that_lambda_cannot_take_fails_the_run_without_a_process() -> None:
    _, pool, [run] = outcome_of(told(True), refused="The role is gone.")
    assert (run.failure, run.reason) == ("EXECUTION_FAILURE", "The role is gone.")
    assert pool.asked == []


def names_in(package: Package) -> list[str]:
    with zipfile.ZipFile(BytesIO(package.content)) as archive:
        return sorted(archive.namelist())


def test_the_runtime_holds_the_entry_and_the_stand_in_library_only() -> None:
    assert names_in(runtime_package()) == [
        "aws_synthetics/__init__.py",
        "aws_synthetics/common.py",
        "canary_entry.py",
    ]


def test_another_machine_than_the_canaries_gets_its_own_build_of_what_is_compiled() -> None:
    code = Package.of(b"code")
    assert code_packages(code, ("linux", "x86_64")) == (code,)
    own, host = code_packages(code, ("darwin", "arm64"))
    assert own is code
    assert "python/awscrt/auth.py" in names_in(host)
    assert sys.version_info >= (3, 11), "awscrt's wheels are for the stable ABI from 3.11 on"


def test_the_twin_takes_every_runtime_that_the_program_offers() -> None:
    assert all(RUNTIMES[runtime] is None for runtime in CANARY_RUNTIMES)
