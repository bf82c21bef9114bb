"""One worker process: an execution environment of one version of a function, one invocation at a time."""

import asyncio
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from twin.aws.lambda_runtime.error_payloads import exited, timed_out
from twin.aws.lambda_runtime.function_spec import FunctionSpec, InvocationResult
from twin.aws.lambda_runtime.log_stream import LogSink, LogStream, stream_name
from twin.aws.lambda_runtime.runtime_api import Next, RuntimeApi

_MAIN = Path(__file__).with_name("worker_main.py")
_PIPE_CHUNK = 65536


@dataclass(kw_only=True, eq=False)
class Invocation:
    """One invocation waiting for, or running in, a worker."""

    payload: bytes
    arn: str
    request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    trace_id: str = field(default_factory=lambda: f"Root=1-{int(time.time()):08x}-{uuid.uuid4().hex[:24]}")
    done: asyncio.Future[InvocationResult]

    def finish(self, outcome: InvocationResult) -> None:
        if not self.done.done():
            self.done.set_result(outcome)

    def fail(self, error: Exception) -> None:
        if not self.done.done():
            self.done.set_exception(error)


@dataclass(frozen=True, kw_only=True)
class WorkerEvents:
    """What the pool is told; each gets the worker."""

    ready: Callable[["Worker"], None]
    init_failed: Callable[["Worker", bytes], None]
    gone: Callable[["Worker"], None]


