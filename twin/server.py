"""A twin's process: bind every address, start the parts, serve, stop.

Order at start: take all sockets (so that a conflict is told before anything else happens), import and start
the emulator, install the parts, make the administrator, serve, create the hosted zone, write twin.json.
"""

import asyncio
import contextlib
import datetime
import logging
import os
import shutil
import signal
import sys
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from twin import parts
from twin.admin import admin_app
from twin.client import TwinClient
from twin.core import Core, Json
from twin.dns import DnsServer
from twin.environment import client_environment
from twin.errors import AlreadyRunningError, StartFailedError
from twin.front.protocol import ListenerInfo
from twin.front.stack import assemble
from twin.home import Home, process_is_alive
from twin.listener import Listener
from twin.names import is_served, region_of_aws_name
from twin.occupied import who_listens
from twin.ports import HTTPS_PORT, LOOPBACK, Address, Ports, has_own_addresses
from twin.route53_answers import World
from twin.settings import ARC_ENDPOINT_REGIONS, Settings, latency_ms
from twin.tls import Authority

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
        self.instance = uuid.uuid4().hex
        self.started = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
        self.description: dict[str, Any] = {}
        self._progress = progress
        self._regional: dict[str, list[Listener]] = {}
        self._arc: dict[int, Listener] = {}
        self._common: list[Listener] = []
        self._dns = DnsServer(self.ports, self._world)
        self._lifespan: _Lifespan | None = None

    async def run(self, ready: Callable[["Server"], None]) -> None:
        """Start, call `ready(self)`, serve until asked to stop, stop. Raises TwinError if it cannot start."""
        loop = asyncio.get_running_loop()
        for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(signum, self.core.stopping.set)
        try:
            await self.start()
            ready(self)
            await self._until_stopped()
        finally:
            await self.stop()

    async def start(self) -> None:
        """Everything up to being ready."""
        self._refuse_second_start()
        self.home.create()
        self._bind()
        shutil.rmtree(self.home.state, ignore_errors=True)
        self.home.create()
        self._progress("starting the emulator")
        from twin.emulator import hooks, identity

        missing = parts.install_all(self.core)
        if missing:
            self._progress("not installed: " + ", ".join(missing))
        hooks.verify()
        emulator = identity.asgi_app()
        self._lifespan = _Lifespan(emulator)
        await self._lifespan.start()
        credentials = await identity.create_administrator()
        await self._serve(emulator)
        await self._serve_dns()
        for callback in self.core.at_start:
            await callback()
        self._describe(credentials.access_key, credentials.secret_key)
        self._progress("creating the hosted zone " + self.settings.hosted_zone)
        await asyncio.to_thread(_create_zone, TwinClient(self.description), self.settings.hosted_zone)
        self.home.describe(self.description)

    async def stop(self) -> None:
        """Close every socket, end everything that was started, forget the running twin."""
        for listener in self._listeners():
            await listener.close()
        await self._dns.stop()
        for callback in reversed(self.core.at_stop):
            try:
                await callback()
            except Exception:  # noqa: BLE001 - the other parts must be stopped all the same
                _log.exception("stopping a part failed")
        await self.core.cancel_background()
        if self._lifespan is not None:
            await self._lifespan.stop()
        known = self.home.description()
        if known is not None and known.get("instance") == self.instance:
            self.home.forget()

    def _refuse_second_start(self) -> None:
        known = self.home.description()
        if known is None:
            return
        if known["pid"] == os.getpid() or not process_is_alive(known["pid"]):
            self.home.forget()  # left by a twin that was killed
            return
        if TwinClient(known).answers():
            raise AlreadyRunningError(
                f"a twin already runs in {self.home.path}: {describe_process(known)}. "
                "Stop it with: python -m twin down"
            )
        self.home.forget()  # another process has its pid now

    def _bind(self) -> None:
        settings, ports = self.settings, self.ports
        page = ListenerInfo(region=None, tls=False, kind="page")
        everywhere = ListenerInfo(region=None, tls=False, kind="global")
        self._common = [Listener(ports.admin, page), Listener(ports.endpoint, everywhere)]
        for number, region in enumerate(ARC_ENDPOINT_REGIONS, start=1):
            info = ListenerInfo(region=region, tls=True, kind="arc", arc_endpoint=number)
            self._arc[number] = Listener(ports.arc_endpoint(number), info)
        for region in settings.regions:
            plain = ListenerInfo(region=region, tls=False, kind="region")
            secure = ListenerInfo(region=region, tls=True, kind="region")
            self._regional[region] = [
                Listener(ports.region_http(region), plain),
                Listener(ports.region_https(region), secure),
            ]
        for listener in self._listeners():
            try:
                listener.bind()
            except OSError as error:
                raise AlreadyRunningError(_occupied(listener.address, error)) from error
        for region in settings.regions if ports.own_addresses else ():
            self._bind_standard_port(region)

    def _bind_standard_port(self, region: str) -> None:
        """HTTPS on 443 as well, where this process may and no other twin has it."""
        address = Address(host=self.ports.dns_address(region), port=HTTPS_PORT)
        listener = Listener(address, ListenerInfo(region=region, tls=True, kind="region"), optional=True)
        with contextlib.suppress(OSError):
            listener.bind()
            self._regional[region].append(listener)

    def _listeners(self) -> list[Listener]:
        regional = [listener for listeners in self._regional.values() for listener in listeners]
        return [*self._common, *self._arc.values(), *regional]

    async def _serve(self, emulator: Any) -> None:
        stack = assemble(self.core, emulator)
        authority = Authority(
            self.home, self.settings.hosted_zone, lambda name: is_served(name, self.settings)
        )
        tls = authority.server_context(sorted({LOOPBACK, *(x.address.host for x in self._listeners())}))
        self.core.outages.on_region_down(self._close_region)
        self.core.outages.on_region_up(self._open_region)
        self.core.outages.on_endpoint_down(self._close_endpoint)
        self.core.outages.on_endpoint_up(self._open_endpoint)
        admin = admin_app(self.core, self.status)
        for listener in self._listeners():
            app = admin if listener.info.kind == "page" else stack
            await listener.serve(app, tls if listener.info.tls else None)

    async def _serve_dns(self) -> None:
        try:
            await self._dns.start()
        except OSError as error:
            raise AlreadyRunningError(_occupied(self.ports.dns, error)) from error

    def _world(self) -> World:
        """What DNS answers depend on, now."""
        from twin.emulator import route53

        return World(
            zones=route53.public_zones(),
            healthy=route53.health(lambda arn: self.core.routing_control_state(arn)),
            aws_address=self._aws_address,
            latency=latency_ms,
        )

    def _aws_address(self, name: str) -> str | None:
        region = region_of_aws_name(name, self.settings)
        return self.ports.dns_address(region) if region is not None else None

    async def _close_region(self, region: str) -> None:
        for listener in self._regional[region]:
            await listener.close()

    async def _open_region(self, region: str) -> None:
        for listener in self._regional[region]:
            await listener.reopen()

    async def _close_endpoint(self, number: int) -> None:
        await self._arc[number].close()

    async def _open_endpoint(self, number: int) -> None:
        await self._arc[number].reopen()

    def _describe(self, access_key: str, secret_key: str) -> None:
        self.description = {
            "instance": self.instance,
            "pid": os.getpid(),
            "command": " ".join([Path(sys.executable).name, *sys.orig_argv[1:]]),
            "since": self.started,
            "home": str(self.home.path),
            "addresses": self._addresses(),
            "regions": list(self.settings.regions),
            "hostedZone": self.settings.hosted_zone,
            "accountId": self.settings.account_id,
            "accessKeyId": access_key,
            "secretAccessKey": secret_key,
            "environment": client_environment(
                self.settings, self.ports, self.home, access_key=access_key, secret_key=secret_key
            ),
        }

    def _addresses(self) -> Json:
        ports = self.ports
        return {
            "admin": f"http://{ports.admin}",
            "endpoint": f"http://{ports.endpoint}",
            "dns": str(ports.dns),
            "arcEndpoints": [
                {"number": number, "region": region, "url": f"https://{ports.arc_endpoint(number)}"}
                for number, region in enumerate(ARC_ENDPOINT_REGIONS, start=1)
            ],
            "regions": {
                region: {
                    "http": f"http://{ports.region_http(region)}",
                    "https": f"https://{ports.region_https(region)}",
                    "dnsAddress": ports.dns_address(region),
                    "nearSubnet": ports.near_subnet(region),
                }
                for region in self.settings.regions
            },
        }

    def status(self) -> Json:
        """State and every parameter, without secrets."""
        settings, outages = self.settings, self.core.outages
        return {
            "instance": self.instance,
            "pid": os.getpid(),
            "command": self.description.get("command", ""),
            "since": self.started,
            "home": str(self.home.path),
            "addresses": self._addresses(),
            "regions": {region: "up" if outages.is_up(region) else "down" for region in settings.regions},
            "arcEndpoints": {
                str(number): "up" if outages.endpoint_is_up(number) else "down" for number in self._arc
            },
            "faults": [fault.as_json() for fault in self.core.faults.all()],
            "parameters": {
                "hostedZone": settings.hosted_zone,
                "accountId": settings.account_id,
                "healthCheckDelaySeconds": settings.health_check_delay,
                "replicationLagP50Seconds": settings.replication_lag_p50,
                "replicationLagP99Seconds": settings.replication_lag_p99,
                "ownAddresses": self.ports.own_addresses,
                "seed": settings.seed,
            },
            **{name: section() for name, section in self.core.status_sections.items()},
        }

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


