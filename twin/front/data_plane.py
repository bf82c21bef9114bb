"""Calls of deployed APIs: told from calls of AWS's own APIs, and brought into the emulator's form."""

import ipaddress
import re
from collections.abc import Callable

from twin.front.protocol import ASGIApp, Receive, Scope, Send
from twin.front.request import Request, answer, listener_of, request_of

# The path-style form of an API's URL, for clients that cannot set a host name.
PATH_PREFIX = "/_api/"
_API_HOST = re.compile(r"^(?P<api>[a-z0-9]+)\.execute-api\.(?P<region>[a-z0-9-]+)\.amazonaws\.com$")
_DOMAIN_HOST = re.compile(r"^d-[a-z0-9]+\.execute-api\.")


def host_name(request: Request) -> str:
    """The Host header without its port, in lower case."""
    return request.headers.get("host", "").rpartition("@")[2].partition(":")[0].lower()


def is_data_plane(request: Request, domain_of: Callable[[str], bool]) -> bool:
    """Whether a request calls a deployed API: by path, by an API's own host name, or by a custom domain."""
    if request.path.startswith(PATH_PREFIX):
        return True
    host = host_name(request)
    return bool(_API_HOST.match(host)) or (not _is_address(host) and domain_of(host))


def is_in_zone(zone: str) -> Callable[[str], bool]:
    """A test for host names in a hosted zone."""
    return lambda host: host == zone or host.endswith("." + zone)


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def data_plane_layer(app: ASGIApp) -> ASGIApp:
    """Rewrite `/_api/{id}/{stage}/...` and `{id}.execute-api.{region}.amazonaws.com` to the emulator's path.

    Only `scope["path"]` changes: `raw_path` stays what the client signed. An API's host name of another
    region than the listener's answers 403 as API Gateway does for a host it does not serve.
    """

    async def layer(scope: Scope, receive: Receive, send: Send) -> None:
        request, listener = request_of(scope), listener_of(scope)
        found = _API_HOST.match(host_name(request))
        if request.path.startswith(PATH_PREFIX):
            scope["path"] = "/_aws/execute-api/" + request.path.removeprefix(PATH_PREFIX)
        elif found and _DOMAIN_HOST.match(host_name(request)):
            await _forbidden(send)
            return
        elif found:
            if found["region"] != listener.region:
                await _forbidden(send)
                return
            scope["path"] = f"/_aws/execute-api/{found['api']}{request.path}"
        await app(scope, receive, send)

    return layer


async def _forbidden(send: Send) -> None:
    headers = {"content-type": "application/json", "x-amzn-errortype": "ForbiddenException"}
    await answer(send, 403, headers, b'{"message":"Forbidden"}')
