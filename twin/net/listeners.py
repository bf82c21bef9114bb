"""All HTTP listeners of a twin: bound together, and closed and opened region by region."""

import contextlib

from twin.front.protocol import ASGIApp, ListenerInfo
from twin.net.listener import Listener
from twin.net.outages import Outages
from twin.net.ports import HTTPS_PORT, LOOPBACK, Address, Ports
from twin.net.tls import Authority
from twin.settings import ARC_ENDPOINT_REGIONS


class Listeners:
    """The page, the endpoint for all regions, the ARC endpoints, and each region's own."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports
        self._common = [
            Listener(ports.admin, ListenerInfo(region=None, tls=False, kind="page")),
            Listener(ports.endpoint, ListenerInfo(region=None, tls=False, kind="global")),
        ]
        self._arc = {
            number: Listener(
                ports.arc_endpoint(number),
                ListenerInfo(region=region, tls=True, kind="arc", arc_endpoint=number),
            )
            for number, region in enumerate(ARC_ENDPOINT_REGIONS, start=1)
        }
        self._regional = {region: _of_region(ports, region) for region in ports.regions}

    def bind(self) -> None:
        """Take every address. Raises OSError with the address as its `filename`."""
        for listener in self._all():
            try:
                listener.bind()
            except OSError as error:
                error.filename = listener.address
                raise
        for region in self._ports.regions if self._ports.own_addresses else ():
            self._bind_standard_port(region)

    def _bind_standard_port(self, region: str) -> None:
        """HTTPS on 443 as well, where this process may and no other twin has it."""
        address = Address(host=self._ports.dns_address(region), port=HTTPS_PORT)
        listener = Listener(address, ListenerInfo(region=region, tls=True, kind="region"), optional=True)
        with contextlib.suppress(OSError):
            listener.bind()
            self._regional[region].append(listener)

    async def serve(self, *, page: ASGIApp, aws: ASGIApp, authority: Authority) -> None:
        """Answer on every address."""
        tls = authority.server_context(sorted({LOOPBACK, *(x.address.host for x in self._all())}))
        for listener in self._all():
            app = page if listener.info.kind == "page" else aws
            await listener.serve(app, tls if listener.info.tls else None)

    def follow(self, outages: Outages) -> None:
        """Close and open with the outages of regions and ARC endpoints."""
        outages.on_region_down(self._close_region)
        outages.on_region_up(self._open_region)
        outages.on_endpoint_down(self._close_endpoint)
        outages.on_endpoint_up(self._open_endpoint)

    async def close(self) -> None:
        """Close everything."""
        for listener in self._all():
            await listener.close()

    def _all(self) -> list[Listener]:
        regional = [listener for listeners in self._regional.values() for listener in listeners]
        return [*self._common, *self._arc.values(), *regional]

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


def _of_region(ports: Ports, region: str) -> list[Listener]:
    return [
        Listener(ports.region_http(region), ListenerInfo(region=region, tls=False, kind="region")),
        Listener(ports.region_https(region), ListenerInfo(region=region, tls=True, kind="region")),
    ]
