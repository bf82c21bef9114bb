"""Where a deployment is read from, and whose account it must be."""

from pathlib import Path
from typing import Any

import pytest

from ops.deployed import target as targets
from ops.deployed.options import DeploymentChoice
from ops.deployed.stacks import PROJECT
from ops.errors import DeploymentError, MisuseError
from tests.fakes.ops_target import FakeTarget
from tests.unit.ops.outputs import both, outputs
from tests.unit.ops.plans import plan

EXPORTED = "region1.json"


def aws(where: Path) -> FakeTarget:
    return FakeTarget(name="aws", deployed=both(), exports=where)


def place(target: FakeTarget, **fields: Any) -> DeploymentChoice:
    values: dict[str, Any] = {"target": target, "stacks": plan(), "report": lambda _: None}
    return DeploymentChoice(**(values | fields))


def export(target: FakeTarget) -> Path:
    file = place(target).export_file
    targets.export_outputs(target, plan(), target.deployed, file)
    return file


def no_pulumi(target: FakeTarget) -> FakeTarget:
    def ask() -> None:
        raise DeploymentError("Pulumi's backend gave no answer.")

    target.on_outputs = ask
    return target


def test_only_export_writes_the_file(tmp_path: Path) -> None:
    place(aws(tmp_path)).deployment()
    place(aws(tmp_path)).known()
    assert list(tmp_path.iterdir()) == []


def test_moving_traffic_on_aws_needs_no_pulumi_once_the_deployment_was_exported(tmp_path: Path) -> None:
    target = aws(tmp_path)
    export(target)
    found = place(no_pulumi(target)).known()
    assert found.regions == ("us-east-1", "us-west-2")
    assert found.exported_at is not None


@pytest.mark.parametrize("named", [True, False], ids=["--deployment FILE", "the committed file"])
def test_a_stack_file_that_cannot_be_used_is_a_warning_where_there_is_an_exported_file(
    tmp_path: Path, named: bool
) -> None:
    target, report = aws(tmp_path), list[str]()
    file = export(target)
    choice = place(
        no_pulumi(target),
        stacks=MisuseError("Pulumi.region1.yaml cannot\n   be read."),
        file=file if named else None,
        report=report.append,
    )
    assert choice.known().regions == ("us-east-1", "us-west-2")
    assert report[0].startswith("Warning: Pulumi.region1.yaml cannot be read.")
    assert "The file is believed" in report[0]
    with pytest.raises(MisuseError):
        _ = choice.plan


def test_a_stack_file_that_says_otherwise_is_a_warning(tmp_path: Path) -> None:
    target, report = aws(tmp_path), list[str]()
    export(target)
    place(target, stacks=plan(domainName="shop.example.com"), report=report.append).known()
    assert report[0].startswith("Warning: ")
    assert "orders.example.com, and the stack files say shop.example.com" in report[0]


def test_a_stack_file_that_names_another_primary_does_not_hide_the_exported_file(tmp_path: Path) -> None:
    target, report = aws(tmp_path), list[str]()
    export(target)
    edited = plan(primaryStack="region2")
    assert place(no_pulumi(target), stacks=edited, report=report.append).known().primary.name == "region1"
    assert "its primary stack is region1, and the stack files say region2" in report[0]


def test_the_file_of_another_environment_is_never_taken_by_itself(tmp_path: Path) -> None:
    target = aws(tmp_path)
    export(target)
    staging = plan(stacks={"staging1": "us-east-1", "staging2": "us-west-2"}, primaryStack="staging1")
    with pytest.raises(DeploymentError, match=r"staging1\.json is not there"):
        place(no_pulumi(target), stacks=staging, stack="staging1").known()


def test_without_the_exported_file_pulumi_is_asked_with_a_warning(tmp_path: Path) -> None:
    report = list[str]()
    assert place(aws(tmp_path), report=report.append).known().exported_at is None
    assert report == [f"Warning: {tmp_path / EXPORTED} is not there; Pulumi is asked what is deployed."]


@pytest.mark.parametrize("deployed", [True, False], ids=["Pulumi is down", "Pulumi knows nothing"])
def test_without_the_exported_file_the_error_names_it_its_place_and_how_to_get_it(
    tmp_path: Path, deployed: bool
) -> None:
    target = no_pulumi(aws(tmp_path)) if deployed else FakeTarget(name="aws", exports=tmp_path)
    with pytest.raises(DeploymentError) as caught:
        place(target).known()
    said = str(caught.value)
    assert str(tmp_path / EXPORTED) in said
    for way in ("git pull", "--deployment FILE", "python -m ops export"):
        assert way in said
    assert "deploy first" not in said.lower()


def test_the_exported_file_is_looked_for_beside_the_program_and_not_where_one_stands() -> None:
    assert targets.AwsTarget().exports == PROJECT / "deployments"


def test_a_command_that_uses_the_exported_file_says_its_age(tmp_path: Path) -> None:
    target, report = aws(tmp_path), list[str]()
    place(target, file=export(target), report=report.append).deployment()
    assert report == [f"aws: {tmp_path / EXPORTED}, exported just now ({report[0].partition('(')[2]}"]
    report.clear()
    place(target, report=report.append).deployment()
    assert report == []


def test_a_twin_without_a_stack_says_how_to_deploy(tmp_path: Path) -> None:
    with pytest.raises(DeploymentError, match="python -m twin deploy"):
        place(FakeTarget(exports=tmp_path)).known()


def test_the_twin_is_always_asked(tmp_path: Path) -> None:
    target = FakeTarget(deployed={"region1": outputs("us-east-1")}, exports=tmp_path)
    export(target)
    target.deployed = both()
    assert place(target).known().regions == ("us-east-1", "us-west-2")


def test_a_named_file_goes_before_everything(tmp_path: Path) -> None:
    target = FakeTarget(name="aws", deployed={"region1": outputs("us-east-1")}, exports=tmp_path)
    file = export(target)
    target.deployed = both()
    assert place(target, file=file).known().regions == ("us-east-1",)


def test_an_unknown_target_in_the_environment_is_an_error_and_not_a_default() -> None:
    with pytest.raises(MisuseError, match="OPS_TARGET=prod: write twin or aws"):
        targets.open_target("prod")
