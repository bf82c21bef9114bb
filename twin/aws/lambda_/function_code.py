"""GetFunction's address of a function's code; the emulator's own leads to a port that is not the twin's."""

import secrets
import time
from collections.abc import Callable

import ministack.services.lambda_svc as emulated
from ministack.core import responses

from twin.aws.hooks import HookedName, declare, replace
from twin.core import Core
from twin.front.function_code import PATH_PREFIX
from twin.net.ports import Ports

_MODULE = "ministack.services.lambda_svc"
# "a presigned URL that's valid for 10 minutes" (Lambda API reference, GetFunction, Code.Location)
_GOOD_SECONDS = 600.0

declare(
    HookedName(module=_MODULE, attribute="serve_function_code", signature="(func_name, account_id, region)"),
    HookedName(module="ministack.core.responses", attribute="get_account_id", signature="()"),
    HookedName(module="ministack.core.responses", attribute="get_region", signature="()"),
)


class CodeAddresses:
    """Addresses that were given out, by the secret in their path."""

    def __init__(self, ports: Ports, clock: Callable[[], float] = time.monotonic) -> None:
        self._ports = ports
        self._clock = clock
        self._given: dict[str, tuple[float, str, str, str]] = {}

    def make(self, function: str) -> str:
        """An address of a function of the current request's account and region."""
        now = self._clock()
        self._given = {token: place for token, place in self._given.items() if place[0] > now}
        token = secrets.token_urlsafe(24)
        account, region = responses.get_account_id(), responses.get_region()
        self._given[token] = (now + _GOOD_SECONDS, function, account, region)
        return f"http://{self._ports.region_http(region)}{PATH_PREFIX}{token}"

    def code(self, token: str) -> bytes | None:
        """The archive behind an address; None when it is unknown or too old, or the function is gone."""
        until, function, account, region = self._given.get(token, (0.0, "", "", ""))
        if until <= self._clock():
            return None
        status, _, body = emulated.serve_function_code(function, account, region)
        return bytes(body) if status == 200 else None


def install(core: Core) -> None:
    """Hook the address, and answer it."""
    addresses = CodeAddresses(core.ports)
    replace(
        HookedName(module=_MODULE, attribute="_presigned_code_url", signature="(func_name)"),
        lambda _: addresses.make,
    )
    core.function_code = addresses.code
