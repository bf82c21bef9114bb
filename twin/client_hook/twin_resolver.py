"""Resolves the twin's names through the twin's DNS, in any Python process. Standard library only.

`install()` replaces `socket.getaddrinfo` for names in the twin's hosted zone and amazonaws.com names of its
regions; every other name goes the usual way. Answers are kept as long as their TTL says. Port 443 becomes the
port where the region really serves HTTPS.

Environment: TWIN_DNS (host:port), TWIN_HOSTED_ZONE, TWIN_REGIONS (comma-separated), TWIN_TLS_MAP
(`address=host:port;...`: where port 443 of an address in DNS answers is), and optionally TWIN_CLIENT_SUBNET
(`198.18.11.0/24`: where this client is, sent as EDNS Client Subnet).
"""

import os
import random
import socket
import struct
import time
from collections.abc import Callable, Mapping
from typing import Any

_NOERROR, _NXDOMAIN, _REFUSED = 0, 3, 5
_A, _IN, _OPT = 1, 1, 41
_TIMEOUT_SECONDS = 1.0
_TRIES = 3
_CACHE_SIZE = 256
# As twin/net/names.py has them; a test holds the two together.
_GLOBAL_NAMES = ("iam.amazonaws.com", "sts.amazonaws.com", "route53.amazonaws.com", "s3.amazonaws.com")

Addresses = list[str]


class Resolver:
    """Asks one DNS server for addresses; remembers them for their TTL."""

    def __init__(
        self, server: tuple[str, int], subnet: str = "", clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._server = server
        self._option = _subnet_option(subnet) if subnet else b""
        self._clock = clock
        self._cache: dict[str, tuple[float, Addresses]] = {}

    def addresses(self, name: str) -> Addresses | None:
        """IPv4 addresses of a name; None when the server refuses such names. Raises socket.gaierror."""
        kept = self._cache.get(name)
        if kept is not None and kept[0] > self._clock():
            return kept[1]
        code, addresses, ttl = self._ask(name)
        if code == _REFUSED:
            return None
        if code == _NXDOMAIN or (code == _NOERROR and not addresses):
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        if code != _NOERROR:
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
        if len(self._cache) >= _CACHE_SIZE:
            self._cache.clear()
        self._cache[name] = (self._clock() + ttl, addresses)
        return addresses

    def _ask(self, name: str) -> tuple[int, Addresses, int]:
        for _ in range(_TRIES):
            number = random.randrange(1 << 16)
            query = _query(number, name, self._option)
            try:
                response = self._over_udp(query)
                if response[2] & 0x02:  # truncated
                    response = self._over_tcp(query)
            except OSError:
                continue
            if len(response) >= 12 and response[:2] == query[:2]:
                return _parse(response)
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    def _over_udp(self, query: bytes) -> bytes:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.settimeout(_TIMEOUT_SECONDS)
            sock.connect(self._server)
            sock.send(query)
            return sock.recv(4096)

    def _over_tcp(self, query: bytes) -> bytes:
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as sock:
            sock.settimeout(_TIMEOUT_SECONDS)
            sock.connect(self._server)
            sock.sendall(struct.pack("!H", len(query)) + query)
            with sock.makefile("rb") as file:
                (size,) = struct.unpack("!H", file.read(2))
                return bytes(file.read(size))


class Names:
    """Which names the twin answers for."""

    def __init__(self, zone: str, regions: tuple[str, ...]) -> None:
        self._zone = zone
        self._regional = tuple(f".{region}.amazonaws.com" for region in regions)

    def __contains__(self, name: str) -> bool:
        in_zone = name == self._zone or name.endswith("." + self._zone)
        return in_zone or name.endswith((*self._regional, ".s3.amazonaws.com")) or name in _GLOBAL_NAMES


def install(environ: Mapping[str, str] = os.environ) -> None:
    """Replace `socket.getaddrinfo` (once) by one that knows the twin's names."""
    original = socket.getaddrinfo
    if getattr(original, "_twin", False):
        return
    host, _, port = environ["TWIN_DNS"].rpartition(":")
    resolver = Resolver((host, int(port)), environ.get("TWIN_CLIENT_SUBNET", ""))
    regions = tuple(region for region in environ.get("TWIN_REGIONS", "").split(",") if region)
    names = Names(environ.get("TWIN_HOSTED_ZONE", "example.com"), regions)
    tls = _tls_map(environ.get("TWIN_TLS_MAP", ""))

    # The parameters are named as socket.getaddrinfo's, which callers may pass by name.
    def getaddrinfo(
        host: Any,
        port: Any,
        family: int = 0,
        type: int = 0,  # noqa: A002
        proto: int = 0,
        flags: int = 0,
    ) -> Any:
        name = _plain(host)
        if name is None or flags & socket.AI_NUMERICHOST or name not in names:
            return original(host, port, family, type, proto, flags)
        if family not in (socket.AF_UNSPEC, socket.AF_INET):
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        addresses = resolver.addresses(name)
        if addresses is None:
            return original(host, port, family, type, proto, flags)
        found = []
        for address in addresses:
            is_https = port in (443, "443", "https", b"443", b"https")
            real = tls.get(address, (address, port)) if is_https else (address, port)
            found += original(real[0], real[1], socket.AF_INET, type, proto, flags & ~socket.AI_CANONNAME)
        return found

    getaddrinfo._twin = True  # type: ignore[attr-defined]
    socket.getaddrinfo = getaddrinfo


def _plain(host: Any) -> str | None:
    if isinstance(host, bytes):
        host = host.decode("latin-1")
    if not isinstance(host, str) or not host.isascii():
        return None
    return host.lower().rstrip(".")


def _tls_map(text: str) -> dict[str, tuple[str, int]]:
    places = {}
    for entry in text.split(";"):
        address, _, place = entry.partition("=")
        host, _, port = place.rpartition(":")
        if host and port.isdigit():
            places[address] = (host, int(port))
    return places


def _query(number: int, name: str, option: bytes) -> bytes:
    header = struct.pack("!6H", number, 0x0100, 1, 0, 0, 1)
    labels = [label.encode("ascii") for label in name.split(".")]
    question = b"".join(bytes([len(label)]) + label for label in labels) + b"\0" + struct.pack("!2H", _A, _IN)
    return header + question + b"\0" + struct.pack("!HHIH", _OPT, 1232, 0, len(option)) + option


def _subnet_option(subnet: str) -> bytes:
    """EDNS Client Subnet (RFC 7871) for an IPv4 subnet."""
    address, _, bits = subnet.partition("/")
    length = int(bits or 32)
    data = struct.pack("!HBB", 1, length, 0) + socket.inet_aton(address)[: (length + 7) // 8]
    return struct.pack("!2H", 8, len(data)) + data


def _parse(response: bytes) -> tuple[int, Addresses, int]:
    """Response code, addresses, and the shortest TTL on the way to them."""
    flags, questions, answers = struct.unpack("!3H", response[2:8])
    position = 12
    for _ in range(questions):
        position = _skip_name(response, position) + 4
    addresses, ttls = [], []
    for _ in range(answers):
        position = _skip_name(response, position)
        kind, _, ttl, size = struct.unpack("!HHIH", response[position : position + 10])
        position += 10
        ttls.append(ttl)
        if kind == _A:
            addresses.append(socket.inet_ntoa(response[position : position + size]))
        position += size
    return flags & 0x0F, addresses, min(ttls, default=0)


def _skip_name(response: bytes, position: int) -> int:
    while response[position]:
        if response[position] >= 0xC0:  # a pointer ends the name
            return position + 2
        position += response[position] + 1
    return position + 1
