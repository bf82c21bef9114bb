"""One signed call of the order API through the name that all regions share."""

import http.client
import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol
from urllib.parse import urlencode

from functions.orders.contract import BASE_PATH, REGION_HEADER

CONNECT_SECONDS: Final = 2.0
UNKNOWN_REGION: Final = "unknown"


@dataclass(frozen=True, kw_only=True)
class ApiAnswer:
    """An answer, and the region that gave it."""

    status: int
    region: str
    body: bytes

    @property
    def document(self) -> Mapping[str, Any]:
        """The JSON object in it; empty where there is none."""
        try:
            value = json.loads(self.body)
        except ValueError:
            return {}
        return value if isinstance(value, dict) else {}

    def __str__(self) -> str:
        why = self.document.get("code") or self.document.get("message") or "no reason given"
        return f"{self.status} from {self.region}: {why}"


class Signs(Protocol):
    def headers(self, method: str, host: str, target: str) -> Mapping[str, str]: ...


class OrdersApi:
    """Each call resolves the name and connects anew: a kept connection would stay with a region that
    is being left.
    """

    def __init__(self, host: str, signer: Signs, *, read_seconds: float) -> None:
        self._host = host
        self._signer = signer
        self._read_seconds = read_seconds
        self._tls = ssl.create_default_context()

    def send(self, method: str, path: str, query: Mapping[str, str]) -> ApiAnswer:
        """The answer, whatever its status; raises OSError or HTTPException when there is none."""
        target = f"/{BASE_PATH}{path}?{urlencode(sorted(query.items()))}"
        connection = http.client.HTTPSConnection(self._host, timeout=CONNECT_SECONDS, context=self._tls)
        try:
            connection.connect()
            connection.sock.settimeout(self._read_seconds)
            # Signed now, not before the connection: a signature is good for a few minutes from its own time.
            connection.request(method, target, headers=dict(self._signer.headers(method, self._host, target)))
            response = connection.getresponse()
            return ApiAnswer(
                status=response.status,
                region=response.headers.get(REGION_HEADER) or UNKNOWN_REGION,
                body=response.read(),
            )
        finally:
            connection.close()
