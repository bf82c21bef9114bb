"""Pulumi's own AWS plugin on the twin: where it is found, what it is told, how the twin answers it."""

import os
from pathlib import Path

import boto3
import pytest
from botocore.config import Config

from tests.twin.workspaces import configuration, environment, executable, workspace_in
from twin import cli
from twin.client import TwinClient
from twin.deploy.engine import official, plugin
from twin.deploy.engine.workspace import Workspace
from twin.deploy.errors import SettingsError

STACK = "region1"
EAST = "us-east-1"
NAME = f"resource-aws-v{plugin.VERSION}/pulumi-resource-aws"


@pytest.fixture(autouse=True)
def users_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user without plugins."""
    monkeypatch.setenv("HOME", str(tmp_path / "user"))
    monkeypatch.delenv("PULUMI_HOME", raising=False)
    return tmp_path / "user"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    return workspace_in(tmp_path, monkeypatch)


@pytest.fixture
def official_plugin(users_home: Path) -> Path:
    return executable(users_home / ".pulumi" / "plugins" / NAME)


def placed(place: Workspace) -> Path:
    return place.home / "pulumi" / "home" / "plugins" / NAME


def has_resources(place: Workspace) -> None:
    state = place.home / "pulumi/backend/.pulumi/stacks/resilient-orders" / f"{STACK}.json"
    state.parent.mkdir(parents=True, exist_ok=True)
    state.write_text('{"checkpoint": {"latest": {"resources": [{"type": "aws:s3/bucket:Bucket"}]}}}')


def test_a_plugin_on_the_path_comes_first_then_the_twins_home_then_the_users(
    tmp_path: Path, official_plugin: Path
) -> None:
    home, path = tmp_path / "home", executable(tmp_path / "bin" / plugin.PROGRAM)
    variables = {"HOME": str(tmp_path / "user"), "PATH": "/nowhere"}
    other = executable(tmp_path / "other" / "plugins" / NAME)
    assert plugin.link_official(home, {**variables, "PATH": str(path.parent)}) == path
    assert plugin.link_official(home, variables) == home / "plugins" / NAME
    (home / "plugins" / NAME).unlink()
    assert plugin.link_official(home, {**variables, "PULUMI_HOME": str(tmp_path / "other")}) == other
    (home / "plugins" / NAME).unlink()
    assert plugin.link_official(home, variables) == official_plugin


def test_the_placeholder_is_never_taken_for_the_plugin(tmp_path: Path) -> None:
    plugin.hold_place(tmp_path / "home")
    with pytest.raises(SettingsError):
        plugin.link_official(tmp_path / "home", {"PATH": "/nowhere", "HOME": str(tmp_path)})


def test_the_plugin_stays_when_the_workspace_is_laid_out_again_and_the_placeholder_follows_it(
    place: Workspace, official_plugin: Path
) -> None:
    place.choose(STACK, "official")
    place.lay_out()
    assert placed(place).resolve() == official_plugin.resolve()
    official_plugin.unlink()
    place.lay_out()
    assert b"This is no provider" in placed(place).read_bytes()


def test_a_plugin_of_another_version_does_not_do(tmp_path: Path, users_home: Path) -> None:
    executable(users_home / ".pulumi/plugins/resource-aws-v7.0.0/pulumi-resource-aws")
    with pytest.raises(SettingsError):
        plugin.link_official(tmp_path / "home")


def test_where_there_is_none_the_error_says_which_is_meant_where_it_looked_and_how_to_get_it(
    place: Workspace, users_home: Path
) -> None:
    with pytest.raises(SettingsError) as refused:
        place.choose(STACK, "official")
    told = str(refused.value)
    for part in (
        "value seen:",
        "why:",
        "what to do:",
        f"pulumi plugin install resource aws {plugin.VERSION}",
    ):
        assert part in told
    assert str(place.home / "pulumi" / "home" / "plugins") in told
    assert str(users_home / ".pulumi" / "plugins") in told
    assert place.provider(STACK) == "twin"


def test_the_official_plugin_is_launched_and_the_twins_is_attached_to(
    place: Workspace, official_plugin: Path
) -> None:
    assert place.environment(STACK)["PULUMI_DEBUG_PROVIDERS"].startswith("aws:")
    place.choose(STACK, "official")
    told = place.environment(STACK)
    assert told["PULUMI_DEBUG_PROVIDERS"] == ""
    assert told["PULUMI_HOME"] == environment(place.home)["PULUMI_HOME"]
    assert told["PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION"] == "true"
    assert place.environment("region2")["PULUMI_DEBUG_PROVIDERS"].startswith("aws:")


def test_the_official_plugin_gets_an_endpoint_by_name_and_nothing_of_the_users_aws(
    place: Workspace, official_plugin: Path
) -> None:
    place.choose(STACK, "official")
    place.prepare(STACK)
    assert configuration(place)["awsEndpointUrl"] == "http://localhost:4566"
    told = place.environment(STACK)
    assert told["AWS_ENDPOINT_URL"] == "http://localhost:4566"
    assert told["HTTP_PROXY"] == told["http_proxy"] == "http://127.0.0.1:4566"
    # A name in NO_PROXY means the names below it as well.
    assert told["NO_PROXY"] == told["no_proxy"] == "127.0.0.1"
    assert told["AWS_CONFIG_FILE"] == told["AWS_SHARED_CREDENTIALS_FILE"] == os.devnull


def test_a_stack_goes_on_with_the_provider_that_made_its_resources(
    place: Workspace, official_plugin: Path
) -> None:
    place.choose(STACK, "official")
    has_resources(place)
    place.choose(STACK, None)
    assert place.provider(STACK) == "official"
    with pytest.raises(SettingsError, match=r"made with --provider official(.|\n)*what to do: .* destroy"):
        place.choose(STACK, "twin")
    assert place.provider(STACK) == "official"


def test_a_stack_without_resources_has_the_twins_provider_unless_another_is_asked_for(
    place: Workspace, official_plugin: Path
) -> None:
    place.choose(STACK, "official")
    place.choose(STACK, None)
    assert place.provider(STACK) == "twin"


def test_the_option_is_refused_without_the_engine(
    twin: TwinClient, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["deploy", "--home", str(twin.home), "--provider", "official"]) != 0
    assert "give --engine, too" in capsys.readouterr().err


@pytest.mark.twin
def test_the_twin_answers_s3_control_as_the_official_plugin_calls_it(twin: TwinClient) -> None:
    """At <account id>.localhost, asked as a proxy is: an address cannot have an account id before it."""
    address = twin.env["AWS_ENDPOINT_URL"]
    session = boto3.session.Session(
        aws_access_key_id=twin.env["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=twin.env["AWS_SECRET_ACCESS_KEY"],
        region_name=EAST,
    )
    account = session.client("sts", endpoint_url=address).get_caller_identity()["Account"]
    bucket = "official-plugin-bucket"
    told = official.environment(address)
    through = Config(proxies={"http": told["HTTP_PROXY"]}, s3={"addressing_style": "path"})
    s3 = session.client("s3", endpoint_url=told["AWS_ENDPOINT_URL"], config=through)
    s3.create_bucket(Bucket=bucket)
    s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": [{"Key": "a", "Value": "b"}]})
    control = session.client("s3control", endpoint_url=told["AWS_ENDPOINT_URL"], config=through)
    tags = control.list_tags_for_resource(AccountId=account, ResourceArn=f"arn:aws:s3:::{bucket}")["Tags"]
    assert tags == [{"Key": "a", "Value": "b"}]
