"""Settings, addresses, home directory, outages and the declared names of the emulator."""

import asyncio
import importlib
import os
import stat
import types
from pathlib import Path

import pytest

from twin.aws import hooks
from twin.aws.hooks import HookedName
from twin.errors import EmulatorChangedError, SettingsError
from twin.home import Home, process_is_alive
from twin.net.outages import Outages
from twin.net.ports import Ports
from twin.settings import Settings, home_directory, latency_ms, port_base

REGIONS = ("us-east-1", "us-west-2", "us-east-2")


def test_each_region_has_an_address_of_its_own() -> None:
    ports = Ports(base=4560, regions=REGIONS)
    assert [str(ports.region_http(region)) for region in REGIONS] == [
        "127.0.10.1:4566",
        "127.0.11.1:4566",
        "127.0.12.1:4566",
    ]
    assert str(ports.region_https("us-west-2")) == "127.0.11.1:4603"
    assert [str(a) for a in (ports.admin, ports.dns, ports.endpoint, ports.arc_endpoint(5))] == [
        "127.0.0.1:4560",
        "127.0.0.1:4563",
        "127.0.0.1:4566",
        "127.0.0.1:4575",
    ]


def test_on_one_address_each_region_has_ports_and_dns_still_tells_them_apart() -> None:
    ports = Ports(base=4560, regions=REGIONS, own_addresses=False)
    assert str(ports.region_http("us-west-2")) == "127.0.0.1:4620"
    assert str(ports.region_https("us-west-2")) == "127.0.0.1:4621"
    assert ports.dns_address("us-west-2") == "127.0.11.1"
    assert "127.0.11.1=127.0.0.1:4621" in ports.tls_map().split(";")


@pytest.mark.parametrize("value", ["x", "-1", "4560.5"])
def test_a_port_base_that_is_no_number_is_refused(value: str) -> None:
    with pytest.raises(SettingsError, match="TWIN_PORT_BASE"):
        port_base({"TWIN_PORT_BASE": value})


def test_the_home_and_the_ports_come_from_the_environment() -> None:
    environment = {"TWIN_HOME": "/somewhere/else", "TWIN_PORT_BASE": "5000"}
    assert (home_directory(environment), port_base(environment)) == (Path("/somewhere/else"), 5000)
    assert (home_directory({}), port_base({})) == (Path.cwd() / ".twin", 4560)


@pytest.mark.parametrize(
    "wrong",
    [
        {"regions": ("us-east-1", "us-east-1")},
        {"regions": ()},
        {"regions": ("nowhere",)},
        {"hosted_zone": "com"},
        {"hosted_zone": "-x.com"},
        {"port_base": 65535},
        {"health_check_delay": -1.0},
        {"health_check_delay": float("nan")},
        {"replication_lag_p99": float("inf")},
        {"replication_lag_p50": 2.0, "replication_lag_p99": 1.0},
    ],
)
def test_settings_that_cannot_work_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(SettingsError):
        Settings(home=Path("/nowhere"), **wrong)  # type: ignore[arg-type]


def test_a_region_is_nearest_to_itself_and_distance_is_mutual() -> None:
    for one in REGIONS:
        for other in REGIONS:
            assert latency_ms(one, other) == latency_ms(other, one)
            assert one == other or latency_ms(one, other) > latency_ms(one, one)
    assert latency_ms("us-east-1", "af-south-1") > latency_ms("us-east-1", "us-west-2")


