"""What the demo asks of the drill, and where a drill's clients are."""

from argparse import ArgumentParser

import pytest

from ops.commands import demo, drill
from ops.console import Console
from ops.deployed.deployment import parse
from ops.drill import make_world
from ops.drill.settings import DrillSettings
from ops.drill.world import World
from ops.errors import CallError, MisuseError
from ops.net.resolver import Lookup, Resolved
from ops.net.transport import Address
from tests.fakes.ops_target import FakeTarget
from tests.unit.ops.outputs import both, outputs

DEPLOYMENT = parse(both(), source="test")
SERVER = Address(host="192.0.2.53", port=53)


def settings(*options: str) -> DrillSettings:
    parser = ArgumentParser()
    drill.configure(parser)
    return drill.read_settings(parser.parse_args(options), DEPLOYMENT)


class Near(FakeTarget):
    """Puts clients near regions, as the twin does."""

    def subnet_near(self, region: str) -> str | None:
        return {"us-east-1": "198.18.10.0/24", "us-west-2": "198.18.11.0/24"}[region]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str | None]:
    """The subnets that DNS was asked from."""
    subnets: list[str | None] = []

    def lookup(name: str, servers: object, *, subnet: str | None, ttl: float | None) -> Lookup:
        assert (name, servers) == ("orders.example.com", [SERVER])
        subnets.append(subnet)
        return lambda: Resolved(addresses=("192.0.2.1",), ttl=ttl or 10.0)

    monkeypatch.setattr(make_world, "dns_lookup", lookup)
    return subnets


def world(target: FakeTarget, asked_for: DrillSettings, **subnets: str) -> World:
    target.clients = {"dynamodb": object()}
    named = {name.replace("_", "-"): subnet for name, subnet in subnets.items()}
    return make_world.make_world(
        target, DEPLOYMENT, asked_for, Console(), clock=lambda: 0.0, subnets=named, servers=[SERVER]
    )


def test_the_demo_states_the_bounds_that_ten_second_ttls_allow() -> None:
    parser = ArgumentParser()
    demo.configure(parser)
    arguments = demo.drill_arguments(parser.parse_args(["--seed", "7"]))
    found = drill.read_settings(arguments, DEPLOYMENT)
    assert (found.bounds.max_rto_fresh, found.bounds.max_rto_pooled, found.bounds.max_lost) == (15, 25, 0)
    assert found.bounds.max_lag_deviation == 0.2
    assert (found.pool_age, found.seed, found.region) == (10, 7, "us-east-1")


def test_the_demo_of_an_outage_allows_for_the_operators_reaction() -> None:
    parser = ArgumentParser()
    demo.configure(parser)
    arguments = demo.drill_arguments(parser.parse_args(["--scenario", "outage"]))
    found = drill.read_settings(arguments, DEPLOYMENT)
    assert (found.bounds.max_rto_fresh, found.bounds.max_rto_pooled, found.reaction) == (20, 30, 5)


def test_clients_are_near_every_region_where_the_target_can_put_them_there(asked: list[str | None]) -> None:
    made = world(Near(), settings("--hosts", "2"))
    assert asked == ["198.18.10.0/24", "198.18.11.0/24"]
    assert len(made.hosts) == 2 * 2 * 2
    assert {h.near for h in made.hosts} == {"us-east-1", "us-west-2"}


def test_without_subnets_clients_are_where_this_host_is(asked: list[str | None]) -> None:
    made = world(FakeTarget(name="aws"), settings("--hosts", "1"))
    assert asked == [None]
    assert {h.near for h in made.hosts} == {"here"}
    assert made.outage is None


def test_a_named_subnet_puts_clients_near_its_region(asked: list[str | None]) -> None:
    world(FakeTarget(name="aws"), settings(), us_west_2="203.0.113.0/24")
    assert asked == [None, "203.0.113.0/24"]


def test_connections_are_renewed_after_the_dns_ttl_unless_asked_otherwise(asked: list[str | None]) -> None:
    assert world(Near(), settings()).pool_age == 10.0
    assert world(Near(), settings("--ttl", "3")).pool_age == 3.0
    assert world(Near(), settings("--ttl", "3", "--pool-age", "60")).pool_age == 60.0


def test_a_name_that_does_not_resolve_says_what_to_check(monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing() -> Resolved:
        raise OSError("orders.example.com could not be resolved")

    monkeypatch.setattr(make_world, "dns_lookup", lambda *_, **__: nothing)
    with pytest.raises(CallError, match=r"could not be resolved.*delegated"):
        world(Near(), settings())


def test_a_drill_needs_a_second_region() -> None:
    parser = ArgumentParser()
    drill.configure(parser)
    alone = parse({"region1": outputs("us-east-1")}, source="test")
    with pytest.raises(MisuseError, match="second region"):
        drill.read_settings(parser.parse_args([]), alone)


@pytest.mark.parametrize(
    "option",
    ["--client-subnet=us-east-1", "--client-subnet=us-east-1=x", "--resolver=dns.example.com", "--hosts=0"],
)
def test_options_that_cannot_be_are_refused(option: str, capsys: pytest.CaptureFixture[str]) -> None:
    parser = ArgumentParser()
    drill.configure(parser)
    with pytest.raises(SystemExit):
        parser.parse_args([option])
    assert option.partition("=")[0] in capsys.readouterr().err
