"""A twin's process: bind every address, start the parts, serve, stop.

Order at start: take the home directory and all sockets (so that a conflict is told before anything else
happens), import and start the emulator, install the parts, make the administrator, serve, create the hosted
zone, write twin.json.
"""

import asyncio
import datetime
import logging
import shutil
import signal
import uuid
from collections.abc import Callable

from twin import description, parts
from twin.admin import admin_app
from twin.app import assemble
from twin.client import TwinClient
from twin.core import Core, Json
from twin.errors import AlreadyRunningError
from twin.front.protocol import ASGIApp
from twin.home import Home, process_is_alive
from twin.net.dns import DnsServer
from twin.net.lifespan import Lifespan
from twin.net.listeners import Listeners
from twin.net.names import is_served, region_of_aws_name
from twin.net.ports import Address, Ports, has_own_addresses
from twin.net.route53_answers import DnsState
from twin.net.tls import Authority
from twin.occupied import who_listens
from twin.settings import Settings, latency_ms

_log = logging.getLogger(__name__)
_OWNER_CHECK_SECONDS = 0.5
Progress = Callable[[str], None]


class Server:
    """One twin of AWS."""

    def __init__(self, settings: Settings, progress: Progress) -> None:
        self.settings = settings
        self.home = Home(settings.home)
        own_addresses = not settings.single_address and has_own_addresses()
        self.ports = Ports(base=settings.port_base, regions=settings.regions, own_addresses=own_addresses)
        self.core = Core(settings, self.ports, self.home)
        started = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
        self._who = description.identity(self.core, uuid.uuid4().hex, started)
        self._progress = progress
        self._listeners = Listeners(self.ports)
        self._dns = DnsServer(self.ports, self._world)
        self.core.dns_world = self._world
        self._lifespan: Lifespan | None = None

    async def run(self, ready: Callable[["Server"], None]) -> None:
        """Start, call `ready(self)`, serve until asked to stop, stop. Raises TwinError if it cannot start."""
        loop = asyncio.get_running_loop()
        for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(signum, self.core.stopping.set)
        self._take_home()
        try:
            await self.start()
            ready(self)
            await self._until_stopped()
        finally:
            await self.stop()

    async def start(self) -> None:
        """Everything up to being ready."""
        self._bind()
        self._progress("starting the emulator")
        from twin.aws import hooks
        from twin.aws.iam import identity

        parts.install_all(self.core)
        hooks.verify()
        emulator = identity.asgi_app()
        self._lifespan = Lifespan(emulator)
        await self._lifespan.start()
        credentials = await identity.create_administrator()
        await self._serve(emulator)
        for callback in self.core.at_start:
            await callback()
        client = TwinClient(
            description.for_clients(
                self.core, self._who, access_key=credentials.access_key, secret_key=credentials.secret_key
            )
        )
        self._progress("creating the hosted zone " + self.settings.hosted_zone)
        await asyncio.to_thread(_create_zone, client, self.settings.hosted_zone)
        self.core.client = client
        self.home.describe(client.description)

    async def stop(self) -> None:
        """Close every socket, end everything that was started, forget the running twin."""
        await self._listeners.close()
        await self._dns.stop()
        for callback in reversed(self.core.at_stop):
            try:
                await callback()
            except Exception:  # noqa: BLE001 - the other parts must be stopped all the same
                _log.exception("stopping a part failed")
        await self.core.cancel_background()
        if self._lifespan is not None:
            await self._lifespan.stop()
        self.home.forget()

    def status(self) -> Json:
        """State and every parameter, without secrets."""
        return description.status(self.core, self._who)

    def _take_home(self) -> None:
        """Make this process the home's only twin; what a killed one left there is removed."""
        self.home.create()
        if not self.home.take():
            known = self.home.description()
            who = description.phrase(known) if known else "it is still starting"
            raise AlreadyRunningError(
                f"a twin already runs in {self.home.path}: {who}. Stop it with: python -m twin down"
            )
        self.home.forget()
        # Outputs and Pulumi's state too: they describe stacks in a twin whose memory is gone.
        for directory in (self.home.state, self.home.outputs, self.home.pulumi):
            shutil.rmtree(directory, ignore_errors=True)
        self.home.create()

    def _bind(self) -> None:
        try:
            self._listeners.bind()
            self._dns.bind()
        except OSError as error:
            raise AlreadyRunningError(self._occupied(error)) from error

    def _occupied(self, error: OSError) -> str:
        address = error.filename if isinstance(error.filename, Address) else self.ports.dns
        holder = who_listens(address, self.ports.admin)
        return (
            f"cannot listen on {address}: {error.strerror}. It is held by {holder}. "
            "Stop that, or choose other ports: python -m twin up --port-base N (TWIN_PORT_BASE)"
        )

    async def _serve(self, emulator: ASGIApp) -> None:
        authority = Authority(
            self.home, self.settings.hosted_zone, lambda name: is_served(name, self.settings)
        )
        # The listeners hear of an outage before the parts do: no connection is open any more then.
        self._listeners.follow(self.core.outages)
        page = admin_app(self.core, self.status)
        await self._listeners.serve(page=page, aws=assemble(self.core, emulator), authority=authority)
        await self._dns.start()

    def _world(self) -> DnsState:
        """What DNS answers depend on, now."""
        from twin.aws.route53 import zones

        return DnsState(
            zones=zones.public_zones(),
            healthy=zones.health(lambda arn: self.core.routing_control_state(arn)),
            aws_address=self._aws_address,
            latency=latency_ms,
        )

    def _aws_address(self, name: str) -> str | None:
        region = region_of_aws_name(name, self.settings)
        return self.ports.dns_address(region) if region is not None else None

    async def _until_stopped(self) -> None:
        owner = self.settings.owner_pid
        if owner is not None:
            self.core.run(self._watch_owner(owner), "owner")
        await self.core.stopping.wait()

    async def _watch_owner(self, pid: int) -> None:
        while process_is_alive(pid):  # noqa: ASYNC110 - there is no event for the end of a foreign process
            await asyncio.sleep(_OWNER_CHECK_SECONDS)
        _log.warning("the process this twin belongs to (%d) is gone: stopping", pid)
        self.core.stopping.set()


def _create_zone(client: TwinClient, zone: str) -> None:
    """The public hosted zone that a platform team owns beforehand, made through Route 53's own API."""
    route53 = client.boto3_client("route53", "us-east-1")
    found = route53.list_hosted_zones_by_name(DNSName=zone)["HostedZones"]
    if not any(known["Name"] == zone + "." for known in found):
        route53.create_hosted_zone(Name=zone, CallerReference=uuid.uuid4().hex)
