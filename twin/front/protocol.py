"""Types shared by the layers in front of the emulator."""

from collections.abc import Awaitable, Callable, MutableMapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Literal

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
ASGIApp = Callable[[Scope, Receive, Send], Awaitable[None]]
Layer = Callable[[ASGIApp], ASGIApp]

ListenerKind = Literal["region", "global", "arc", "page"]


@dataclass(frozen=True, kw_only=True)
class ListenerInfo:
    """Which listener a request arrived at; every request carries it as `scope["twin"]`.

    `region` is the listener's region; on the global endpoint the layer that checks for outages puts in the
    region the request is signed for. On an ARC endpoint it is the region of that endpoint, and
    `arc_endpoint` its number (1 to 5).
    """

    region: str | None
    tls: bool
    kind: ListenerKind
    arc_endpoint: int | None = None


# The listener of the request being served, for code that the emulator calls without a scope.
current_listener: ContextVar[ListenerInfo | None] = ContextVar("twin_listener", default=None)


class ConnectionCutError(Exception):
    """Raised by a layer to abort the client's connection without an answer, as a dead region does."""
