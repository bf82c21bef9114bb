"""The pool of Lambda workers by itself: who waits, who starts, what when a worker cannot or must not."""

import asyncio
import json
import subprocess
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from tests.twin.api_kit import RUNTIME, zipped
from tests.waiting import until
from twin.aws.lambda_runtime.errors import WorkerLostError
from twin.aws.lambda_runtime.function_spec import FunctionSpec, InvocationResult, LogSettings, Package
from twin.aws.lambda_runtime.log_stream import LogEvents
from twin.aws.lambda_runtime.pool import PoolSettings, WorkerPool
from twin.aws.lambda_runtime.worker import Worker

SOURCE = """
import os, time
def handler(event, context):
    time.sleep(event or 0)
    return os.getpid()
"""

# A function that prints and logs in turn, when it is told to.
STORY = """
import logging, os, subprocess
from pathlib import Path
import time
HOME = Path(os.environ["HOME_OF_TEST"])
def handler(event, context):
    (HOME / "ready").touch()
    while not (HOME / "go").exists():
        time.sleep(0.002)
    for number in range(20):
        print(f"printed {number}")
        logging.getLogger().error(f"logged {number}")
    print("no end", end="")
    print(" of line")
    subprocess.run(["echo", "of a child"], check=True)
    (HOME / "written").touch()
"""


