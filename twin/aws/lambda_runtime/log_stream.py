"""What one worker writes, as the events of its log stream: the function's lines and Lambda's own."""

import json
import re
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from twin.aws.lambda_runtime.function_spec import FunctionSpec
from twin.aws.lambda_runtime.worker_main import STAMP_MARK

# (time in milliseconds since the epoch, message), handed over once an invocation.
LogEvents = list[tuple[int, str]]
LogSink = Callable[[FunctionSpec, str, LogEvents], None]

_LEVELS = {name: rank for rank, name in enumerate(("TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"))}
_TAIL_BYTES = 4096  # Invoke with LogType=Tail, AWS API reference
_STAMP = re.compile(rf"{STAMP_MARK}(\d+){STAMP_MARK}".encode())


def _now() -> int:
    """In microseconds since the epoch, as the runtime client's records have it."""
    return time.time_ns() // 1000


class LogStream:
    """Collects events and hands them over in one go, so that an invocation costs one write.

    They come through two pipes, and are handed over in the order of the times that their writer gave them.
    """

    def __init__(self, spec: FunctionSpec, name: str, sink: LogSink) -> None:
        self.name = name
        self._spec = spec
        self._sink = sink
        # Microseconds, so that lines of one millisecond keep their order.
        self._events: list[tuple[int, str]] = []
        self._partial = b""
        self._frames = b""
        self._json = spec.logs.format == "JSON"
        self._threshold = _LEVELS.get(spec.logs.application_level.upper(), 0) if self._json else 0
        system_level = spec.logs.system_level.upper() or "INFO"
        self._platform_quiet = self._json and _LEVELS.get(system_level, 0) > _LEVELS["INFO"]

    def feed_output(self, data: bytes) -> None:
        """Standard output and error: an event a line. What no Python stream wrote has the time of reading."""
        *lines, self._partial = (self._partial + data).split(b"\n")
        for line in lines:
            stamp, text = _STAMP.search(line), _STAMP.sub(b"", line)
            if text.strip():
                self._application(text.decode("utf-8", "replace"), int(stamp[1]) if stamp else _now())

    def end_line(self) -> None:
        """Nothing more comes: what has no end of line yet is a line."""
        if self._partial.strip():
            self.feed_output(b"\n")

    def feed_frames(self, data: bytes) -> None:
        """The runtime client's framed log records: type 4 bytes, length 4, microseconds 8, message."""
        self._frames += data
        while len(self._frames) >= 16:
            length = int.from_bytes(self._frames[4:8], "big")
            if len(self._frames) < 16 + length:
                return
            at = int.from_bytes(self._frames[8:16], "big")
            message = self._frames[16 : 16 + length].decode("utf-8", "replace")
            self._frames = self._frames[16 + length :]
            self._application(message.rstrip("\n"), at)

    def _application(self, message: str, at: int) -> None:
        if self._threshold and _level_of(message) < self._threshold:
            return
        self._events.append((at, message))

    def started(self, request_id: str) -> None:
        if self._json:
            self._platform("platform.start", {"requestId": request_id, "version": self._spec.version})
        else:
            self._line(f"START RequestId: {request_id} Version: {self._spec.version}")

    def ended(self, request_id: str, status: str, duration_ms: float, init_ms: float, used_mb: int) -> None:
        """END and REPORT (or platform.report); durations in milliseconds, ``init_ms`` 0 on a warm worker."""
        billed = int(duration_ms + init_ms) + 1
        if self._json:
            metrics: dict[str, float] = {
                "durationMs": round(duration_ms, 3),
                "billedDurationMs": billed,
                "memorySizeMB": self._spec.memory,
                "maxMemoryUsedMB": used_mb,
            }
            if init_ms:
                metrics["initDurationMs"] = round(init_ms, 3)
            record = {"requestId": request_id, "metrics": metrics, "status": status}
            self._platform("platform.report", record)
            return
        report = (
            f"REPORT RequestId: {request_id}\tDuration: {duration_ms:.2f} ms\tBilled Duration: {billed} ms\t"
            f"Memory Size: {self._spec.memory} MB\tMax Memory Used: {used_mb} MB\t"
        )
        report += f"Init Duration: {init_ms:.2f} ms\t" if init_ms else ""
        report += f"Status: {status}" if status != "success" else ""
        self._line(f"END RequestId: {request_id}")
        self._line(report.rstrip("\t"))

    def note(self, message: str) -> None:
        """A line of the platform's own, such as "Task timed out"."""
        self._line(message)

    def _platform(self, kind: str, record: Mapping[str, object]) -> None:
        if self._platform_quiet:
            return
        stamp = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
        self._line(json.dumps({"time": stamp, "type": kind, "record": record}, separators=(",", ":")))

    def _line(self, message: str) -> None:
        self._events.append((_now(), message))

    def flush(self) -> str:
        """Hand the collected events over; returns their last 4 KB as Invoke's log tail."""
        events, self._events = self._events, []
        if not events:
            return ""
        events.sort(key=lambda event: event[0])
        self._sink(self._spec, self.name, [(at // 1000, message) for at, message in events])
        return "\n".join(message for _, message in events)[-_TAIL_BYTES:]


def _level_of(message: str) -> int:
    """Lambda filters by the JSON key "level"; output without one counts as INFO (Lambda guide)."""
    level = "INFO"
    if message.startswith("{"):
        try:
            level = str(json.loads(message).get("level", "INFO")).upper()
        except (ValueError, AttributeError):
            level = "INFO"
    level = {"WARNING": "WARN", "CRITICAL": "FATAL"}.get(level, level)
    return _LEVELS.get(level, _LEVELS["INFO"])


def stream_name(version: str, unique: str, at: datetime) -> str:
    """AWS's form: 2026/11/24/[$LATEST]0123456789abcdef0123456789abcdef."""
    return f"{at:%Y/%m/%d}/[{version}]{unique}"