class Worker:
    """Start with `start()`; then `events.ready` says each time that it can take an invocation."""

    def __init__(
        self, spec: FunctionSpec, python_path: list[str], sink: LogSink, events: WorkerEvents
    ) -> None:
        self.spec = spec
        self.invocation: Invocation | None = None
        self.alive = False
        self._killed = False
        self.retired = False
        # Whether it has been ready, or failed to become so: it no longer counts as starting.
        self.served = False
        self._python_path = python_path
        self._events = events
        stream = stream_name(spec.version, uuid.uuid4().hex, datetime.now(UTC))
        self.log = LogStream(spec, stream, sink)
        self._answer: Callable[[Next], None] | None = None
        self._server: asyncio.Server | None = None
        self._connections: list[RuntimeApi] = []
        self._process: subprocess.Popen[bytes] | None = None
        self._lifeline = -1
        self._pipes: dict[int, Callable[[bytes], None]] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._born = 0.0
        self._init_ms = 0.0
        self._began = 0.0
        self._used_mb = 0

    async def start(self, environment: Mapping[str, str], init_timeout: float) -> None:
        """Open the worker's Runtime API and start its process; `init_timeout` is in seconds."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._connection, "127.0.0.1", 0)
        if self._killed:
            self._close()
            return
        port = self._server.sockets[0].getsockname()[1]
        self.alive = True
        self._born = time.perf_counter()
        self._spawn({**environment, "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{port}"})
        self._timer = loop.call_later(init_timeout, self._init_timed_out)

    def _connection(self) -> RuntimeApi:
        self._connections.append(RuntimeApi(self))
        return self._connections[-1]

    def _spawn(self, environment: Mapping[str, str]) -> None:
        parent_read, self._lifeline = os.pipe()
        output_read, output_write = os.pipe()
        frames_read, frames_write = os.pipe()
        child_ends = (parent_read, output_write, frames_write)
        try:
            self._process = subprocess.Popen(
                # Isolated and without site: no PYTHON* variable, no working directory, no site-packages.
                [sys.executable, "-I", "-S", str(_MAIN)],
                cwd=self._python_path[0],
                env={
                    **environment,
                    "TWIN_PYTHON_PATH": os.pathsep.join(self._python_path),
                    "TWIN_PARENT_FD": str(parent_read),
                    "_LAMBDA_TELEMETRY_LOG_FD": str(frames_write),
                },
                stdin=subprocess.DEVNULL,
                stdout=output_write,
                stderr=output_write,
                pass_fds=(parent_read, frames_write),
                start_new_session=True,
            )
        finally:
            for descriptor in child_ends:
                os.close(descriptor)
        self._watch(output_read, self.log.feed_output)
        self._watch(frames_read, self.log.feed_frames)

    def _watch(self, descriptor: int, feed: Callable[[bytes], None]) -> None:
        os.set_blocking(descriptor, False)
        self._pipes[descriptor] = feed
        asyncio.get_running_loop().add_reader(descriptor, self._drain, descriptor)

    def _drain(self, descriptor: int) -> None:
        """Read what is there. A worker writes before it answers, so after its answer nothing is missing."""
        feed = self._pipes.get(descriptor)
        while feed is not None:
            try:
                data = os.read(descriptor, _PIPE_CHUNK)
            except BlockingIOError:
                return
            if not data:
                self._pipe_ended(descriptor)
                return
            feed(data)

    def _pipe_ended(self, descriptor: int) -> None:
        asyncio.get_running_loop().remove_reader(descriptor)
        del self._pipes[descriptor]
        os.close(descriptor)
        if not self._pipes and self.alive:
            self._exited()

    @property
    def pid(self) -> int:
        return self._process.pid if self._process is not None else 0

    @property
    def returning(self) -> bool:
        """Whether it has answered and not yet asked for its next invocation."""
        return self.alive and self.served and self.invocation is None and self._answer is None

    def give(self, invocation: Invocation) -> None:
        """Run an invocation; the worker must be ready."""
        if self._answer is None:
            raise RuntimeError("the worker is not waiting for an invocation")
        answer, self._answer = self._answer, None
        self.invocation = invocation
        self.log.started(invocation.request_id)
        self._began = time.perf_counter()
        self._timer = asyncio.get_running_loop().call_later(self.spec.timeout, self._timed_out)
        answer(
            Next(
                request_id=invocation.request_id,
                payload=invocation.payload,
                function_arn=invocation.arn,
                deadline_ms=int((time.time() + self.spec.timeout) * 1000),
                trace_id=invocation.trace_id,
            )
        )

    # RuntimeListener: what the process says through its Runtime API.

    def on_ready(self, answer: Callable[[Next], None]) -> None:
        self._answer = answer
        if not self._init_ms:
            self._stop_timer()
            self._init_ms = (time.perf_counter() - self._born) * 1000
        self._events.ready(self)

    def on_response(self, request_id: str, payload: bytes) -> None:
        self._complete(request_id, payload, failed=False)

    def on_error(self, request_id: str, payload: bytes) -> None:
        # On Lambda the code is in /var/task; a path of this machine is nobody's business.
        hidden = payload.replace(self._python_path[0].encode(), b"/var/task")
        self._complete(request_id, hidden, failed=True)

    def on_init_error(self, payload: bytes) -> None:
        self._fail_init(payload.replace(self._python_path[0].encode(), b"/var/task"))

    def _fail_init(self, payload: bytes) -> None:
        if self._init_ms:
            return
        self._init_ms = -1.0
        self._stop_timer()
        self._collect()
        self.log.flush()
        self._events.init_failed(self, payload)

    def _complete(self, request_id: str, payload: bytes, *, failed: bool) -> None:
        if self.invocation is None or self.invocation.request_id != request_id:
            return
        self._end_invocation(payload, failed=failed, status="error" if failed else "success")

    def _end_invocation(self, payload: bytes, *, failed: bool, status: str, note: str = "") -> None:
        invocation, self.invocation = self.invocation, None
        if invocation is None:
            return
        self._stop_timer()
        self._collect()
        duration = (time.perf_counter() - self._began) * 1000
        if note:
            self.log.note(note)
        init_ms, self._init_ms = (self._init_ms, -1.0) if self._init_ms > 0 else (0.0, -1.0)
        self._used_mb = self._used_mb or _peak_memory_mb(self.pid)
        self.log.ended(invocation.request_id, status, duration, init_ms, self._used_mb)
        tail = self.log.flush()
        invocation.finish(
            InvocationResult(payload=payload, failed=failed, request_id=invocation.request_id, log_tail=tail)
        )

    def _collect(self) -> None:
        for descriptor in list(self._pipes):
            self._drain(descriptor)
        self.log.end_line()

    def _timed_out(self) -> None:
        if self.invocation is None:
            return
        request_id = self.invocation.request_id
        stamp = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
        note = f"{stamp} {request_id} Task timed out after {self.spec.timeout:.2f} seconds"
        payload = timed_out(request_id, self.spec.timeout)
        # Killed first: nothing of it may run on after the caller has the answer.
        self.kill()
        self._end_invocation(payload, failed=True, status="timeout", note=note)

    def _init_timed_out(self) -> None:
        self._fail_init(timed_out("", time.perf_counter() - self._born))
        self.kill()

    def _exited(self) -> None:
        """The process ended by itself: its pipes are closed."""
        process = self._process
        if process is None:
            return
        code = process.poll()
        if code is None:
            # It closed its output but lives; Lambda would lose its logs, the twin ends it.
            self.kill()
            code = process.wait()
        if self.invocation is not None:
            request_id = self.invocation.request_id
            note = f"RequestId: {request_id} Error: Runtime exited"
            payload = exited(request_id, code)
            self.alive = False
            self._end_invocation(payload, failed=True, status="error", note=note)
        self._fail_init(exited("", code))
        self._close()

    def kill(self) -> None:
        """End the process and everything it started, at once; one that is not started yet never will be."""
        self._killed = True
        if self._process is not None and self._process.poll() is None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        if self.alive:
            self._close()

    def _close(self) -> None:
        self.alive = False
        self._answer = None
        self._stop_timer()
        loop = asyncio.get_running_loop()
        for descriptor in list(self._pipes):
            loop.remove_reader(descriptor)
            os.close(descriptor)
        self._pipes.clear()
        if self._lifeline >= 0:
            os.close(self._lifeline)
            self._lifeline = -1
        if self._server is not None:
            self._server.close()
        for connection in self._connections:
            connection.close()
        self._events.gone(self)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def _peak_memory_mb(pid: int) -> int:
    """The most memory a process had, in MB; 0 where the system has no /proc."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    for line in status.splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) // 1024
    return 0
