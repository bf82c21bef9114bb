"""What Lambda answers a caller of Invoke when the function's process, not its code, failed."""

import json
import signal


def timed_out(request_id: str, seconds: float) -> bytes:
    return _error("Sandbox.Timedout", request_id, f"Task timed out after {seconds:.2f} seconds")


def exited(request_id: str, code: int) -> bytes:
    """`code` as subprocess gives it: negative for a signal."""
    how = f"signal: {signal.Signals(-code).name}" if code < 0 else f"exit status {code}"
    kind = "Runtime.ExitError"
    if code == 0:
        return _error(kind, request_id, "Runtime exited without providing a reason")
    return _error(kind, request_id, f"Runtime exited with error: {how}")


def unavailable(message: str) -> bytes:
    """The twin itself cannot run the function."""
    return json.dumps({"errorType": "Runtime.Unavailable", "errorMessage": message}).encode()


def _error(kind: str, request_id: str, message: str) -> bytes:
    text = f"RequestId: {request_id} Error: {message}" if request_id else message
    return json.dumps({"errorType": kind, "errorMessage": text}).encode()
