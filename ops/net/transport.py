"""HTTPS to an address that we chose ourselves: who resolves a name, and when, is what a failover is about."""

import http.client
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass

HTTPS_PORT = 443


@dataclass(frozen=True, kw_only=True)
class Timeouts:
    """Seconds to wait for a connection, and for an answer on it."""

    connect: float = 2.0
    read: float = 8.0


@dataclass(frozen=True, kw_only=True)
class Address:
    """Where a connection goes, whatever its name resolves to."""

    host: str
    port: int = HTTPS_PORT


@dataclass(frozen=True, kw_only=True)
class HttpAnswer:
    """An HTTP answer; header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Connection:
    """One TLS connection to `address`, for the name `host`: certificate and Host header are the name's.

    Raises OSError (ssl.SSLError and TimeoutError are such) or http.client.HTTPException on failure.
    """

    def __init__(self, host: str, address: Address, context: ssl.SSLContext, timeouts: Timeouts) -> None:
        self._host = host
        self._address = address
        self._context = context
        self._timeouts = timeouts
        self._http: http.client.HTTPSConnection | None = None

    def send(self, method: str, target: str, headers: Mapping[str, str], body: bytes = b"") -> HttpAnswer:
        """Send one request and read its whole answer; connects first where needed."""
        connection = self._http or self._connect()
        connection.request(method, target, body=body or None, headers=dict(headers))
        response = connection.getresponse()
        answer = HttpAnswer(
            status=response.status,
            headers={name.lower(): value for name, value in response.getheaders()},
            body=response.read(),
        )
        if response.will_close:
            self.close()
        return answer

    def close(self) -> None:
        if self._http is not None:
            self._http.close()
            self._http = None

    def _connect(self) -> http.client.HTTPSConnection:
        plain = socket.create_connection((self._address.host, self._address.port), self._timeouts.connect)
        try:
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            secure = self._context.wrap_socket(plain, server_hostname=self._host)
        except BaseException:
            plain.close()
            raise
        secure.settimeout(self._timeouts.read)
        connection = http.client.HTTPSConnection(self._host, context=self._context)
        connection.sock = secure
        self._http = connection
        return connection
