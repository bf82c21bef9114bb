"""The workers of all functions: who runs what, who waits, who has to go.

All of it runs on the twin's event loop; other threads come in through `invoke_from_thread`.
"""

import asyncio
import os
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from twin.aws.lambda_runtime.error_payloads import unavailable
from twin.aws.lambda_runtime.errors import RuntimeMissingError, WorkerLostError
from twin.aws.lambda_runtime.files import HOST_RUNTIME, RuntimeFiles
from twin.aws.lambda_runtime.function_spec import FunctionSpec, InvocationResult
from twin.aws.lambda_runtime.log_stream import LogSink
from twin.aws.lambda_runtime.worker import Invocation, Worker, WorkerEvents

# Lambda gives a function 10 s to initialise (Lambda guide, "Execution environment lifecycle"); more here, as
# a laptop under load starts several at once.
INIT_TIMEOUT = 30.0


@dataclass(frozen=True, kw_only=True)
class PoolSettings:
    """`region_environment` gives the variables that point a region's functions at that region.

    `workers_per_function` bounds memory: what comes on top waits for a worker, where Lambda would start
    another environment. `starting_per_function` bounds how many start at the same time, as each start costs
    half a second of processor time with boto3. `client_hook` is the directory of the clients' resolver.
    """

    home: Path
    region_environment: Callable[[str], Mapping[str, str]]
    client_hook: Path | None = None
    workers_per_function: int = 8
    starting_per_function: int = 2


@dataclass(kw_only=True, eq=False)
class _Group:
    """The workers of one version of a function in one configuration."""

    spec: FunctionSpec
    waiting: deque[Invocation] = field(default_factory=deque)
    idle: list[Worker] = field(default_factory=list)
    workers: set[Worker] = field(default_factory=set)
    starting: int = 0


