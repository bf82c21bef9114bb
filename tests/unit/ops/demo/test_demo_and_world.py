"""What the demo asks of the drill, and where a drill's clients are."""

from argparse import ArgumentParser
from pathlib import Path

import pytest

from ops.commands import drill
from ops.console import Console
from ops.demo.drill import demo_drill
from ops.deployed.deployment import parse
from ops.deployed.options import DeploymentChoice
from ops.drill import drill as drills
from ops.drill import make_world
from ops.drill.settings import DrillSettings, Scenario
from ops.drill.world import DrilledSystem
from ops.errors import CallError, MisuseError
from ops.net.resolver import Lookup, Resolved
from ops.net.transport import Address
from tests.fakes.ops_target import FakeTarget
from tests.unit.ops.outputs import both, outputs
from tests.unit.ops.plans import plan

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


def world(target: FakeTarget, asked_for: DrillSettings, **subnets: str) -> DrilledSystem:
    target.clients = {"dynamodb": object()}
    named = {name.replace("_", "-"): subnet for name, subnet in subnets.items()}
    return make_world.make_world(
        target, DEPLOYMENT, asked_for, Console(), clock=lambda: 0.0, subnets=named, servers=[SERVER]
    )


def test_the_demo_states_the_bounds_that_ten_second_ttls_allow() -> None:
    found = demo_drill("us-east-1", scenario=Scenario.EVACUATE, rate=20.0, seed=7)
    assert (found.bounds.max_rto_fresh, found.bounds.max_rto_pooled, found.bounds.max_lost) == (15, 25, 0)
    assert found.bounds.max_lag_deviation == 0.2
    assert (found.pool_age, found.seed, found.region) == (10, 7, "us-east-1")


def test_the_demo_of_an_outage_allows_for_the_operators_reaction() -> None:
    found = demo_drill("us-east-1", scenario=Scenario.OUTAGE, rate=20.0)
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


def test_a_drill_needs_a_second_region(tmp_path: Path) -> None:
    choice = DeploymentChoice(target=FakeTarget(), stacks=plan())
    alone = parse({"region1": outputs("us-east-1")}, source="test")
    with pytest.raises(MisuseError, match="second region"):
        drills.drill(choice, alone, settings(), Console(), results=tmp_path)


def test_a_drill_that_ends_before_its_switch_is_refused(tmp_path: Path) -> None:
    choice = DeploymentChoice(target=FakeTarget(), stacks=plan())
    with pytest.raises(MisuseError, match="before the switch at 10 s"):
        drills.drill(choice, DEPLOYMENT, settings("--duration", "9"), Console(), results=tmp_path)


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
