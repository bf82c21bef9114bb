"""From Lambda's call to an answer: the same for every function.

A function is a set of routes, ``(request, record, context) -> response``. This module reads the event, turns
errors into problem bodies, adds what every answer carries, and writes the request's one log line.
"""

import logging
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from . import response
from .clock import Clock, timestamp
from .errors import NotFoundError, RefusalError
from .records import Record, Recorder
from .request import Request, from_event
from .response import Response

Handler = Callable[[Any, Any], dict[str, Any]]
Route = Callable[[Request, Record, Any], Response]

_IN_LAMBDA: Final = "AWS_LAMBDA_RUNTIME_API"


@dataclass(frozen=True, kw_only=True)
class Function:
    """One Lambda function. ``routes`` maps "METHOD /path" to what answers it."""

    region: str
    routes: dict[str, Route]
    recorder: Recorder
    clock: Clock

    def handle(self, event: Any, context: Any) -> dict[str, Any]:
        """Answer a proxy event; never raises."""
        started = self.clock.monotonic()
        request_id = getattr(context, "aws_request_id", None)
        record = Record(
            fields={"level": "INFO", "timestamp": timestamp(self.clock.now()), "requestId": request_id}
        )
        answer = self._answer(event, context, record, request_id)
        record.fields["status"] = answer.status
        record.fields["ms"] = round((self.clock.monotonic() - started) * 1000, 2)
        self.recorder.write(record)
        return answer.to_proxy(self.region)

    def _answer(self, event: Any, context: Any, record: Record, request_id: str | None) -> Response:
        try:
            return self._route(event, context, record)
        except RefusalError as error:
            record.fields["code"] = error.code
            if error.status >= 500 or error.__cause__ is not None:
                record.fields["level"] = error.log_level
                record.fail(error)
            return response.refusal(error, request_id)
        except Exception as error:  # noqa: BLE001 the last resort: callers get a problem body, never a trace
            record.fields["level"] = "ERROR"
            record.fail(error)
            return response.unexpected(request_id)

    def _route(self, event: Any, context: Any, record: Record) -> Response:
        request = from_event(event)
        record.fields["apiRequestId"] = request.gateway_request_id
        route = f"{request.method} {request.path}"
        if route not in self.routes:
            raise NotFoundError("no-such-route", "This function does not serve this method and path.")
        record.fields["route"] = route
        return self.routes[route](request, record, context)


def entry_point(build: Callable[[], Handler]) -> Handler:
    """The handler that Lambda calls; ``build`` reads the environment and makes the client, once.

    In Lambda that is at import, in the phase before the first request. Elsewhere it waits for the first call:
    whoever imports a handler need not have its environment.
    """
    # The SDK reports its credentials and endpoint at INFO on a cold start; the log is one line a request.
    logging.getLogger("botocore").setLevel(logging.WARNING)
    built: list[Handler] = [build()] if os.environ.get(_IN_LAMBDA) else []

    def handler(event: Any, context: Any) -> dict[str, Any]:
        if not built:
            built.append(build())
        return built[0](event, context)

    return handler