class Bench:
    """A pool with a log in memory."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.lines: list[str] = []
        self._logged = asyncio.Event()
        settings = PoolSettings(
            home=home, region_environment=lambda region: {"HOME_OF_TEST": str(home)}, workers_per_function=2
        )
        self.pool = WorkerPool(settings, lambda spec: {}, self._log)

    async def ended(self, invocations: int) -> None:
        """Return when so many invocations have ended since the beginning."""
        while sum(line.startswith("END RequestId") for line in self.lines) < invocations:
            self._logged.clear()
            await self._logged.wait()

    def _log(self, spec: FunctionSpec, stream: str, events: LogEvents) -> None:
        self.lines += [message for _, message in events]
        self._logged.set()


def spec(source: str = SOURCE, region: str = "us-east-1", **more: Any) -> FunctionSpec:
    return FunctionSpec(
        account="1",
        region=region,
        name=more.pop("name", "function"),
        version="$LATEST",
        arn="arn",
        runtime=more.pop("runtime", RUNTIME),
        handler="app.handler",
        role="role",
        timeout=more.pop("timeout", 5),
        memory=128,
        code=Package.of(zipped({"app.py": source})),
        logs=LogSettings(group="/group", **more),
    )


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def run(bench: Bench, work: Callable[[], Awaitable[Any]]) -> Any:
    async def everything() -> Any:
        try:
            return await work()
        finally:
            bench.pool.kill_all()

    return asyncio.run(everything())


async def seen(path: Path) -> None:
    await asyncio.to_thread(until, path.exists, f"the file {path.name}")


def results(outcomes: list[InvocationResult]) -> list[Any]:
    return [json.loads(outcome.payload) for outcome in outcomes]


def test_more_calls_than_workers_wait_for_one(bench: Bench) -> None:
    async def work() -> list[InvocationResult]:
        return await asyncio.gather(*(bench.pool.invoke(spec(), b"0.1") for _ in range(6)))

    outcomes = run(bench, work)

    assert not any(outcome.failed for outcome in outcomes)
    assert len(set(results(outcomes))) == 2


def test_a_free_worker_is_used_again(bench: Bench) -> None:
    async def work() -> tuple[list[InvocationResult], object]:
        return [await bench.pool.invoke(spec(), b"0") for _ in range(3)], bench.pool.counts()

    outcomes, counts = run(bench, work)

    assert len(set(results(outcomes))) == 1
    assert counts == {"us-east-1": {"function": 1}}


def test_who_waits_in_a_region_that_dies_is_told_so_and_others_are_not(bench: Bench) -> None:
    async def work() -> list[Any]:
        east = [bench.pool.invoke(spec(), b"3") for _ in range(3)]
        west = bench.pool.invoke(spec(region="us-west-2"), b"0.5")
        calls = asyncio.gather(*east, west, return_exceptions=True)
        await asyncio.sleep(0.2)
        bench.pool.kill_region("us-east-1")
        return await calls

    *east, west = run(bench, work)

    assert all(isinstance(lost, WorkerLostError) for lost in east)
    assert not west.failed


def test_a_caller_who_gives_up_leaves_the_worker_at_its_work(bench: Bench) -> None:
    async def work() -> InvocationResult:
        call = asyncio.ensure_future(bench.pool.invoke(spec(STORY, timeout=60), b"0"))
        await seen(bench.home / "ready")
        call.cancel()
        (bench.home / "go").touch()
        second = await bench.pool.invoke(spec(STORY, timeout=60), b"0")
        async with asyncio.timeout(30):
            await bench.ended(2)
        return second

    assert not run(bench, work).failed


def test_a_worker_that_was_killed_before_its_start_never_starts(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def work() -> None:
        call = asyncio.ensure_future(bench.pool.invoke(spec(STORY, timeout=60), b"0"))
        await asyncio.sleep(0)
        bench.pool.kill_all()
        with pytest.raises(WorkerLostError):
            await call
        this = asyncio.current_task()
        await asyncio.gather(*(task for task in asyncio.all_tasks() if task is not this))

    started: list[str] = []
    monkeypatch.setattr(Worker, "_spawn", lambda worker, environment: started.append(worker.spec.name))
    run(bench, work)

    assert started == []


def test_another_configuration_gets_new_workers_and_the_old_ones_end(bench: Bench) -> None:
    async def work() -> list[Any]:
        first = await bench.pool.invoke(spec(), b"0")
        second = await bench.pool.invoke(spec(timeout=4), b"0")
        return [first, second, bench.pool.counts()]

    first, second, counts = run(bench, work)

    assert first.payload != second.payload
    assert counts == {"us-east-1": {"function": 1}}


def test_a_worker_that_cannot_be_started_is_an_answer(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise OSError("too many processes")

    monkeypatch.setattr(subprocess, "Popen", refuse)

    outcome = run(bench, lambda: bench.pool.invoke(spec(), b"0"))

    assert outcome.failed
    assert b"too many processes" in outcome.payload
    assert bench.pool.counts() == {}


def test_a_runtime_that_is_not_here_is_an_answer(bench: Bench) -> None:
    outcome = run(bench, lambda: bench.pool.invoke(spec(runtime="nodejs22.x"), b"0"))

    assert outcome.failed
    assert b"is made for nodejs22.x" in outcome.payload


def test_a_worker_that_fails_in_every_start_answers_every_caller(bench: Bench) -> None:
    async def work() -> list[InvocationResult]:
        return await asyncio.gather(*(bench.pool.invoke(spec("import nothing"), b"0") for _ in range(4)))

    outcomes = run(bench, work)

    assert [outcome.failed for outcome in outcomes] == [True] * 4
    assert all(result["errorType"] == "Runtime.ImportModuleError" for result in results(outcomes))


def test_output_without_an_end_of_line_is_not_lost(bench: Bench) -> None:
    source = "import sys\ndef handler(event, context):\n    sys.stdout.write('no end')\n"

    run(bench, lambda: bench.pool.invoke(spec(source), b"0"))

    assert "no end" in bench.lines


def test_lines_are_ordered_by_the_time_of_writing_however_late_they_are_read(bench: Bench) -> None:
    async def work() -> None:
        call = asyncio.ensure_future(bench.pool.invoke(spec(STORY, format="JSON", timeout=60), b"0"))
        await seen(bench.home / "ready")
        # While this loop stands still nobody reads the pipes.
        (bench.home / "go").touch()
        until((bench.home / "written").exists, "the function's last line")
        await call

    run(bench, work)

    told = [json.loads(line)["message"] if '"level"' in line else line for line in bench.lines[1:-1]]
    pairs = [text for number in range(20) for text in (f"printed {number}", f"logged {number}")]
    assert told == [*pairs, "no end of line", "of a child"]
