"""`--provider official` under the real engine: it launches a plugin itself, and hands the configuration over.

Pulumi's own plugin comes from Pulumi's servers only. The one on the PATH here is the twin's provider, started
as the engine starts any plugin, and the program is a small one with the real program's providers. What the
official plugin makes of the whole program, a job of .github/workflows/checks.yml sees.
"""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine.checkout import Checkout
from tests.engine.world import WEST, World
from tests.fakes.twin_fixtures import kept_twin
from twin.deploy.engine import plugin
from twin.deploy.engine.find import find_program
from twin.deploy.engine.workspace import workspace
from twin.deploy.errors import DeployError
from twin.deploy.project import ROOT
from twin.deploy.run import deploy_stack

pytestmark = pytest.mark.twin
if find_program() is None:
    pytest.skip(
        "NO PULUMI ENGINE: no plugin was launched by the real engine; make engine gets one",
        allow_module_level=True,
    )

STACK = "region2"
_PROGRAM = """\
import pulumi
from pulumi_aws import sns

from components import current_config, providers

own = providers.build(current_config.current()).own
topic = sns.Topic("topic", name="made-through-a-plugin", opts=pulumi.ResourceOptions(provider=own))
pulumi.export("topic", topic.arn)
"""
_LAUNCHED = """\
#!/bin/sh
env > "{directory}/launched.$$"
cd {root} && exec {python} -m twin.deploy.engine.provider_server
"""


@pytest.fixture(scope="module")
def launches(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A directory on the PATH with a plugin that notes its environment there, one file a launch."""
    directory = tmp_path_factory.mktemp("plugin")
    program = directory / plugin.PROGRAM
    program.write_text(_LAUNCHED.format(directory=directory, root=ROOT, python=sys.executable))
    program.chmod(0o755)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", str(directory), prepend=os.pathsep)
        yield directory


@pytest.fixture(scope="module")
def officially(launches: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A twin of its own, with a stack that was deployed into it through the launched plugin."""
    checkout = Checkout(tmp_path_factory.mktemp("official") / "checkout")
    (checkout.directory / "__main__.py").write_text(_PROGRAM)
    with kept_twin(tmp_path_factory.mktemp("official-twin")) as twin:
        directory = checkout.directory
        deploy_stack(STACK, twin, engine=True, provider="official", project_directory=directory, quiet=True)
        yield World(twin, checkout)


def told(launches: Path) -> list[dict[str, str]]:
    """The environment of each launched plugin."""
    return [
        dict(line.split("=", 1) for line in file.read_text().splitlines() if "=" in line)
        for file in sorted(launches.glob("launched.*"))
    ]


def test_the_engine_launches_a_plugin_for_each_provider_and_attaches_to_none(
    officially: World, launches: Path
) -> None:
    environments = told(launches)
    assert len(environments) >= 2  # of the stack's own region, and of the observer's
    assert {environment["PULUMI_DEBUG_PROVIDERS"] for environment in environments} == {""}


def test_each_plugin_gets_the_twins_credentials_and_address_and_none_of_the_users(
    officially: World, launches: Path
) -> None:
    twin = officially.twin.env
    port = twin["AWS_ENDPOINT_URL"].rpartition(":")[2]
    for environment in told(launches):
        assert environment["AWS_ACCESS_KEY_ID"] == twin["AWS_ACCESS_KEY_ID"]
        assert environment["AWS_SECRET_ACCESS_KEY"] == twin["AWS_SECRET_ACCESS_KEY"]
        assert environment["AWS_EC2_METADATA_DISABLED"] == "true"
        assert environment["AWS_ENDPOINT_URL"] == f"http://localhost:{port}"
        assert environment["HTTP_PROXY"] == f"http://127.0.0.1:{port}"
        assert environment["AWS_CONFIG_FILE"] == os.devnull


def test_what_the_launched_plugins_made_is_in_the_twin_and_in_the_engines_state(officially: World) -> None:
    topic = officially.physical(STACK, "topic")
    attributes = officially.aws("sns", WEST).get_topic_attributes(TopicArn=topic)["Attributes"]
    assert attributes["TopicArn"] == topic
    assert officially.outputs()[STACK] == {"topic": topic}


def test_an_unchanged_preview_goes_on_with_the_same_plugin_and_shows_no_change(
    officially: World, launches: Path
) -> None:
    before = len(told(launches))
    assert officially.changes("preview", STACK, "--expect-no-changes") == {}
    assert len(told(launches)) > before


def test_the_twins_provider_is_refused_a_stack_that_the_plugin_made(officially: World) -> None:
    with pytest.raises(DeployError, match="cannot go on with another provider"):
        workspace(officially.twin.home, officially.twin.env, officially.checkout.directory).choose(
            STACK, "twin"
        )


def test_the_stack_is_destroyed_through_the_plugin(officially: World, launches: Path) -> None:
    before = len(told(launches))
    officially.run("destroy", STACK)
    assert len(told(launches)) > before
    assert officially.resources(STACK) == []
