"""Calls to DynamoDB within one request's time: which failures are tried again, how often, how long in all."""

from collections.abc import Callable
from threading import Lock
from typing import Any, Final, Literal, TypeVar

from botocore.exceptions import ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as NoConnectionError

from .clients import CALL_SECONDS
from .clock import Clock
from .errors import OrdersError, RefusedError, ThrottledError, UnavailableError

REQUEST_SECONDS: Final = 5.0
"""For all calls of one request; below the function's own timeout, so that the caller gets an answer."""

MAX_RETRIES: Final = 2
FIRST_WAIT_SECONDS: Final = 0.05
LONGEST_WAIT_SECONDS: Final = 0.8

Kind = Literal["throttled", "busy", "failing"]
Answer = TypeVar("Answer")

# Error codes: DynamoDB Developer Guide, "Error handling with DynamoDB", and the API's service model.
_KINDS: Final[dict[str, Kind]] = {
    "ProvisionedThroughputExceededException": "throttled",
    "RequestLimitExceeded": "throttled",
    "Throttling": "throttled",
    "ThrottlingException": "throttled",
    "ProvisionedThroughputExceeded": "throttled",
    "ThrottlingError": "throttled",
    "TransactionConflict": "busy",
    "TransactionConflictException": "busy",
    "TransactionInProgressException": "busy",
    "ReplicatedWriteConflictException": "busy",
    "InternalServerError": "failing",
    "ServiceUnavailable": "failing",
}

# The same sources, and "Common Error Types" of the API reference. IAM, a table's resource policy or the
# credentials say no, or the replica is not there: nothing is wrong with the request, and other regions may
# take it. A code that says that the request is wrong (ValidationException) is a mistake of this program.
_REFUSALS: Final = frozenset(
    {
        "AccessDeniedException",
        "ExpiredTokenException",
        "MissingAuthenticationTokenException",
        "NotAuthorized",
        "OptInRequired",
        "RequestExpired",
        "ResourceNotFoundException",
        "UnrecognizedClientException",
    }
)


class TransientError(OrdersError):
    """A call that may well succeed when it is sent again."""

    def __init__(self, kind: Kind, message: str) -> None:
        super().__init__(message)
        self.kind = kind


def kind_of_code(code: str) -> Kind | None:
    """Why a call with this error code (or cancellation reason) may be sent again; None when it may not."""
    return _KINDS.get(code)


def kind_of(error: Exception) -> Kind | None:
    """Why the failed call may be sent again; None when that would not help."""
    if isinstance(error, TransientError):
        return error.kind
    if isinstance(error, ClientError):
        return kind_of_code(error_code(error)) or ("failing" if _status(error.response) >= 500 else None)
    # No connection, no answer in time, a connection that broke: nothing is known about the call's effect,
    # and every write of ours is conditional, so that sending it again is safe.
    return "failing" if isinstance(error, (NoConnectionError, HTTPClientError)) else None


def is_refused(error: Exception) -> bool:
    """Whether DynamoDB serves this function nothing now, so that sending the call again at once is no use."""
    return isinstance(error, ClientError) and error_code(error) in _REFUSALS


def error_code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


def _status(response: Any) -> int:
    return int(response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))


class Attempts:
    """The calls of one request.

    ``calls`` and ``milliseconds`` say afterwards what it took, waiting between retries included.
    """

    def __init__(self, clock: Clock, seconds: float = REQUEST_SECONDS) -> None:
        self._clock = clock
        self._lock = Lock()
        self._end = clock.monotonic() + seconds
        self.calls = 0
        self.milliseconds = 0.0

    def run(self, call: Callable[[], Answer]) -> Answer:
        """Make the call, twice more at most; raises ThrottledError, UnavailableError, RefusedError,
        or the failure.

        Nothing is sent when there is no time left for an answer.
        """
        started = self._clock.monotonic()
        try:
            return self._run(call)
        finally:
            self.milliseconds += (self._clock.monotonic() - started) * 1000

    def _run(self, call: Callable[[], Answer]) -> Answer:
        last: Exception | None = None
        for retry in range(MAX_RETRIES + 1):
            if retry:
                self._clock.sleep(wait_seconds(retry, self._clock.random()))
            if not self.time_for_a_call():
                break
            self.count_call()
            try:
                return call()
            except Exception as error:
                if is_refused(error):
                    raise _refused() from error
                if kind_of(error) is None:
                    raise
                last = error
        raise _gave_up(last) from last

    def count_call(self) -> None:
        with self._lock:
            self.calls += 1

    def time_for_a_call(self) -> bool:
        """Whether a call that starts now ends in time, even when it takes as long as it may."""
        return self._end - self._clock.monotonic() >= CALL_SECONDS


def wait_seconds(retry: int, chance: float) -> float:
    """Before the n-th retry (1, 2, ...): doubling, and spread so that two who collided part."""
    return min(float(FIRST_WAIT_SECONDS * 2 ** (retry - 1)) * (0.5 + chance), LONGEST_WAIT_SECONDS)


def _refused() -> RefusedError:
    return RefusedError(
        "unavailable",
        "The region's database does not serve this API now. Send the same request again later, or to another "
        "region.",
    )


def _gave_up(last: Exception | None) -> ThrottledError | UnavailableError:
    kind = kind_of(last) if last is not None else "failing"
    if kind == "throttled":
        return ThrottledError(
            "throttled", "The database takes no more requests now. Send the same request again."
        )
    if kind == "busy":
        return UnavailableError(
            "busy",
            "Another request is changing the same customer, product or order. Send the same request again.",
        )
    return UnavailableError(
        "unavailable", "The database did not answer in time. Send the same request again."
    )
