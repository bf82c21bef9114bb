"""Where a deployment is read from, and whose account it must be."""

from pathlib import Path

import pytest

from ops import deployment as deployments
from ops import target as targets
from ops.errors import CredentialsError, MisuseError
from tests.fakes.ops_target import FakeTarget
from tests.unit.ops.outputs import both, outputs
from tests.unit.ops.plans import plan


@pytest.fixture(autouse=True)
def saved_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(deployments, "SAVED_DIRECTORY", tmp_path)
    return tmp_path


def test_a_deployment_on_aws_is_kept_in_a_file_whenever_it_is_read(saved_in: Path) -> None:
    targets.find_deployment(FakeTarget(name="aws", deployed=both()), plan(), None)
    assert (saved_in / "region1.json").exists()


def test_moving_traffic_on_aws_needs_no_pulumi_once_the_deployment_was_kept() -> None:
    target = FakeTarget(name="aws", deployed=both())
    targets.find_deployment(target, plan(), None)

    def ask() -> None:
        raise AssertionError("Pulumi was asked")

    target.on_outputs = ask
    assert targets.known_deployment(target, plan(), None).regions == ("us-east-1", "us-west-2")


def test_the_twin_is_always_asked_and_nothing_is_kept(saved_in: Path) -> None:
    target = FakeTarget(deployed={"region1": outputs("us-east-1")})
    targets.known_deployment(target, plan(), None)
    target.deployed = both()
    assert targets.known_deployment(target, plan(), None).regions == ("us-east-1", "us-west-2")
    assert list(saved_in.iterdir()) == []


def test_a_named_file_goes_before_everything(tmp_path: Path) -> None:
    file = tmp_path / "kept.json"
    deployments.save({"region1": outputs("us-east-1")}, file)
    assert targets.known_deployment(FakeTarget(name="aws"), plan(), file).regions == ("us-east-1",)


def test_another_account_is_refused_with_both_numbers() -> None:
    target = FakeTarget(account="999999999999")
    with pytest.raises(CredentialsError, match=r"999999999999.*111122223333.*Nothing was done"):
        targets.check_account(target, "111122223333", "us-east-1")
    assert targets.check_account(target, "", "us-east-1") == "999999999999"


def test_an_unknown_target_in_the_environment_is_an_error_and_not_a_default() -> None:
    with pytest.raises(MisuseError, match="OPS_TARGET=prod: write twin or aws"):
        targets.open_target("prod")
