"""`python -m twin deploy` and `destroy`: what fits the twin, what is refused, and what comes next."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from blueprint.project_files import Project
from tests.twin.workspaces import environment
from twin.cli import main, up
from twin.cli.deploy import next_steps
from twin.client import TwinClient
from twin.deploy import run
from twin.deploy.errors import SettingsError
from twin.deploy.in_process.state import StackState, StoredResource, state_file
from twin.deploy.project import ROOT, fitting, in_zone

INSTANCE = "this-run"


@pytest.fixture
def client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TwinClient:
    """The running twin, which holds nothing, as far as its files say."""
    made = TwinClient({"home": str(tmp_path), "instance": INSTANCE})
    monkeypatch.setattr(TwinClient, "from_home", lambda *_: made)
    return made


def hold(client: TwinClient, stack: str, *, protect: bool = False, **inputs: object) -> None:
    state = StackState(path=state_file(client.home, stack), twin=INSTANCE)
    state.put(
        StoredResource(
            urn=f"urn:{stack}",
            type="aws:dynamodb/table:Table",
            name="orders",
            identity="orders",
            region="us-east-1",
            provider="p",
            inputs=inputs,
            outputs={},
            protect=protect,
        )
    )


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    made: list[str] = []
    monkeypatch.setattr(run, "unprotect_stack", lambda stack, _: made.append(f"unprotect {stack}"))
    monkeypatch.setattr(run, "destroy_stack", lambda stack, _: made.append(f"destroy {stack}"))
    return made


def fits(tmp_path: Path, **given: str) -> dict[str, str]:
    env = {**environment(tmp_path), "TWIN_REGIONS": "us-east-1,us-west-2,us-east-2"}
    return fitting(Project.at(ROOT), "region1", given, env)


def test_a_domain_name_in_the_twins_zone_is_kept(tmp_path: Path) -> None:
    assert fits(tmp_path)["domainName"] == "orders.example.com"
    assert fits(tmp_path, domainName="shop.example.com")["domainName"] == "shop.example.com"


@pytest.mark.parametrize(
    ("domain", "expected"),
    [
        ("shop.example.com", "shop.example.com"),
        ("shop.eu.company.test", "shop.eu.example.com"),
        ("elsewhere.test", "elsewhere.test"),
    ],
)
def test_a_domain_name_in_the_configured_zone_moves_to_the_twins(domain: str, expected: str) -> None:
    assert in_zone(domain, "company.test", "example.com") == expected


def test_a_region_that_the_twin_lacks_is_named_with_the_option_that_adds_it(tmp_path: Path) -> None:
    with pytest.raises(
        SettingsError, match=r"(?s)no eu-west-1.*--regions us-east-1,us-west-2,us-east-2,eu-west-1"
    ):
        fits(tmp_path, observerRegion="eu-west-1")


def test_a_twin_is_started_with_what_the_stack_files_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = SimpleNamespace(
        regions=("eu-west-1", "us-west-2"), observer_region="us-east-2", is_strong=False, hosted_zone="a.test"
    )
    monkeypatch.setattr(Project, "default_config", lambda _: config)
    found = up._of_stack_files()
    assert found == {
        "regions": ("us-east-1", "us-west-2", "us-east-2", "eu-west-1"),
        "hosted_zone": "a.test",
    }


@pytest.mark.parametrize("how", [{"protect": True}, {"deletionProtectionEnabled": True}])
def test_what_is_protected_is_destroyed_when_its_protection_is_lifted(
    client: TwinClient, calls: list[str], how: dict[str, bool]
) -> None:
    hold(client, "region1", **how)
    hold(client, "region2")
    assert main(["destroy"]) == 0
    assert calls == ["destroy region2", "unprotect region1", "destroy region1"]


def test_a_stack_that_is_nowhere_is_misuse_and_nothing_is_destroyed(
    client: TwinClient, calls: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["destroy", "--stack", "region2", "--stack", "nope"]) == 2
    assert "there is no stack 'nope'" in capsys.readouterr().err
    assert calls == []


def test_a_stack_without_a_file_that_stands_is_destroyed(client: TwinClient, calls: list[str]) -> None:
    hold(client, "gone")
    assert main(["destroy", "--stack", "gone"]) == 0
    assert calls == ["destroy gone"]


@pytest.mark.usefixtures("client")
def test_an_unknown_key_is_misuse(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["deploy", "--config", "nonsense=1"]) == 2
    assert "'nonsense' is not a configuration key" in capsys.readouterr().err


def test_controls_that_are_off_are_named_with_what_switches_them_on() -> None:
    controls = [{"name": "us-east-1", "on": False}, {"name": "us-west-2", "on": True}]
    status = {"addresses": {"page": "http://here/"}, "arc": {"controls": controls}}
    assert next_steps(status)[1:] == [
        "new routing controls are Off. Give the regions traffic:",
        "  python -m ops controls on us-east-1",
    ]
    controls[0]["on"] = True
    assert next_steps(status) == ["look at it: http://here/"]
