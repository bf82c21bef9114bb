"""The clients' name resolution, against a DNS server in a thread of the test."""

import importlib.util
import socket
import struct
import threading
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import dnslib
import pytest

from twin.environment import CLIENT_HOOK
from twin.net.names import is_served
from twin.net.ports import Ports
from twin.settings import DEFAULT_REGIONS, Settings


def _load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, CLIENT_HOOK / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


resolver_module = _load("twin_resolver")


class Clock:
    """A clock that the test moves."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


class Server(threading.Thread):
    """Answers A questions from a table of name to (TTL, addresses) or a response code; counts them."""

    def __init__(self, table: dict[str, Any]) -> None:
        super().__init__(daemon=True)
        self.table = table
        self.queries: list[dnslib.DNSRecord] = []
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.address: tuple[str, int] = self.socket.getsockname()

    def run(self) -> None:
        while True:
            try:
                packet, client = self.socket.recvfrom(4096)
            except OSError:
                return
            if packet == b"stop":
                self.socket.close()
                return
            query = dnslib.DNSRecord.parse(packet)
            self.queries.append(query)
            self.socket.sendto(self._answer(query), client)

    def _answer(self, query: dnslib.DNSRecord) -> bytes:
        response, name = query.reply(), str(query.q.qname).rstrip(".")
        found = self.table.get(name, 3)
        if isinstance(found, int):
            response.header.rcode = found
            return bytes(response.pack())
        ttl, addresses = found
        target = f"gateway.{name}"
        response.add_answer(*dnslib.RR.fromZone(f"{name}. {ttl} CNAME {target}."))
        for address in addresses:
            response.add_answer(*dnslib.RR.fromZone(f"{target}. 60 A {address}"))
        return bytes(response.pack())


@pytest.fixture
def server() -> Iterator[Server]:
    running = Server(
        {
            "orders.example.com": (10, ["127.0.10.1"]),
            "dynamodb.us-east-1.amazonaws.com": 5,
            "broken.example.com": 2,
        }
    )
    running.start()
    yield running
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.sendto(b"stop", running.address)
    running.join(5)


def test_an_answer_is_kept_as_long_as_its_ttl_says(server: Server) -> None:
    clock = Clock()
    resolver = resolver_module.Resolver(server.address, clock=clock)
    for moment, asked in ((0.0, 1), (9.9, 1), (10.1, 2)):
        clock.now = moment
        assert resolver.addresses("orders.example.com") == ["127.0.10.1"]
        assert len(server.queries) == asked


def test_the_client_s_place_goes_along_as_client_subnet(server: Server) -> None:
    resolver_module.Resolver(server.address, "198.18.11.0/24").addresses("orders.example.com")
    (option,) = [o for rr in server.queries[0].ar for o in rr.rdata]
    assert (option.code, bytes(option.data)) == (8, struct.pack("!HBB", 1, 24, 0) + bytes([198, 18, 11]))


def test_a_name_that_does_not_exist_is_unknown(server: Server) -> None:
    with pytest.raises(socket.gaierror) as unknown:
        resolver_module.Resolver(server.address).addresses("nothing.example.com")
    assert unknown.value.errno == socket.EAI_NONAME


def test_a_server_that_fails_is_a_temporary_failure(server: Server) -> None:
    with pytest.raises(socket.gaierror) as failure:
        resolver_module.Resolver(server.address).addresses("broken.example.com")
    assert failure.value.errno == socket.EAI_AGAIN


def test_no_server_at_all_is_a_temporary_failure() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        closed = sock.getsockname()
    with pytest.raises(socket.gaierror) as failure:
        resolver_module.Resolver(closed).addresses("orders.example.com")
    assert failure.value.errno == socket.EAI_AGAIN


@pytest.fixture
def hooked(server: Server, monkeypatch: pytest.MonkeyPatch) -> Server:
    """The hook installed in this process for the length of a test."""
    monkeypatch.setattr(socket, "getaddrinfo", socket.getaddrinfo)
    environment = {
        "TWIN_DNS": f"127.0.0.1:{server.address[1]}",
        "TWIN_HOSTED_ZONE": "example.com",
        "TWIN_REGIONS": "us-east-1,us-west-2",
        "TWIN_TLS_MAP": Ports(base=4560, regions=("us-east-1", "us-west-2")).tls_map(),
    }
    resolver_module.install(environment)
    resolver_module.install(environment)  # a second installation changes nothing
    return server


@pytest.mark.parametrize("port", [443, "443", "https"])
def test_https_goes_to_the_region_s_port(hooked: Server, port: int | str) -> None:
    found = socket.getaddrinfo("Orders.example.com.", port, type=socket.SOCK_STREAM)
    assert found == [(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", ("127.0.10.1", 4603))]


def test_other_ports_stay_as_they_are(hooked: Server) -> None:
    found = socket.getaddrinfo(b"orders.example.com", 8080, type=socket.SOCK_STREAM)
    assert [entry[4] for entry in found] == [("127.0.10.1", 8080)]


def test_there_are_no_ipv6_addresses(hooked: Server) -> None:
    with pytest.raises(socket.gaierror):
        socket.getaddrinfo("orders.example.com", 443, socket.AF_INET6)


def test_other_names_never_reach_the_twin_s_dns(hooked: Server) -> None:
    assert socket.getaddrinfo("127.0.0.1", 443)[0][4] == ("127.0.0.1", 443)
    assert socket.getaddrinfo(None, 80, socket.AF_INET)[0][4] == ("127.0.0.1", 80)
    assert socket.getaddrinfo("localhost", 80, socket.AF_INET)[0][4] == ("127.0.0.1", 80)
    assert hooked.queries == []


def test_a_name_the_twin_s_dns_refuses_goes_the_usual_way(
    hooked: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(socket.gaierror):  # there is no network here
        socket.getaddrinfo("dynamodb.us-east-1.amazonaws.com", 443)
    assert len(hooked.queries) == 1


@pytest.mark.parametrize(
    "name",
    [
        "example.com",
        "orders.example.com",
        "badexample.com",
        "example.com.evil.net",
        "abc.execute-api.us-west-2.amazonaws.com",
        "bucket.s3.us-east-2.amazonaws.com",
        "bucket.s3.amazonaws.com",
        "s3.amazonaws.com",
        "iam.amazonaws.com",
        "sts.amazonaws.com",
        "route53.amazonaws.com",
        "dynamodb.us-east-1.amazonaws.com",
        "dynamodb.eu-west-1.amazonaws.com",
        "amazonaws.com",
        "us-east-1.amazonaws.com",
        "www.example.org",
    ],
)
def test_the_hook_takes_the_names_that_the_twin_serves(name: str) -> None:
    settings = Settings(home=Path("/nowhere"))
    ours = name in resolver_module.Names("example.com", DEFAULT_REGIONS)
    assert ours == is_served(name, settings)
