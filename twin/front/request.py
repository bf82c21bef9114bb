"""A request as the layers see it: read once by the outermost layer, whole, with its body."""

from dataclasses import dataclass, field

from twin.front.protocol import ListenerInfo, Message, Receive, Scope, Send
from twin.front.signature import Claim, claim_of

# API Gateway's own limit of 10 MB is far below it; S3 uploads of layer archives have to fit.
MAX_BODY = 256 * 1024 * 1024


class BodyTooLargeError(Exception):
    """A body beyond what the twin takes in memory."""


class ClientGoneError(Exception):
    """The client closed the connection before its request was whole."""


@dataclass(kw_only=True)
class Request:
    """One HTTP request.

    `headers` has lower-case names; repeated ones are joined by a comma. `service` and `operation` are
    botocore's names (`dynamodb`, `PutItem`), filled in by the layer that identifies the operation; for calls
    of a deployed API `service` is `execute-api` and `operation` `Invoke`.
    """

    method: str
    path: str
    raw_path: str
    query_string: str
    headers: dict[str, str]
    body: bytes
    claim: Claim | None
    service: str | None = None
    operation: str | None = None
    protocol: str = field(default="json")


def request_of(scope: Scope) -> Request:
    """The request that the outermost layer read."""
    found = scope["twin.request"]
    if not isinstance(found, Request):
        raise TypeError("no request in this scope: the layer that reads it is missing")
    return found


def listener_of(scope: Scope) -> ListenerInfo:
    """The listener a request arrived at."""
    found = scope["twin"]
    if not isinstance(found, ListenerInfo):
        raise TypeError("no listener in this scope")
    return found


async def read_request(scope: Scope, receive: Receive) -> Request:
    """Read a whole request. Raises ClientGoneError or BodyTooLargeError."""
    headers: dict[str, str] = {}
    for name, value in scope["headers"]:
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        headers[key] = f"{headers[key]},{text}" if key in headers else text
    query_string = scope.get("query_string", b"").decode("latin-1")
    raw_path = (scope.get("raw_path") or scope["path"].encode()).decode("latin-1")
    return Request(
        method=scope["method"],
        path=scope["path"],
        raw_path=raw_path,
        query_string=query_string,
        headers=headers,
        body=await _read_body(receive),
        claim=claim_of(headers, query_string),
    )


async def _read_body(receive: Receive) -> bytes:
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGoneError
        chunks.append(message.get("body", b""))
        size += len(chunks[-1])
        if size > MAX_BODY:
            raise BodyTooLargeError
        if not message.get("more_body", False):
            return b"".join(chunks)


def replay(body: bytes, receive: Receive) -> Receive:
    """A `receive` that gives a body that was read already, then what the connection gives."""
    given = False

    async def replayed() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replayed


async def answer(send: Send, status: int, headers: dict[str, str], body: bytes) -> None:
    """Send a whole response; a content length is added."""
    names = {name.lower() for name in headers}
    raw = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    if "content-length" not in names:
        raw.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": raw})
    await send({"type": "http.response.body", "body": body})
