"""One listening socket with its HTTP server: opened, closed with its connections cut, and opened again."""

import asyncio
import contextlib
import socket
import ssl
import struct
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from twin.front.protocol import ASGIApp, ListenerInfo
from twin.net.ports import Address

_BACKLOG = 512
# API Gateway and the AWS endpoints keep idle connections for minutes.
_KEEP_ALIVE_SECONDS = 120


class _Protocol(HttpToolsProtocol):
    """uvicorn's HTTP protocol; requests carry their listener and a way to cut their connection."""

    info: ListenerInfo

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["twin"] = self.info  # type: ignore[typeddict-unknown-key]
        self.scope["twin.cut"] = self.cut  # type: ignore[typeddict-unknown-key]
        # uvicorn keeps names in lower case only; API Gateway hands them on as the client wrote them.
        self._names: list[bytes] = []
        self.scope["twin.header_names"] = self._names  # type: ignore[typeddict-unknown-key]

    def on_header(self, name: bytes, value: bytes) -> None:
        super().on_header(name, value)
        self._names.append(name)

    def cut(self) -> None:
        """Reset the connection: no answer, no orderly end."""
        if self.cycle is not None:
            self.cycle.response_started = self.cycle.response_complete = True
        reset(self.transport)


def reset(transport: asyncio.Transport) -> None:
    """Abort a connection so that the peer sees a reset."""
    try:
        sock = transport.get_extra_info("socket")
    except AttributeError:
        # A TLS transport of asyncio that was closed twice has forgotten its connection: nothing to reset.
        return
    if sock is not None:
        with contextlib.suppress(OSError):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


def bind(address: Address) -> socket.socket:
    """A listening socket. Raises OSError, EADDRINUSE among others."""
    # The protocol is named because asyncio switches Nagle's delay off only for sockets that name it.
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((address.host, address.port))
        sock.listen(_BACKLOG)
        sock.setblocking(False)
    except OSError:
        sock.close()
        raise
    return sock


class Listener:
    """An address, what it is for, and the application behind it."""

    def __init__(self, address: Address, info: ListenerInfo, *, optional: bool = False) -> None:
        """An `optional` listener gives way when another program has its address at a reopening."""
        self.address = address
        self.info = info
        self._optional = optional
        self._tls: ssl.SSLContext | None = None
        self._socket: socket.socket | None = None
        self._server: asyncio.Server | None = None
        self._state = ServerState()
        self._config: uvicorn.Config | None = None

    def bind(self) -> None:
        """Take the address, without serving yet."""
        self._socket = bind(self.address)

    async def serve(self, app: ASGIApp, tls: ssl.SSLContext | None = None) -> None:
        """Start to answer on the bound socket."""
        self._tls = tls
        self._config = uvicorn.Config(
            app,
            http=_Protocol,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            date_header=False,
            proxy_headers=False,
            timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        )
        self._config.load()
        await self._open()

    async def _open(self) -> None:
        if self._socket is None:
            raise RuntimeError("a listener must be bound before it serves")
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            self._protocol, sock=self._socket, ssl=self._tls, backlog=_BACKLOG
        )

    def _protocol(self) -> _Protocol:
        if self._config is None:
            raise RuntimeError("a listener must serve before it accepts")
        protocol = _Protocol(config=self._config, server_state=self._state, app_state={})
        protocol.info = self.info
        return protocol

    async def close(self) -> None:
        """Close the socket and cut every connection; what was being answered is answered no more."""
        if self._server is not None:
            self._server.close()
        elif self._socket is not None:
            self._socket.close()
        self._server = self._socket = None
        connections: set[Any] = set(self._state.connections)
        for connection in connections:
            reset(connection.transport)
        await asyncio.sleep(0)

    async def reopen(self) -> None:
        """Take the address again and serve as before."""
        if self._server is not None:
            return
        try:
            self.bind()
        except OSError:
            if not self._optional:
                raise
        else:
            await self._open()
