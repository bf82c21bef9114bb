"""Which stacks there are, from Pulumi's files."""

from pathlib import Path

import pytest

from ops.deployed.stacks import PROJECT, read_plan
from ops.errors import MisuseError
from tests.fakes.projects import three_regions

NAMES = """
  resilient-orders:domainName: orders.example.com
  resilient-orders:hostedZone: example.com
"""


def files(directory: Path, **stacks: str) -> Path:
    """This project with other stack files; each has the two names, and lines of its own."""
    (directory / "Pulumi.yaml").symlink_to(PROJECT / "Pulumi.yaml")
    for name, config in stacks.items():
        (directory / f"Pulumi.{name}.yaml").write_text(f"config:{NAMES}{config}")
    return directory


def test_the_projects_own_files_give_the_two_stacks_with_the_primary_first() -> None:
    found = read_plan("region2", PROJECT)
    assert found.regions == {"region1": "us-east-1", "region2": "us-west-2"}
    assert (found.primary, found.secondaries) == ("region1", ("region2",))
    assert (found.config.domain_name, found.config.hosted_zone) == ("orders.example.com", "example.com")


def test_a_stack_file_goes_over_the_projects_defaults(tmp_path: Path) -> None:
    config = """
  pulumi:disable-default-providers: [aws]
  resilient-orders:stacks: {a: eu-west-1, b: eu-central-1, c: eu-north-1}
  resilient-orders:primaryStack: b
  resilient-orders:accountId: "444455556666"
  resilient-orders:apiAccessLogs: "false"
"""
    found = read_plan("a", files(tmp_path, a=config, z=""))
    assert found.names == ("b", "a", "c")
    assert list(found.regions) == ["b", "a", "c"]
    assert (found.config.account_id, found.config.api_access_logs) == ("444455556666", False)


def test_a_stack_without_a_file_is_named_with_those_that_have_one(tmp_path: Path) -> None:
    with pytest.raises(MisuseError, match=r"--stack prod (.|\n)*region1, region2"):
        read_plan("prod", files(tmp_path, region1="", region2=""))


def test_a_primary_that_is_no_stack_is_refused(tmp_path: Path) -> None:
    config = "  resilient-orders:primaryStack: other"
    with pytest.raises(MisuseError, match=r"`primaryStack` is not in `stacks`(.|\n)*region1, region2"):
        read_plan("region1", files(tmp_path, region1=config))


def test_a_file_that_is_not_yaml_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MisuseError, match="cannot be used"):
        read_plan("region1", files(tmp_path, region1="  x: [unclosed"))


def test_stack_files_of_one_deployment_that_disagree_are_refused_with_both_values(tmp_path: Path) -> None:
    three = "  resilient-orders:stacks: {region1: us-east-1, region2: us-west-2, region3: eu-west-1}"
    directory = files(tmp_path, region1="", region2=three)
    with pytest.raises(MisuseError, match=r"region1.yaml and Pulumi.region2.yaml .*`stacks`.*eu-west-1"):
        read_plan("region1", directory)


def test_the_example_of_a_third_region_waits_until_the_other_files_name_it(tmp_path: Path) -> None:
    assert read_plan("region1", PROJECT).names == ("region1", "region2")
    with pytest.raises(MisuseError, match=r"Pulumi.region3.yaml and Pulumi.region1.yaml"):
        read_plan("region3", PROJECT)
    found = read_plan("region2", three_regions(tmp_path))
    assert found.regions == {"region1": "us-east-1", "region2": "us-west-2", "region3": "eu-west-1"}


@pytest.mark.parametrize(
    "config",
    ["- 3", "  resilient-orders:stacks: region1", "  resilient-orders:dnsTtl: ten"],
)
def test_a_half_edited_file_is_misuse_and_no_trace(tmp_path: Path, config: str) -> None:
    with pytest.raises(MisuseError, match=r"Pulumi.region1.yaml"):
        read_plan("region1", files(tmp_path, region1=config))
