"""What DynamoDB writes of each request: AWS/DynamoDB SuccessfulRequestLatency and SystemErrors."""

import json
import re
import time
from collections.abc import Callable, Iterable

from twin.emulator import cloudwatch
from twin.emulator.dynamodb import store
from twin.front.protocol import ASGIApp, Layer, Message, Receive, Scope, Send
from twin.front.request import listener_of, request_of

# DynamoDB Developer Guide, "DynamoDB metrics and dimensions", Operation.
MEASURED = frozenset(
    {
        *(
            "PutItem",
            "DeleteItem",
            "UpdateItem",
            "GetItem",
            "BatchGetItem",
            "Scan",
            "Query",
            "BatchWriteItem",
        ),
        *("TransactWriteItems", "TransactGetItems"),
    }
)
_TABLE = re.compile(rb'"TableName"\s*:\s*"([^"]+)"')
Clock = Callable[[], float]


def measuring(account_id: str, clock: Clock = time.perf_counter) -> Layer:
    """A layer that sees what clients get, the faults that somebody switched on too."""

    def make(app: ASGIApp) -> ASGIApp:
        async def layer(scope: Scope, receive: Receive, send: Send) -> None:
            request = request_of(scope)
            if request.service != "dynamodb" or request.operation not in MEASURED:
                await app(scope, receive, send)
                return
            status = 0

            async def noting(message: Message) -> None:
                nonlocal status
                status = message.get("status", status)
                await send(message)

            began = clock()
            await app(scope, receive, noting)
            region = listener_of(scope).region
            if region is not None:
                with store.acting_in(account_id, region):
                    _record(status, (clock() - began) * 1000, request.operation, request.body)

        return layer

    return make


def _record(status: int, milliseconds: float, operation: str, body: bytes) -> None:
    if status == 200:
        name, value, unit = "SuccessfulRequestLatency", milliseconds, "Milliseconds"
    elif status >= 500:
        name, value, unit = "SystemErrors", 1.0, "Count"
    else:
        return
    for table in tables_of(operation, body):
        dimensions = {"TableName": table, "Operation": operation}
        cloudwatch.record("AWS/DynamoDB", name, value, unit, dimensions)


def tables_of(operation: str, body: bytes) -> set[str]:
    """The names of the tables that a request names, each once; a table may be named by its ARN."""
    named: Iterable[str]
    if operation.startswith("Batch"):
        named = json.loads(body).get("RequestItems") or {}
    else:
        named = (found.decode() for found in _TABLE.findall(body))
    return {name.rpartition("/")[2] for name in named}
