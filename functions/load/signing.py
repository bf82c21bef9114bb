"""SigV4a signatures: good in every region, as the caller of a shared name cannot know who will answer."""

from collections.abc import Mapping
from typing import Final

from awscrt import auth, http  # type: ignore[import-untyped]

from .settings import Settings

_SERVICE: Final = "execute-api"
_EVERY_REGION: Final = "*"


class Signer:
    """Signs with the function's own role. Made once: the key that it derives costs about 19 ms."""

    def __init__(self, settings: Settings) -> None:
        self._credentials = auth.AwsCredentialsProvider.new_static(
            settings.access_key, settings.secret_key, settings.token
        )

    def headers(self, method: str, host: str, target: str) -> Mapping[str, str]:
        """The headers of a request without a body; `target` is path and query, the query sorted."""
        request = http.HttpRequest(method, target, http.HttpHeaders([("Host", host)]))
        config = auth.AwsSigningConfig(
            algorithm=auth.AwsSigningAlgorithm.V4_ASYMMETRIC,
            signature_type=auth.AwsSignatureType.HTTP_REQUEST_HEADERS,
            credentials_provider=self._credentials,
            region=_EVERY_REGION,
            service=_SERVICE,
        )
        return dict(auth.aws_sign_request(request, config).result().headers)
