"""Requests to an ASGI application in the test's own process, without sockets."""

from collections.abc import Mapping
from dataclasses import dataclass

from twin.front.protocol import ASGIApp, ListenerInfo, Message
from twin.front.request import Request
from twin.front.signature import claim_of

US_EAST_1 = ListenerInfo(region="us-east-1", tls=False, kind="region")


@dataclass(frozen=True, kw_only=True)
class Response:
    """What the application answered; `cut` when the connection was aborted instead."""

    status: int
    headers: dict[str, str]
    body: bytes
    cut: bool = False


def request(
    method: str = "POST",
    path: str = "/",
    *,
    query: str = "",
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
) -> Request:
    """A request as the outermost layer reads it."""
    lower = {name.lower(): value for name, value in (headers or {}).items()}
    return Request(
        method=method,
        path=path,
        raw_path=path,
        query_string=query,
        headers=lower,
        body=body,
        claim=claim_of(lower, query),
    )


def signed(service: str, region: str = "us-east-1", key: str = "AKIAEXAMPLE") -> dict[str, str]:
    """An Authorization header with a credential scope (its signature is worth nothing)."""
    scope = f"{key}/20260101/{region}/{service}/aws4_request"
    return {"authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=00"}


async def call(app: ASGIApp, asked: Request, listener: ListenerInfo = US_EAST_1) -> Response:
    """Send a request, give back the answer."""
    messages: list[Message] = []
    cuts: list[bool] = []
    given = False

    async def receive() -> Message:
        nonlocal given
        if given:
            return {"type": "http.disconnect"}
        given = True
        return {"type": "http.request", "body": asked.body, "more_body": False}

    async def send(message: Message) -> None:
        messages.append(message)

    scope = {
        "type": "http",
        "method": asked.method,
        "path": asked.path,
        "raw_path": asked.raw_path.encode(),
        "query_string": asked.query_string.encode(),
        "headers": [(k.encode(), v.encode()) for k, v in asked.headers.items()],
        "scheme": "http",
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 2),
        "http_version": "1.1",
        "twin": listener,
        "twin.request": asked,
        "twin.cut": lambda: cuts.append(True),
    }
    await app(scope, receive, send)
    if cuts:
        return Response(status=0, headers={}, body=b"", cut=True)
    start = next(m for m in messages if m["type"] == "http.response.start")
    body = b"".join(m.get("body", b"") for m in messages if m["type"] == "http.response.body")
    headers = {k.decode().lower(): v.decode() for k, v in start["headers"]}
    return Response(status=start["status"], headers=headers, body=body)
