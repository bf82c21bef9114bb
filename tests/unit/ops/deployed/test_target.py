"""Where a deployment is read from, and whose account it must be."""

from pathlib import Path

import pytest

from ops.deployed import target as targets
from ops.deployed.options import Place
from ops.errors import MisuseError
from tests.fakes.ops_target import FakeTarget
from tests.unit.ops.outputs import both, outputs
from tests.unit.ops.plans import plan


def aws(where: Path) -> FakeTarget:
    return FakeTarget(name="aws", deployed=both(), exports=where)


def export(target: FakeTarget) -> Path:
    file = targets.export_file(target, plan())
    targets.export_outputs(target, plan(), target.deployed, file)
    return file


def test_only_export_writes_the_file(tmp_path: Path) -> None:
    targets.find_deployment(aws(tmp_path), plan(), None)
    targets.known_deployment(aws(tmp_path), plan(), None)
    assert list(tmp_path.iterdir()) == []


def test_moving_traffic_on_aws_needs_no_pulumi_once_the_deployment_was_exported(tmp_path: Path) -> None:
    target = aws(tmp_path)
    export(target)

    def ask() -> None:
        raise AssertionError("Pulumi was asked")

    target.on_outputs = ask
    found = targets.known_deployment(target, plan(), None)
    assert found.regions == ("us-east-1", "us-west-2")
    assert found.exported_at is not None


def test_a_command_that_uses_the_exported_file_says_its_age(tmp_path: Path) -> None:
    target, told = aws(tmp_path), list[str]()
    place = Place(target=target, plan=plan(), file=export(target), told=told.append)
    place.deployment()
    assert told == [f"aws: {tmp_path / 'region1.json'}, exported just now ({told[0].partition('(')[2]}"]
    told.clear()
    Place(target=target, plan=plan(), file=None, told=told.append).deployment()
    assert told == []


def test_the_twin_is_always_asked(tmp_path: Path) -> None:
    target = FakeTarget(deployed={"region1": outputs("us-east-1")}, exports=tmp_path)
    export(target)
    target.deployed = both()
    assert targets.known_deployment(target, plan(), None).regions == ("us-east-1", "us-west-2")


def test_a_named_file_goes_before_everything(tmp_path: Path) -> None:
    target = FakeTarget(name="aws", deployed={"region1": outputs("us-east-1")}, exports=tmp_path)
    file = export(target)
    target.deployed = both()
    assert targets.known_deployment(target, plan(), file).regions == ("us-east-1",)


def test_an_unknown_target_in_the_environment_is_an_error_and_not_a_default() -> None:
    with pytest.raises(MisuseError, match="OPS_TARGET=prod: write twin or aws"):
        targets.open_target("prod")
