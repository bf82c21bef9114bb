"""Signed calls of the order API, one at a time: to one region's own URL, or through the shared name."""

import http.client
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any
from urllib.parse import quote

from functions.orders.contract import REGION_HEADER
from ops.client.api import OrderCall, Site, document
from ops.deployed.deployment import Deployment, Stack
from ops.deployed.target import Target
from ops.errors import CallError
from ops.net.signing import Keys, Signer
from ops.net.transport import Connection, HttpAnswer, Timeouts

ANSWERED_BY = "answeredBy"
# A first call may start a function.
PATIENT = Timeouts(connect=5.0, read=30.0)


class Signature(StrEnum):
    """How a call is signed; the wrong ones must be refused."""

    GOOD = "good"
    FORGED = "forged"
    NONE = "none"


class OrdersApi:
    """The API under one URL. `headers` makes the signature headers of a request."""

    def __init__(
        self, target: Target, url: str, headers: Callable[[Signer, str, str, str], Mapping[str, str]]
    ) -> None:
        self._target = target
        self._site = Site.of(url)
        self._headers = headers
        self._context = target.tls()
        keys = target.keys
        self._signer = Signer(keys)
        self._forger = Signer(lambda: _forged(keys()))

    def send(self, call: OrderCall, *, signature: Signature = Signature.GOOD) -> HttpAnswer:
        """The answer, whatever its status; CallError when there is none."""
        host, target = self._site.host, call.target(self._site)
        headers: Mapping[str, str] = {}
        if signature is not Signature.NONE:
            signer = self._forger if signature is Signature.FORGED else self._signer
            headers = self._headers(signer, call.method, host, target)
        try:
            connection = Connection(host, self._target.resolve(host), self._context, PATIENT)
            try:
                return connection.send(call.method, target, headers)
            finally:
                connection.close()
        except (OSError, http.client.HTTPException) as error:
            raise CallError(
                f"{call.method} https://{host}{call.path}: {str(error) or type(error).__name__}"
            ) from error

    def expect(self, call: OrderCall, *good: int) -> Mapping[str, Any]:
        """The JSON answer to a call; CallError in the API's own words when its status is none of `good`."""
        answer = self.send(call)
        body = document(answer.body)
        if answer.status in good:
            return {**body, ANSWERED_BY: answer.headers.get(REGION_HEADER.lower(), "")}
        said = body.get("detail") or body.get("message") or "no reason given"
        raise CallError(f"{call.method} {call.path} was answered {answer.status}: {said}")


def regional(target: Target, stack: Stack) -> OrdersApi:
    """A region's own URL, signed for that region."""
    region = stack.region
    return OrdersApi(
        target,
        stack.api_url,
        lambda signer, method, host, path: signer.for_region(region, method, host, path, b""),
    )


def shared(target: Target, deployment: Deployment) -> OrdersApi:
    """The name that all regions share, signed for all of them."""
    return OrdersApi(
        target,
        deployment.domain_url,
        lambda signer, method, host, path: signer.for_all_regions(method, host, path, b""),
    )


def _forged(keys: Keys) -> Keys:
    """The same access key with a secret that is not its own."""
    return Keys(access_key=keys.access_key, secret_key=quote(keys.secret_key[::-1]), token=keys.token)
