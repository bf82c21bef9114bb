"""Client hosts: which connections they keep, and what they note."""

import ssl
from dataclasses import dataclass, field
from random import Random

import pytest

from ops.client.api import Site
from ops.drill.clients import hosts
from ops.drill.clients.hosts import Host, Job, Wire
from ops.drill.measure.ledger import ClientType, Kind, Ledger, Result
from ops.net.resolver import CachingResolver, Resolved
from ops.net.signing import Keys, Signer
from ops.net.transport import Address, HttpAnswer, Timeouts


@dataclass
class Net:
    """A service whose region is the address that is dialled; `down` addresses refuse."""

    now: float = 0.0
    address: str = "east"
    down: set[str] = field(default_factory=set)
    opened: list[str] = field(default_factory=list)
    closed: int = 0
    sent: list[tuple[str, str]] = field(default_factory=list)
    status: int = 201

    def clock(self) -> float:
        return self.now

    def look(self) -> Resolved:
        return Resolved(addresses=(self.address,), ttl=0.0)


class New(Random):
    """Gives the first connection no age."""

    def random(self) -> float:
        return 0.0


@pytest.fixture
def net(monkeypatch: pytest.MonkeyPatch) -> Net:
    world = Net()

    class Connection:
        def __init__(self, host: str, address: Address, context: object, timeouts: Timeouts) -> None:
            self.region = address.host
            world.opened.append(address.host)

        def send(self, method: str, target: str, headers: dict[str, str], body: bytes = b"") -> HttpAnswer:
            if self.region in world.down:
                raise ConnectionRefusedError("refused")
            world.sent.append((method, target))
            assert "AWS4-ECDSA-P256-SHA256" in headers["Authorization"]
            return HttpAnswer(status=world.status, headers={"x-orders-region": self.region}, body=b"{}")

        def close(self) -> None:
            world.closed += 1

    monkeypatch.setattr(hosts, "Connection", Connection)
    return world


def host(net: Net, client: ClientType, random: Random | None = None) -> Host:
    wire = Wire(
        site=Site.of("https://orders.example.com/v1"),
        context=ssl.create_default_context(),
        signer=Signer(lambda: Keys(access_key="A", secret_key="s")),
        dial=lambda address: Address(host=address),
        timeouts=Timeouts(),
    )
    return Host(
        name="h",
        client=client,
        near="east",
        resolver=CachingResolver(net.look, net.clock, Random(1)),
        wire=wire,
        clock=net.clock,
        max_age=10.0,
        random=random or New(),
    )


def create(number: int = 1) -> Job:
    return Job(kind=Kind.CREATE, order_id=f"o{number}", product_id="p", customer_id="c")


def test_a_fresh_client_connects_anew_for_each_request(net: Net) -> None:
    one, ledger = host(net, ClientType.FRESH), Ledger()
    one.send(create(1), ledger)
    one.send(create(2), ledger)
    assert (len(net.opened), net.closed) == (2, 2)
    assert net.sent[0] == (
        "POST",
        "/v1/orders?customerId=c&orderId=o1&productId=p&synthetic=true",
    )


def test_a_pooled_connection_stays_on_its_region_until_it_is_renewed(net: Net) -> None:
    one, ledger = host(net, ClientType.POOLED), Ledger()
    one.send(create(1), ledger)
    net.address = "west"
    net.now = 9.9
    one.send(create(2), ledger)
    net.now = 10.0
    one.send(create(3), ledger)
    assert [e.region for e in ledger.entries()] == ["east", "east", "west"]
    assert (net.opened, net.closed) == (["east", "west"], 1)


def test_the_first_connection_has_a_random_age_and_later_ones_none(net: Net) -> None:
    one, ledger = host(net, ClientType.POOLED, Random(5)), Ledger()
    one.send(create(1), ledger)
    [age] = one.connection_ages()
    assert 0 < age < 10
    net.now = 10.0 - age
    one.send(create(2), ledger)
    assert len(net.opened) == 2
    assert one.connection_ages() == [0.0]


def test_a_failed_request_is_noted_and_its_connection_is_not_used_again(net: Net) -> None:
    one, ledger = host(net, ClientType.POOLED), Ledger()
    net.down = {"east"}
    one.send(create(1), ledger)
    net.address = "west"
    one.send(create(2), ledger)
    first, second = ledger.entries()
    assert (first.status, first.result, first.error) == (
        None,
        Result.FAILED,
        "ConnectionRefusedError: refused",
    )
    assert (second.region, second.result) == ("west", Result.OK)


def test_what_can_be_read_back_is_the_order_promised_last(net: Net) -> None:
    one, ledger = host(net, ClientType.FRESH), Ledger()
    assert one.readable() is None
    one.send(create(1), ledger)
    net.status = 503
    one.send(create(2), ledger)
    known = one.readable()
    assert known is not None
    assert known.order_id == "o1"


def test_a_host_has_moved_when_its_latest_answer_and_all_its_connections_have(net: Net) -> None:
    one, ledger = host(net, ClientType.POOLED), Ledger()

    def moved() -> bool:
        return one.uses_only(lambda region: region == "west")

    assert not moved()
    one.send(create(1), ledger)
    net.address, net.now = "west", 12.0
    one.send(create(2), ledger)
    assert moved()
    net.down = {"west"}
    one.send(create(3), ledger)
    assert not moved()


def test_closing_a_host_closes_its_idle_connections(net: Net) -> None:
    one = host(net, ClientType.POOLED)
    one.send(create(), Ledger())
    one.close()
    assert net.closed == 1
