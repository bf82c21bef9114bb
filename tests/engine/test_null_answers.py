"""Both stacks under Pulumi's real engine with a provider that answers null wherever it may.

One story in the order of this file, since each operation costs seconds: refused, made, unchanged, destroyed.
"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.engine.checkout import Checkout
from tests.engine.null_provider import BROKEN_PROMISES
from tests.engine.world import EAST, REGIONS, WEST, World, host_target
from tests.fakes.twin_fixtures import kept_twin
from tests.twin.api_kit import make_role
from twin.client import TwinClient
from twin.deploy.engine.find import find_program
from twin.deploy.errors import DeployError
from twin.deploy.process import program_environment
from twin.deploy.project import ROOT
from twin.home import Home

pytestmark = pytest.mark.twin
if find_program() is None:
    pytest.skip(
        "NO PULUMI ENGINE: the story of a provider that answers null did not run; make engine gets one",
        allow_module_level=True,
    )

SKIP = "--skip-preview"


@contextmanager
def null_provider(twin: TwinClient) -> Iterator[TwinClient]:
    """The twin, described with a provider that answers null in place of its own."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.engine.null_provider"],
        cwd=ROOT,
        env=program_environment(twin.env),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as provider:
        assert provider.stdout is not None
        port = provider.stdout.readline().strip()
        environment = {**twin.env, "PULUMI_DEBUG_PROVIDERS": f"aws:{port}"}
        Home(twin.home).describe({**twin.description, "environment": environment})
        # The provider ends with its input, when the block does.
        yield TwinClient.from_home(twin.home)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A twin of its own, whose program makes no log role for API Gateway."""
    checkout = Checkout(tmp_path_factory.mktemp("null") / "checkout")
    checkout.take_layers(host_target(), host_target())
    settings = {"manageApiGatewayAccount": "false", "protect": "false", "pointInTimeRecovery": "false"}
    with kept_twin(tmp_path_factory.mktemp("null-twin")) as twin, null_provider(twin) as described:
        yield World(described, checkout, overrides=settings)


def set_log_role(world: World, role: str) -> None:
    operation = {"op": "replace", "path": "/cloudwatchRoleArn", "value": role}
    for region in (EAST, WEST):
        world.aws("apigateway", region).update_account(patchOperations=[operation])


def log_roles(world: World) -> list[str]:
    return [world.aws("apigateway", region).get_account()["cloudwatchRoleArn"] for region in (EAST, WEST)]


def test_an_account_without_a_log_role_is_refused_in_the_preview(world: World) -> None:
    with pytest.raises(DeployError, match=f"no role to write logs with in {EAST}"):
        world.run("preview", "region1")


def test_both_stacks_are_previewed_and_made(world: World) -> None:
    set_log_role(world, make_role(world.twin, service="apigateway.amazonaws.com"))
    for stack in REGIONS:
        announced = world.run("preview", stack).resources["created"]
        assert world.run("up", stack, SKIP).resources["created"] == announced
    canaries = [r for r in world.resources("region1") if r["type"] in BROKEN_PROMISES]
    assert canaries
    assert all(r["outputs"]["engineArn"] is None for r in canaries)


@pytest.mark.parametrize("stack", REGIONS)
def test_an_up_of_what_is_unchanged_plans_nothing(world: World, stack: str) -> None:
    world.run("up", stack, "--expect-no-changes", SKIP)


def test_a_destroy_takes_everything_and_leaves_the_accounts_setting_alone(world: World) -> None:
    before = log_roles(world)
    for stack in reversed(REGIONS):
        world.run("destroy", stack, SKIP)
        assert world.resources(stack) == []
    assert log_roles(world) == before
    assert all(before)
