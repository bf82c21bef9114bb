"""What the parts of a running twin share, and where they attach.

A part (replication, own services, Lambda, metrics, ...) is a module named in `twin/parts.py` with a function
`install(core: Core) -> None`. It runs once, after the emulator is imported and before any listener opens, and
may: register callbacks on `core.outages`, layers, administration routes, sections of the status, and work to
do at start and stop.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from twin.client import TwinClient
from twin.front.faults import FaultTable
from twin.front.protocol import Layer
from twin.home import Home
from twin.net.outages import Outages
from twin.net.ports import Ports
from twin.net.route53_answers import DnsState
from twin.settings import Settings

Json = dict[str, Any]
StatusSection = Callable[[], object]


@dataclass(frozen=True, kw_only=True)
class Document:
    """An answer of the administration address that is not JSON."""

    content_type: str
    body: bytes


class AdminHandler(Protocol):
    """Answers one route of the administration API.

    `path` has the values of the route's `{placeholders}`, `body` the JSON object sent (empty when none was),
    of a GET the parameters of its query. Raises twin.admin.AdminError(status, message) to refuse.
    """

    async def __call__(self, path: Mapping[str, str], body: Json, /) -> "Json | Document":
        """The JSON object or document to answer with."""


def _always_off(routing_control_arn: str) -> bool:
    """Until the part that keeps ARC's state is installed: AWS creates routing controls Off."""
    del routing_control_arn
    return False


def _no_code(token: str) -> bytes | None:
    del token
    return None


class Core:
    """One running twin."""

    def __init__(self, settings: Settings, ports: Ports, home: Home) -> None:
        self.settings = settings
        self.ports = ports
        self.home = home
        self.outages = Outages(settings.regions)
        self.faults = FaultTable()
        # Whether DNS shall count a routing control as On: by ARN, with the propagation delay applied.
        # The part that keeps ARC's state replaces it.
        self.routing_control_state: Callable[[str], bool] = _always_off
        # A function's archive by the token in its address; the part that runs Lambda replaces it.
        self.function_code: Callable[[str], bytes | None] = _no_code
        # Services that no emulator has: layers that answer their requests and pass the others on.
        self.own_services: list[Layer] = []
        # Layers that see what clients get, faults included, outermost first; they only look.
        self.watchers: list[Layer] = []
        # Layers right in front of the emulator, outermost first.
        self.fixups: list[Layer] = []
        self.admin_routes: list[tuple[str, str, AdminHandler]] = []
        # The twin as its clients see it, with the administrator's credentials; there when it is ready.
        self.client: TwinClient | None = None
        # What DNS answers depend on, now; the server sets it.
        self.dns_world: Callable[[], DnsState] | None = None
        self.status_sections: dict[str, StatusSection] = {}
        # What ends a part's own faults; each returns what it mended, in words.
        self.menders: list[Callable[[], Awaitable[list[str]]]] = [self.faults.mend, self.outages.mend]
        self.at_start: list[Callable[[], Awaitable[None]]] = []
        self.at_stop: list[Callable[[], Awaitable[None]]] = []
        self.stopping = asyncio.Event()
        self._tasks: set[asyncio.Task[Any]] = set()

    def admin_route(self, method: str, pattern: str, handler: AdminHandler) -> None:
        """Serve a route such as `POST`, `/_twin/links` on the administration API."""
        self.admin_routes.append((method, pattern, handler))

    def status_section(self, name: str, section: StatusSection) -> None:
        """Show what `section()` returns (JSON values) as `name` in the status: state and parameters."""
        self.status_sections[name] = section

    def run(self, work: Awaitable[Any], name: str) -> asyncio.Task[Any]:
        """Run something in the background until the twin stops; it is cancelled then."""
        task = asyncio.ensure_future(work)
        task.set_name(name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def cancel_background(self) -> None:
        """Cancel and await everything started by `run`."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
