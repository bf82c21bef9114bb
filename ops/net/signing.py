"""Signatures for the order API: SigV4 for one region's URL, SigV4a for the name that all regions share.

A SigV4a key is derived from the credentials once, which costs about 19 ms; a signer that keeps its
credentials
object signs in 0.2 ms. So one Signer is made and used for every request, by all threads.
"""

import io
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

# awscrt is imported where a request is signed: commands that sign nothing start without it.
if TYPE_CHECKING:
    from awscrt import auth  # type: ignore[import-untyped]

SERVICE = "execute-api"
# A SigV4a signature is good in every region of its region set.
ALL_REGIONS = "*"


@dataclass(frozen=True, kw_only=True)
class Keys:
    """Credentials of one moment; temporary ones carry a session token."""

    access_key: str
    secret_key: str
    token: str | None = None


class Signer:
    """Signs requests with whatever credentials `keys` gives at that moment; they are kept
    until they change.
    """

    def __init__(self, keys: Callable[[], Keys]) -> None:
        self._keys = keys
        self._lock = threading.Lock()
        self._held: tuple[Keys, auth.AwsCredentialsProvider] | None = None

    def for_region(self, region: str, method: str, host: str, target: str, body: bytes) -> Mapping[str, str]:
        """The headers of a SigV4-signed request; `target` is path and query."""
        return self._sign("V4", region, method, host, target, body)

    def for_all_regions(self, method: str, host: str, target: str, body: bytes) -> Mapping[str, str]:
        """The headers of a SigV4a-signed request that any region accepts."""
        return self._sign("V4_ASYMMETRIC", ALL_REGIONS, method, host, target, body)

    def _provider(self) -> "auth.AwsCredentialsProvider":
        from awscrt import auth

        keys = self._keys()
        with self._lock:
            if self._held is None or self._held[0] != keys:
                made = auth.AwsCredentialsProvider.new_static(keys.access_key, keys.secret_key, keys.token)
                self._held = (keys, made)
            return self._held[1]

    def _sign(
        self,
        algorithm: str,
        region: str,
        method: str,
        host: str,
        target: str,
        body: bytes,
    ) -> Mapping[str, str]:
        from awscrt import auth, http

        request = http.HttpRequest(
            method, target, http.HttpHeaders([("Host", host)]), io.BytesIO(body) if body else None
        )
        config = auth.AwsSigningConfig(
            algorithm=auth.AwsSigningAlgorithm[algorithm],
            signature_type=auth.AwsSignatureType.HTTP_REQUEST_HEADERS,
            credentials_provider=self._provider(),
            region=region,
            service=SERVICE,
        )
        signed = auth.aws_sign_request(request, config).result()
        return dict(signed.headers)
