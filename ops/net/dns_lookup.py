"""Asks a DNS server for a name's addresses, as from a place in the network."""

import ipaddress
import socket
from collections.abc import Sequence

import dns.edns
import dns.exception
import dns.message
import dns.query
import dns.rdatatype

from ops.net.resolver import Lookup, Resolved
from ops.net.transport import Address

TIMEOUT = 2.0


def dns_lookup(name: str, servers: Sequence[Address], *, subnet: str | None, ttl: float | None) -> Lookup:
    """A lookup of A records. The TTL is the least of the whole chain of answers, or `ttl` where given.

    `subnet` is sent as EDNS Client Subnet (RFC 7871). Raises OSError when no server gives an answer.
    """

    def look() -> Resolved:
        failure: Exception = OSError("no name server")
        for server in servers:
            query = dns.message.make_query(name, dns.rdatatype.A, options=_subnet_option(subnet))
            try:
                answer, _ = dns.query.udp_with_fallback(
                    query, _ip(server.host), timeout=TIMEOUT, port=server.port
                )
                if not isinstance(answer, dns.message.QueryMessage):
                    raise dns.exception.FormError
                chain = answer.resolve_chaining()
            except (OSError, dns.exception.DNSException) as error:
                failure = error
                continue
            addresses = tuple(str(record) for record in chain.answer) if chain.answer else ()
            return Resolved(addresses=addresses, ttl=float(chain.minimum_ttl) if ttl is None else ttl)
        raise OSError(f"{name} could not be resolved: {failure}")

    return look


def _subnet_option(subnet: str | None) -> list[dns.edns.Option]:
    if subnet is None:
        return []
    network = ipaddress.ip_network(subnet)
    return [dns.edns.ECSOption(str(network.network_address), network.prefixlen)]


def _ip(host: str) -> str:
    return socket.gethostbyname(host)
