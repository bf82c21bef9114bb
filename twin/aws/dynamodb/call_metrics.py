"""What DynamoDB writes of each request: latency, its own errors, the capacity that was used."""

import json
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from twin.aws.cloudwatch import service_metrics
from twin.aws.dynamodb import store
from twin.aws.dynamodb.capacity import consumed
from twin.front.item_operations import ITEM_OPERATIONS
from twin.front.protocol import ASGIApp, Layer, Message, Receive, Scope, Send
from twin.front.request import listener_of, request_of

_NAMESPACE = "AWS/DynamoDB"
Clock = Callable[[], float]


def measuring(account_id: str, clock: Clock = time.perf_counter) -> Layer:
    """A layer that sees what clients get, the faults that somebody switched on too."""

    def make(app: ASGIApp) -> ASGIApp:
        async def layer(scope: Scope, receive: Receive, send: Send) -> None:
            request = request_of(scope)
            operation = request.operation or ""
            if request.service != "dynamodb" or operation not in ITEM_OPERATIONS:
                await app(scope, receive, send)
                return
            status = size = 0

            async def noting(message: Message) -> None:
                nonlocal status, size
                status = message.get("status", status)
                size += len(message.get("body", b""))
                await send(message)

            began = clock()
            await app(scope, receive, noting)
            milliseconds = (clock() - began) * 1000
            region = listener_of(scope).region
            if region is not None and (status == 200 or status >= 500):
                # A fault strikes requests that make no sense as well: those are of no table.
                with store.acting_in(account_id, region), suppress(KeyError, TypeError, AttributeError):
                    record(operation, json.loads(request.body), status, milliseconds, size)

        return layer

    return make


def record(
    operation: str, document: Mapping[str, Any], status: int, milliseconds: float, answer_bytes: int
) -> None:
    """The metrics of one request, in the region of the current scope."""
    for table, units in consumed(operation, document, answer_bytes).items():
        of_operation = {"TableName": table, "Operation": operation}
        if status != 200:
            service_metrics.record(_NAMESPACE, "SystemErrors", 1, "Count", of_operation)
            continue
        service_metrics.record(
            _NAMESPACE, "SuccessfulRequestLatency", milliseconds, "Milliseconds", of_operation
        )
        for name, value in (("Read", units.reads), ("Write", units.writes)):
            if value:
                metric = f"Consumed{name}CapacityUnits"
                service_metrics.record(_NAMESPACE, metric, value, "Count", {"TableName": table})
