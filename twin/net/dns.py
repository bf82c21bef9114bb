"""A DNS server (UDP and TCP) that answers as Route 53 does for the twin's zones and AWS names.

Clients tell where they are by EDNS Client Subnet (RFC 7871), which Route 53 supports: each region of the twin
has a subnet that counts as near it. Without one, a client at 127.0.{10+i}.x is near region i, any other near
the first region.
"""

import asyncio
import contextlib
import ipaddress
import logging
import socket
from collections.abc import Callable

import dnslib

from twin.net.listener import bind
from twin.net.ports import Ports
from twin.net.route53_answers import DnsAnswer, DnsState, Rcode, Reply, resolve

_log = logging.getLogger(__name__)
_CLIENT_SUBNET = 8  # EDNS option code, RFC 7871
_PLAIN_UDP_SIZE = 512
_TCP_IDLE_SECONDS = 10.0
_IPV4 = 1

WorldSource = Callable[[], DnsState]


class DnsServer:
    """`world()` gives what answers depend on, at the time of each question."""

    def __init__(self, ports: Ports, world: WorldSource) -> None:
        self._ports = ports
        self._world = world
        self._sockets: list[socket.socket] = []
        self._udp: asyncio.DatagramTransport | None = None
        self._tcp: asyncio.Server | None = None
        self._connections: set[asyncio.StreamWriter] = set()
        self.questions = 0

    def bind(self) -> None:
        """Take the address. Raises OSError with the address as its `filename`."""
        address = self._ports.dns
        try:
            self._sockets.append(bind(address))
            datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self._sockets.append(datagrams)
            datagrams.setblocking(False)
            datagrams.bind((address.host, address.port))
        except OSError as error:
            error.filename = address
            raise

    async def start(self) -> None:
        """Serve on the bound sockets."""
        streams, datagrams = self._sockets
        self._tcp = await asyncio.start_server(self._serve_tcp, sock=streams)
        loop = asyncio.get_running_loop()
        self._udp, _ = await loop.create_datagram_endpoint(lambda: _Datagrams(self.reply), sock=datagrams)

    async def stop(self) -> None:
        """Close the sockets."""
        if self._udp is not None:
            self._udp.close()
        if self._tcp is not None:
            self._tcp.close()
        for writer in list(self._connections):
            writer.transport.abort()
        if self._tcp is None:  # bound, but never served
            for sock in self._sockets:
                sock.close()

    def reply(self, packet: bytes, client: str, *, limit: int | None) -> bytes | None:
        """The response to a query packet; None for what is not a query. `limit` is UDP's size in bytes."""
        try:
            query = dnslib.DNSRecord.parse(packet)
        except dnslib.DNSError:
            return None
        if query.header.qr or len(query.questions) != 1:
            return None
        self.questions += 1
        response = self._response(query, client)
        packed: bytes = response.pack()
        if limit is not None and len(packed) > max(limit, _edns_size(query)):
            packed = _truncated(query).pack()
        return packed

    def _response(self, query: dnslib.DNSRecord, client: str) -> dnslib.DNSRecord:
        response = query.reply(ra=0, aa=1)
        if query.header.opcode != dnslib.OPCODE.QUERY:
            response.header.rcode = dnslib.RCODE.NOTIMP
            return response
        question = query.questions[0]
        if question.qclass != dnslib.CLASS.IN:
            response.header.rcode, response.header.aa = int(Rcode.REFUSED), 0
            return response
        subnet = _client_subnet(query)
        near = self._near(client, subnet)
        kind = dnslib.QTYPE.get(question.qtype)
        reply = resolve(self._world(), str(question.qname), str(kind), near)
        if reply.problem:
            _log.warning("DNS question %s %s: %s", question.qname, kind, reply.problem)
        _fill(response, reply)
        if query.ar and any(rr.rtype == dnslib.QTYPE.OPT for rr in query.ar):
            response.add_ar(_edns(subnet, reply))
        return response

    def _near(self, client: str, subnet: bytes | None) -> str:
        address = _subnet_address(subnet) if subnet else None
        for region in self._ports.regions:
            if address is not None and address in ipaddress.ip_network(self._ports.near_subnet(region)):
                return region
        own = ipaddress.ip_address(client)
        for region in self._ports.regions:
            network = ipaddress.ip_network(f"{self._ports.dns_address(region)}/24", strict=False)
            if address is None and own in network:
                return region
        return self._ports.regions[0]

    async def _serve_tcp(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._connections.add(writer)
        client = writer.get_extra_info("peername")[0]
        try:
            with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError, TimeoutError):
                while True:
                    async with asyncio.timeout(_TCP_IDLE_SECONDS):
                        size = int.from_bytes(await reader.readexactly(2))
                        packet = await reader.readexactly(size)
                    response = self.reply(packet, client, limit=None)
                    if response is None:
                        return
                    writer.write(len(response).to_bytes(2) + response)
                    await writer.drain()
        finally:
            self._connections.discard(writer)
            writer.close()


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, reply: Callable[..., bytes | None]) -> None:
        self._reply = reply
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:  # type: ignore[override]
        self._transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        response = self._reply(data, addr[0], limit=_PLAIN_UDP_SIZE)
        if response is not None and self._transport is not None:
            self._transport.sendto(response, addr)


def _truncated(query: dnslib.DNSRecord) -> dnslib.DNSRecord:
    """An empty response that sends the client to TCP."""
    response = query.reply(ra=0, aa=1)
    response.header.tc = 1
    return response


def _fill(response: dnslib.DNSRecord, reply: Reply) -> None:
    response.header.rcode = int(reply.rcode)
    response.header.aa = int(reply.rcode in (Rcode.NOERROR, Rcode.NXDOMAIN))
    for answer in reply.answers:
        response.add_answer(*_rr(answer))
    for answer in reply.authority:
        response.add_auth(*_rr(answer))


def _rr(answer: DnsAnswer) -> list[dnslib.RR]:
    """Records from zone file text."""
    found: list[dnslib.RR] = dnslib.RR.fromZone(
        f"{answer.name}. {answer.ttl} IN {answer.type} {answer.value}"
    )
    return found


def _options(query: dnslib.DNSRecord) -> list[dnslib.EDNSOption]:
    return [option for rr in query.ar if rr.rtype == dnslib.QTYPE.OPT for option in rr.rdata]


def _client_subnet(query: dnslib.DNSRecord) -> bytes | None:
    for option in _options(query):
        if option.code == _CLIENT_SUBNET:
            return bytes(option.data)
    return None


def _subnet_address(option: bytes) -> ipaddress.IPv4Address | None:
    """The address of a client subnet option of at least 24 bits of IPv4."""
    if len(option) < 4 or int.from_bytes(option[:2]) != _IPV4 or option[2] < 24:
        return None
    return ipaddress.IPv4Address(option[4:8].ljust(4, b"\0"))


def _edns_size(query: dnslib.DNSRecord) -> int:
    sizes = [int(rr.rclass) for rr in query.ar if rr.rtype == dnslib.QTYPE.OPT]
    return max(sizes, default=0)


def _edns(subnet: bytes | None, reply: Reply) -> dnslib.RR:
    """The response's OPT record; a client subnet comes back with the scope that the answer is good for."""
    options = []
    if subnet is not None and len(subnet) >= 4:
        scope = subnet[2] if reply.by_location else 0
        options.append(dnslib.EDNSOption(_CLIENT_SUBNET, subnet[:3] + bytes([scope]) + subnet[4:]))
    return dnslib.EDNS0(udp_len=1232, opts=options)