class WorkerPool:
    """Runs invocations; one worker an invocation, used again when free."""

    def __init__(
        self,
        settings: PoolSettings,
        credentials: Callable[[FunctionSpec], Mapping[str, str]],
        sink: LogSink,
    ) -> None:
        self._settings = settings
        self._credentials = credentials
        self._sink = sink
        self._files = RuntimeFiles(settings.home)
        self._groups: dict[tuple[str, str, str], _Group] = {}
        self._retired: set[_Group] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._loop: asyncio.AbstractEventLoop | None = None

    def bind(self, loop: asyncio.AbstractEventLoop) -> None:
        """Name the loop that the workers live on."""
        self._loop = loop

    def invoke_from_thread(self, spec: FunctionSpec, payload: bytes) -> InvocationResult:
        """Invoke and wait, from a thread that is not the loop's. Raises WorkerLostError."""
        if self._loop is None:
            raise WorkerLostError("the twin has not started")
        return asyncio.run_coroutine_threadsafe(self.invoke(spec, payload), self._loop).result()

    async def invoke(self, spec: FunctionSpec, payload: bytes) -> InvocationResult:
        """Run a function with a JSON payload. Raises WorkerLostError when its region dies meanwhile."""
        try:
            group = self._group(spec)
        except RuntimeMissingError as error:
            return InvocationResult(payload=unavailable(str(error)), failed=True)
        invocation = Invocation(
            payload=payload, arn=spec.arn, done=asyncio.get_running_loop().create_future()
        )
        if group.idle:
            group.idle.pop().give(invocation)
        else:
            group.waiting.append(invocation)
            self._start_as_needed(group)
        # Shielded: a caller who gives up does not end the invocation, as on Lambda.
        return await asyncio.shield(invocation.done)

    def _group(self, spec: FunctionSpec) -> _Group:
        group = self._groups.get(spec.key)
        if group is not None and group.spec.fingerprint != spec.fingerprint:
            self._retire(group)
            group = None
        if group is None:
            self._files.python_path(spec)  # raises RuntimeMissingError before anything waits
            group = self._groups[spec.key] = _Group(spec=spec)
        return group

    def _start_as_needed(self, group: _Group) -> None:
        room = self._settings.workers_per_function - len(group.workers)
        # Who has just answered comes for more at once: nobody needs a new worker instead.
        coming = group.starting + sum(worker.returning for worker in group.workers)
        wanted = min(len(group.waiting), self._settings.starting_per_function) - coming
        for _ in range(min(room, wanted)):
            self._start_worker(group)

    def _start_worker(self, group: _Group) -> None:
        python_path = self._files.python_path(group.spec)
        events = WorkerEvents(
            ready=lambda worker: self._ready(group, worker),
            init_failed=lambda worker, payload: self._init_failed(group, worker, payload),
            gone=lambda worker: self._gone(group, worker),
        )
        worker = Worker(group.spec, python_path, self._sink, events)
        group.workers.add(worker)
        group.starting += 1
        environment = self._environment(group.spec, worker.log.name, python_path[0])
        task = asyncio.get_running_loop().create_task(self._start(group, worker, environment))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _start(self, group: _Group, worker: Worker, environment: Mapping[str, str]) -> None:
        try:
            await worker.start(environment, INIT_TIMEOUT)
        except OSError as error:
            self._init_failed(group, worker, unavailable(f"no process for {group.spec.name}: {error}"))
            worker.kill()
            self._gone(group, worker)

    def _ready(self, group: _Group, worker: Worker) -> None:
        if not worker.served:
            worker.served = True
            group.starting -= 1
        if group.waiting:
            worker.give(group.waiting.popleft())
            self._start_as_needed(group)
        elif worker.retired:
            worker.kill()
        else:
            group.idle.append(worker)

    def _init_failed(self, group: _Group, worker: Worker, payload: bytes) -> None:
        """One failed start answers one waiting invocation: each caller of a broken function hears of it."""
        if not worker.served:
            worker.served = True
            group.starting -= 1
        if group.waiting:
            group.waiting.popleft().finish(InvocationResult(payload=payload, failed=True))

    def _gone(self, group: _Group, worker: Worker) -> None:
        group.workers.discard(worker)
        if worker in group.idle:
            group.idle.remove(worker)
        if not worker.served:
            worker.served = True
            group.starting -= 1
        if not group.workers:
            self._retired.discard(group)
        self._start_as_needed(group)

    def _retire(self, group: _Group) -> None:
        """Let a group finish what runs and waits, and take no more."""
        if self._groups.get(group.spec.key) is group:
            del self._groups[group.spec.key]
        if group.workers:
            self._retired.add(group)
        for worker in list(group.workers):
            worker.retired = True
        for worker in list(group.idle):
            worker.kill()

    def retire(self, region: str, name: str, version: str | None = None) -> None:
        """Replace the workers of a function (of one version of it) at the next invocation."""
        for key, group in list(self._groups.items()):
            if key[:2] == (region, name) and version in (None, key[2]):
                self._retire(group)

    def retire_from_thread(self, region: str, name: str, version: str | None = None) -> None:
        """`retire`, from any thread."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self.retire, region, name, version)

    def kill_region(self, region: str) -> None:
        """End every worker of a region at once; who waits for one gets WorkerLostError."""
        self._kill([group for group in self._all_groups() if group.spec.region == region])

    def kill_all(self) -> None:
        """End every worker."""
        self._kill(self._all_groups())

    def _all_groups(self) -> list[_Group]:
        return [*self._groups.values(), *self._retired]

    def _kill(self, groups: list[_Group]) -> None:
        for group in groups:
            if self._groups.get(group.spec.key) is group:
                del self._groups[group.spec.key]
            lost = WorkerLostError(f"{group.spec.name} in {group.spec.region} was taken away")
            while group.waiting:
                group.waiting.popleft().fail(lost)
            for worker in list(group.workers):
                if worker.invocation is not None:
                    worker.invocation.fail(lost)
                worker.kill()

    def counts(self) -> dict[str, dict[str, int]]:
        """Workers by region and function: for the status."""
        found: dict[str, dict[str, int]] = {}
        for (region, name, _), group in self._groups.items():
            functions = found.setdefault(region, {})
            functions[name] = functions.get(name, 0) + len(group.workers)
        return found

    def _environment(self, spec: FunctionSpec, log_stream: str, task_root: str) -> dict[str, str]:
        """Lambda's own variables (Lambda guide, "Defined runtime environment variables") win."""
        environment = {
            **spec.environment,
            **self._settings.region_environment(spec.region),
            **self._credentials(spec),
            "_HANDLER": spec.handler,
            "AWS_REGION": spec.region,
            "AWS_DEFAULT_REGION": spec.region,
            "AWS_EXECUTION_ENV": f"AWS_Lambda_{HOST_RUNTIME}",
            "AWS_LAMBDA_FUNCTION_NAME": spec.name,
            "AWS_LAMBDA_FUNCTION_VERSION": spec.version,
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(spec.memory),
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "AWS_LAMBDA_LOG_GROUP_NAME": spec.logs.group,
            "AWS_LAMBDA_LOG_STREAM_NAME": log_stream,
            "LAMBDA_TASK_ROOT": task_root,
            "LAMBDA_RUNTIME_DIR": str(self._files.runtime()),
            "LANG": "en_US.UTF-8",
            "TZ": ":UTC",
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            # There is no home directory on Lambda; the settings of who runs the twin are not the function's.
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        }
        if spec.logs.format == "JSON":
            environment["AWS_LAMBDA_LOG_FORMAT"] = "JSON"
            environment["AWS_LAMBDA_LOG_LEVEL"] = spec.logs.application_level or "INFO"
        if self._settings.client_hook is not None:
            environment["TWIN_CLIENT_HOOK"] = str(self._settings.client_hook)
        return environment
