"""Where every part of the twin listens.

With port base B, on 127.0.0.1: the page and administration HTTP on B, DNS on B+3 (UDP and TCP), the endpoint
for all regions on B+6, Pulumi's provider on B+8, the ARC cluster's endpoints (HTTPS) on B+11..B+15. Region
number i has 127.0.{10+i}.1: HTTP on B+6, HTTPS on B+43 and, where the process may bind it, on 443. Where a
machine has only 127.0.0.1 (macOS), region i has ports of its own there: HTTP B+50+10*i, HTTPS B+51+10*i; its
address of the 127.0.{10+i} form then only names it in DNS answers, and the clients' hook maps it to the port.
"""

import errno
import socket
from dataclasses import dataclass

LOOPBACK = "127.0.0.1"
HTTPS_PORT = 443


@dataclass(frozen=True, kw_only=True)
class Address:
    """A host and a port on the loopback interface."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


@dataclass(frozen=True, kw_only=True)
class Ports:
    """All addresses of one twin. `own_addresses` says whether 127.0.10.1 and the like can be bound here."""

    base: int
    regions: tuple[str, ...]
    own_addresses: bool = True

    @property
    def admin(self) -> Address:
        """The page and the administration API."""
        return Address(host=LOOPBACK, port=self.base)

    @property
    def dns(self) -> Address:
        """The DNS server, UDP and TCP."""
        return Address(host=LOOPBACK, port=self.base + 3)

    @property
    def endpoint(self) -> Address:
        """The AWS endpoint for every region: it routes by the region a request is signed for."""
        return Address(host=LOOPBACK, port=self.base + 6)

    @property
    def provider(self) -> Address:
        """Pulumi's AWS provider for this twin (gRPC), which the real engine attaches to."""
        return Address(host=LOOPBACK, port=self.base + 8)

    def arc_endpoint(self, number: int) -> Address:
        """One of the five ARC cluster endpoints, `number` 1 to 5."""
        return Address(host=LOOPBACK, port=self.base + 10 + number)

    def dns_address(self, region: str) -> str:
        """The address DNS gives for a region, also where the region really listens on a port of 127.0.0.1."""
        return f"127.0.{10 + self.regions.index(region)}.1"

    def region_http(self, region: str) -> Address:
        """A region's AWS APIs and path-style API URLs on plain HTTP."""
        if self.own_addresses:
            return Address(host=self.dns_address(region), port=self.base + 6)
        return Address(host=LOOPBACK, port=self.base + 50 + 10 * self.regions.index(region))

    def region_https(self, region: str) -> Address:
        """A region on HTTPS."""
        if self.own_addresses:
            return Address(host=self.dns_address(region), port=self.base + 43)
        return Address(host=LOOPBACK, port=self.base + 51 + 10 * self.regions.index(region))

    def near_subnet(self, region: str) -> str:
        """The client subnet (RFC 7871) that DNS takes as near a region."""
        return f"198.18.{10 + self.regions.index(region)}.0/24"

    def tls_map(self) -> str:
        """For the clients' hook: the address DNS gives, and where its port 443 really is, for each region."""
        return ";".join(f"{self.dns_address(r)}={self.region_https(r)}" for r in self.regions)


def has_own_addresses() -> bool:
    """Whether this machine answers on all of 127.0.0.0/8, as Linux does and macOS does not."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        try:
            probe.bind(("127.0.10.1", 0))
        except OSError as error:
            if error.errno == errno.EADDRNOTAVAIL:
                return False
            raise
    return True
