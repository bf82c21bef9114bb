"""The twin's own HTTP API on 127.0.0.1: status, outages, faults, stop; and its page. JSON in, JSON out.

Only programs on this machine and the twin's own page may use it. Another web page in the user's browser must
not: requests whose Host is not the loopback address are refused (DNS rebinding), and so are changes that are
not sent as JSON, which browsers do not let foreign pages send without asking first.
"""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl

from twin.core import AdminHandler, Core, Document, Json
from twin.front.faults import Fault
from twin.front.operations import OPERATIONS
from twin.front.protocol import ASGIApp, Receive, Scope, Send
from twin.front.request import Request, answer, read_request

_HOSTS = ("127.0.0.1", "localhost")
# Of every answer: what the twin's page may load (its own files alone), and that no other page may frame it,
# read it or guess at its type.
_HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "cache-control": "no-store",
}


class AdminError(Exception):
    """A request of the administration API that is refused, with its HTTP status."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


def admin_app(core: Core, status: Callable[[], Json]) -> ASGIApp:
    """The application behind the administration address."""
    routes = [(m, _pattern(p), h) for m, p, h in [*_own_routes(core, status), *core.admin_routes]]

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        request = await read_request(scope, receive)
        try:
            handler, path = _find(routes, request.method, request.path)
            _must_be_local(request.headers, request.method)
            found = await handler(path, _parameters(request))
            code = 200
        except AdminError as error:
            code, found = error.status, {"error": error.message}
        if not isinstance(found, Document):
            found = Document(content_type="application/json", body=json.dumps(found).encode())
        await answer(send, code, {**_HEADERS, "content-type": found.content_type}, found.body)

    return app


def _must_be_local(headers: Mapping[str, str], method: str) -> None:
    host = headers.get("host", "").partition(":")[0]
    if host not in _HOSTS:
        raise AdminError(403, f"the administration API answers to 127.0.0.1 only, not to {host!r}")
    if method != "GET" and not headers.get("content-type", "").startswith("application/json"):
        raise AdminError(415, "send changes as application/json")


def _parameters(request: Request) -> Json:
    return dict(parse_qsl(request.query_string)) if request.method == "GET" else _json(request.body)


def _json(body: bytes) -> Json:
    if not body:
        return {}
    try:
        found = json.loads(body)
    except ValueError as error:
        raise AdminError(400, f"not JSON: {error}") from error
    if not isinstance(found, dict):
        raise AdminError(400, "send one JSON object")
    return found


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile("^" + re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path) + "$")


def _find(
    routes: list[tuple[str, re.Pattern[str], AdminHandler]], method: str, path: str
) -> tuple[AdminHandler, Mapping[str, str]]:
    methods = []
    for candidate, pattern, handler in routes:
        found = pattern.match(path)
        if found and candidate == method:
            return handler, found.groupdict()
        if found:
            methods.append(candidate)
    if methods:
        raise AdminError(405, f"{path} takes {', '.join(methods)}, not {method}")
    raise AdminError(404, f"no such path: {path}")


def _own_routes(core: Core, status: Callable[[], Json]) -> list[tuple[str, str, AdminHandler]]:
    async def show_status(_path: Mapping[str, str], _body: Json) -> Json:
        return status()

    async def coverage(_path: Mapping[str, str], _body: Json) -> Json:
        return {service: sorted(operations) for service, operations in sorted(OPERATIONS.items())}

    async def stop(_path: Mapping[str, str], _body: Json) -> Json:
        core.stopping.set()
        return {"stopping": True}

    return [
        ("GET", "/_twin/status", show_status),
        ("GET", "/_twin/coverage", coverage),
        ("POST", "/_twin/stop", stop),
        *_outage_routes(core),
        *_fault_routes(core),
    ]


def _outage_routes(core: Core) -> list[tuple[str, str, AdminHandler]]:
    outages = core.outages

    async def kill(path: Mapping[str, str], _body: Json) -> Json:
        region = _known_region(core, path["region"])
        return {"region": region, "up": False, "changed": await outages.kill(region)}

    async def revive(path: Mapping[str, str], _body: Json) -> Json:
        region = _known_region(core, path["region"])
        return {"region": region, "up": True, "changed": await outages.revive(region)}

    async def kill_endpoint(path: Mapping[str, str], _body: Json) -> Json:
        number = _known_endpoint(path["number"])
        return {"arcEndpoint": number, "up": False, "changed": await outages.kill_endpoint(number)}

    async def revive_endpoint(path: Mapping[str, str], _body: Json) -> Json:
        number = _known_endpoint(path["number"])
        return {"arcEndpoint": number, "up": True, "changed": await outages.revive_endpoint(number)}

    return [
        ("POST", "/_twin/regions/{region}/kill", kill),
        ("POST", "/_twin/regions/{region}/revive", revive),
        ("POST", "/_twin/arc-endpoints/{number}/kill", kill_endpoint),
        ("POST", "/_twin/arc-endpoints/{number}/revive", revive_endpoint),
    ]


def _fault_routes(core: Core) -> list[tuple[str, str, AdminHandler]]:
    async def add(_path: Mapping[str, str], body: Json) -> Json:
        fault = _fault(core, body)
        core.faults.add(fault)
        return {"faults": [f.as_json() for f in core.faults.all()]}

    async def clear(_path: Mapping[str, str], _body: Json) -> Json:
        mended = [words for mend in core.menders for words in await mend()]
        return {"faults": [], "mended": mended}

    async def show(_path: Mapping[str, str], _body: Json) -> Json:
        return {"faults": [f.as_json() for f in core.faults.all()]}

    return [
        ("POST", "/_twin/faults", add),
        ("DELETE", "/_twin/faults", clear),
        ("GET", "/_twin/faults", show),
    ]


_FAULT_MEMBERS: dict[str, type | tuple[type, ...]] = {
    "service": str,
    "kind": str,
    "region": str,
    "operation": str,
    "rate": (int, float),
    "seconds": (int, float),
}


def _fault(core: Core, body: Json) -> Fault:
    values = {name: _member(name, value) for name, value in body.items() if value is not None}
    for name in ("service", "kind"):
        if name not in values:
            raise AdminError(400, f"a fault needs {name!r}")
    service, operation = values["service"], values.get("operation")
    if service not in OPERATIONS:
        raise AdminError(400, f"the twin has no service {service!r}; it has {', '.join(sorted(OPERATIONS))}")
    if operation is not None and operation not in OPERATIONS[service]:
        raise AdminError(400, f"the twin has no operation {service}.{operation}")
    if "region" in values:
        _known_region(core, values["region"])
    try:
        return Fault(**values)
    except ValueError as error:
        raise AdminError(400, str(error)) from error


def _member(name: str, value: Any) -> Any:
    if name not in _FAULT_MEMBERS:
        raise AdminError(400, f"a fault has no {name!r}; it has {', '.join(_FAULT_MEMBERS)}")
    if not isinstance(value, _FAULT_MEMBERS[name]) or isinstance(value, bool):
        raise AdminError(400, f"{name} has the wrong type: {value!r}")
    return value


def _known_region(core: Core, region: str) -> str:
    if region not in core.settings.regions:
        raise AdminError(404, f"no such region: {region!r}; this twin has {', '.join(core.settings.regions)}")
    return region


def _known_endpoint(number: str) -> int:
    if number not in ("1", "2", "3", "4", "5"):
        raise AdminError(404, f"no such ARC endpoint: {number!r}; they are numbered 1 to 5")
    return int(number)