def describe_process(description: Json) -> str:
    """Who a twin is, for messages."""
    command, since = description.get("command", "?"), description.get("since", "?")
    return f"pid {description['pid']}, {command!r}, since {since}"


def _occupied(address: Address, error: OSError) -> str:
    return (
        f"cannot listen on {address}: {error.strerror}. It is held by {who_listens(address)}. "
        "Stop that, or choose other ports: python -m twin up --port-base N (TWIN_PORT_BASE)"
    )


def _create_zone(client: TwinClient, zone: str) -> None:
    """The public hosted zone that a platform team owns beforehand, made through Route 53's own API."""
    route53 = client.boto3_client("route53", "us-east-1")
    found = route53.list_hosted_zones_by_name(DNSName=zone)["HostedZones"]
    if not any(known["Name"] == zone + "." for known in found):
        route53.create_hosted_zone(Name=zone, CallerReference=uuid.uuid4().hex)


class _Lifespan:
    """Drives an ASGI application's start and end."""

    def __init__(self, app: Any) -> None:
        self._to_app: asyncio.Queue[Json] = asyncio.Queue()
        self._from_app: asyncio.Queue[Json] = asyncio.Queue()
        self._app = app
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._task = asyncio.create_task(
            self._app({"type": "lifespan", "asgi": {"version": "3.0"}}, self._to_app.get, self._from_app.put)
        )
        await self._exchange("lifespan.startup")

    async def stop(self) -> None:
        if self._task is None:
            return
        with contextlib.suppress(StartFailedError, TimeoutError):
            async with asyncio.timeout(5):
                await self._exchange("lifespan.shutdown")
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _exchange(self, step: str) -> None:
        await self._to_app.put({"type": step})
        message = await self._from_app.get()
        if message["type"] != step + ".complete":
            raise StartFailedError(
                f"the emulator failed at {step}: {message.get('message', 'no reason given')}"
            )