def test_a_description_is_written_for_its_owner_alone_and_read_back(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    home.create()
    home.describe({"pid": 1})
    home.describe({"pid": 2})
    assert home.description() == {"pid": 2}
    assert stat.S_IMODE(home.description_file.stat().st_mode) == 0o600
    assert [path.name for path in home.path.iterdir() if path.name.startswith(".twin.json")] == []


@pytest.mark.parametrize("text", ["", "{", "[]", '{"no": "pid"}'])
def test_a_description_that_makes_no_sense_counts_as_none(tmp_path: Path, text: str) -> None:
    home = Home(tmp_path)
    home.description_file.write_text(text)
    assert home.description() is None


def test_a_process_that_is_gone_is_not_alive() -> None:
    pid = os.posix_spawn("/bin/true", ["/bin/true"], {})
    os.waitpid(pid, 0)
    assert process_is_alive(os.getpid())
    assert not process_is_alive(pid)


def test_outages_tell_who_registered_in_order_and_once() -> None:
    heard: list[str] = []

    async def scenario() -> list[bool]:
        outages = Outages(REGIONS)
        for name in ("first", "second"):

            async def down(region: str, name: str = name) -> None:
                heard.append(f"{name} {region} {outages.is_up(region)}")

            outages.on_region_down(down)
        changed = [await outages.kill("us-east-1"), await outages.kill("us-east-1")]
        return [*changed, await outages.revive("us-east-1"), await outages.revive("us-east-1")]

    assert asyncio.run(scenario()) == [True, False, True, False]
    assert heard == ["first us-east-1 False", "second us-east-1 False"]


def test_arc_s_endpoints_are_counted() -> None:
    async def scenario() -> list[int]:
        outages, counts = Outages(REGIONS), []
        for number in (1, 2, 3):
            await outages.kill_endpoint(number)
            counts.append(outages.endpoints_up())
        return counts

    assert asyncio.run(scenario()) == [4, 3, 2]


def test_an_unknown_region_or_endpoint_is_an_error() -> None:
    with pytest.raises(KeyError):
        asyncio.run(Outages(REGIONS).kill("mars"))
    with pytest.raises(KeyError):
        asyncio.run(Outages(REGIONS).kill_endpoint(6))


@pytest.fixture
def module(monkeypatch: pytest.MonkeyPatch) -> types.ModuleType:
    """A module that stands for the emulator, and a registry of this test alone."""
    made = types.ModuleType("pretended_emulator")
    exec("def write(table, *, replicate=True): return table", made.__dict__)  # noqa: S102
    monkeypatch.setitem(__import__("sys").modules, "pretended_emulator", made)
    monkeypatch.setattr(hooks, "_declared", {})
    monkeypatch.setattr(hooks, "_originals", {})
    return made


def test_a_name_that_is_gone_or_changed_stops_the_twin_with_all_of_them(module: types.ModuleType) -> None:
    hooks.declare(
        HookedName(module="pretended_emulator", attribute="gone"),
        HookedName(module="pretended_emulator", attribute="write", signature="(table)"),
        HookedName(module="no_such_module", attribute="x"),
    )
    with pytest.raises(EmulatorChangedError) as changed:
        hooks.verify()
    for part in (
        "emulator.gone is missing",
        "takes (table, *, replicate), expected (table)",
        "no_such_module.x",
    ):
        assert part in str(changed.value)


def test_a_name_as_declared_passes_and_can_be_replaced_and_put_back(module: types.ModuleType) -> None:
    name = HookedName(module="pretended_emulator", attribute="write", signature="(table, *, replicate)")
    hooks.replace(name, lambda original: lambda table: original(table) * 2)
    assert module.__dict__["write"](21) == 42
    hooks.verify()  # the original is what must be as declared
    hooks.restore_all()
    assert module.__dict__["write"](21) == 21


def test_declaring_a_name_in_two_ways_is_an_error(module: types.ModuleType) -> None:
    hooks.declare(HookedName(module="pretended_emulator", attribute="write", signature="(table)"))
    with pytest.raises(ValueError, match="declared twice"):
        hooks.declare(HookedName(module="pretended_emulator", attribute="write", signature="()"))


def test_the_installed_emulator_is_the_one_the_twin_was_built_on() -> None:
    for name in ("iam.identity", "route53.zones", "route53.rules"):
        importlib.import_module(f"twin.aws.{name}")
    hooks.verify()
    assert len(hooks.declared()) > 5
