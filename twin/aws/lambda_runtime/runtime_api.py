"""The Lambda Runtime API (version 2018-06-01) of one worker, over one loopback port of its own.

A port a worker tells the workers apart without a word in the protocol. The runtime client
keeps its connection.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

_PREFIX = "/2018-06-01/runtime/"
_MAX_HEAD = 64 * 1024
# Larger than the 6 MB that Lambda allows a response, see "Lambda quotas" in AWS's documentation.
_MAX_BODY = 32 * 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class Next:
    """One invocation as the runtime client gets it. ``deadline_ms`` is in milliseconds since the epoch."""

    request_id: str
    payload: bytes
    function_arn: str
    deadline_ms: int
    trace_id: str


class RuntimeListener(Protocol):
    """What a worker says through the Runtime API."""

    def on_ready(self, answer: Callable[[Next], None]) -> None: ...

    def on_response(self, request_id: str, payload: bytes) -> None: ...

    def on_error(self, request_id: str, payload: bytes) -> None: ...

    def on_init_error(self, payload: bytes) -> None: ...


class RuntimeApi(asyncio.Protocol):
    """HTTP/1.1 as far as the runtime client speaks it: one request at a time, bodies with a length."""

    def __init__(self, listener: RuntimeListener) -> None:
        self._listener = listener
        self._buffer = bytearray()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]  # a stream server makes asyncio.Transport only

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (request := self._take_request()) is not None:
            self._route(*request)

    def _take_request(self) -> tuple[str, str, bytes] | None:
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            if len(self._buffer) > _MAX_HEAD:
                self.close()
            return None
        lines = self._buffer[:end].decode("latin-1").split("\r\n")
        length = _content_length(lines[1:])
        if length > _MAX_BODY:
            self.close()
            return None
        if len(self._buffer) < end + 4 + length:
            return None
        body = bytes(self._buffer[end + 4 : end + 4 + length])
        del self._buffer[: end + 4 + length]
        method, path, *_ = lines[0].split(" ")
        return method, path, body

    def _route(self, method: str, path: str, body: bytes) -> None:
        words = path.removeprefix(_PREFIX).split("/")
        match method, words:
            case "GET", ["invocation", "next"]:
                self._listener.on_ready(self._send_next)
                return
            case "POST", ["invocation", request_id, "response"]:
                self._listener.on_response(request_id, body)
            case "POST", ["invocation", request_id, "error"]:
                self._listener.on_error(request_id, body)
            case "POST", ["init", "error"]:
                self._listener.on_init_error(body)
            case _:
                self._send("404 Not Found", {}, b"")
                return
        self._send("202 Accepted", {}, b'{"status":"OK"}')

    def _send_next(self, invocation: Next) -> None:
        headers = {
            "Lambda-Runtime-Aws-Request-Id": invocation.request_id,
            "Lambda-Runtime-Deadline-Ms": str(invocation.deadline_ms),
            "Lambda-Runtime-Invoked-Function-Arn": invocation.function_arn,
            "Lambda-Runtime-Trace-Id": invocation.trace_id,
        }
        self._send("200 OK", headers, invocation.payload)

    def _send(self, status: str, headers: dict[str, str], body: bytes) -> None:
        lines = [f"HTTP/1.1 {status}", "Content-Type: application/json", f"Content-Length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body)

    def close(self) -> None:
        """Close the connection, if there is one."""
        if self._transport is not None:
            self._transport.close()


def _content_length(lines: list[str]) -> int:
    for line in lines:
        name, _, value = line.partition(":")
        if name.lower() == "content-length":
            return int(value)
    return 0
