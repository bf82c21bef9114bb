"""The configuration of a deployment, and what is refused before anything is deployed."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from twin.deploy.clients import Clients, refuse_remote
from twin.deploy.errors import ResourceError, SettingsError
from twin.deploy.project import ROOT
from twin.deploy.provider import ProviderSettings


@pytest.mark.parametrize(
    "url", ["https://dynamodb.us-east-1.amazonaws.com", "http://10.0.0.1:4566", "http://127.x.com"]
)
def test_an_endpoint_outside_this_machine_is_refused(url: str) -> None:
    with pytest.raises(SettingsError, match="not on this machine"):
        refuse_remote(url)


def test_an_endpoint_is_asked_in_the_region_that_controls_the_service() -> None:
    clients = Clients()
    iam = clients.get("iam", "us-west-2", "http://127.0.0.1:1/{region}")
    assert iam.meta.endpoint_url == "http://127.0.0.1:1/us-east-1"
    assert clients.get("iam", "eu-west-1", "http://127.0.0.1:1/{region}") is iam


def test_a_provider_without_an_endpoint_never_reaches_aws() -> None:
    settings = ProviderSettings.from_inputs("p", {"region": "us-east-1"})
    with pytest.raises(SettingsError, match="would go to AWS"):
        settings.endpoint("dynamodb", None)


def test_a_provider_refuses_another_account() -> None:
    settings = ProviderSettings.from_inputs(
        "p", {"region": "us-east-1", "allowedAccountIds": '["999999999999"]'}
    )
    with pytest.raises(ResourceError, match="AWS account ID not allowed: 111122223333"):
        settings.refuse_account("111122223333")


def test_an_unknown_argument_of_a_provider_is_refused() -> None:
    with pytest.raises(ResourceError, match="assumeRoles"):
        ProviderSettings.from_inputs("p", {"region": "us-east-1", "assumeRoles": "[]"})


@pytest.mark.parametrize(
    ("stack", "override", "message"),
    [
        ("region1", "observerRegion=us-east-1", "observerRegion"),
        ("region1", "primaryStack=elsewhere", "primaryStack"),
        ("region2", 'stacks={"region1": "us-east-1", "other": "us-west-2"}', "region2"),
        ("region9", "dnsTtl=10", "no stack 'region9'"),
        ("region1", "nonsense=1", "not a configuration key"),
    ],
)
def test_a_refused_configuration_makes_no_aws_call(
    tmp_path: Path, stack: str, override: str, message: str
) -> None:
    # Nothing listens at this address: any call would be told instead of the refusal.
    command = [
        sys.executable,
        "-m",
        "twin.deploy.in_process.runner",
        "--stack",
        stack,
        "--home",
        str(tmp_path),
    ]
    command += ["--instance", "i", "--config", "awsEndpointUrl=http://127.0.0.1:9", "--config", override]
    done = subprocess.run(
        command, cwd=ROOT, env=dict(os.environ), capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert "127.0.0.1:9" not in done.stderr
    assert done.stdout == ""
    assert not list(tmp_path.rglob("*.json"))


def test_a_secondary_stack_before_the_primary_is_refused_with_the_command_that_helps(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "twin.deploy.in_process.runner",
        "--stack",
        "region2",
        "--home",
        str(tmp_path),
    ]
    command += ["--instance", "i", "--config", "awsEndpointUrl=http://127.0.0.1:9"]
    done = subprocess.run(
        command, cwd=ROOT, env=dict(os.environ), capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "organization/resilient-orders/region1" in done.stderr
    assert "python -m twin deploy --stack region1" in done.stderr
    assert "Traceback" not in done.stderr
