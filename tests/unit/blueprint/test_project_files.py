"""A stack's configuration, put together from Pulumi's files and what is given beside them."""

from pathlib import Path

import pytest

from blueprint.errors import ConfigError
from blueprint.project_files import Project

ROOT = Path(__file__).resolve().parents[3]

PULUMI_YAML = """
name: shop
runtime: python
config:
  size: {type: integer, default: 3}
  regions: {type: object, default: {a: us-east-1}}
  flag: {type: boolean, default: true}
  name: {type: string}
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "Pulumi.yaml").write_text(PULUMI_YAML)
    (tmp_path / "Pulumi.one.yaml").write_text(
        "config:\n  pulumi:disable-default-providers: [aws]\n  shop:name: x\n"
    )
    (tmp_path / "Pulumi.empty.yaml").write_text("config: {}\n")
    return Project.at(tmp_path)


def test_defaults_stack_file_and_overrides_make_the_configuration(project: Project) -> None:
    assert project.configuration("one", {"size": "5", "aws:region": "x"}) == {
        "shop:size": "5",
        "shop:regions": '{"a": "us-east-1"}',
        "shop:flag": "true",
        "shop:name": "x",
        "pulumi:disable-default-providers": '["aws"]',
        "aws:region": "x",
    }


def test_a_missing_value_is_refused_by_name(project: Project) -> None:
    with pytest.raises(ConfigError, match=r"`name` is not set(.|\n)*Pulumi.empty.yaml"):
        project.configuration("empty", {})


def test_an_unknown_stack_is_refused_with_those_that_exist(project: Project) -> None:
    with pytest.raises(ConfigError, match=r"no stack 'two'(.|\n)*empty, one"):
        project.configuration("two", {})


def test_an_unknown_override_is_refused_with_those_that_exist(project: Project) -> None:
    with pytest.raises(ConfigError, match=r"'sise' is not a configuration key(.|\n)*size"):
        project.configuration("one", {"sise": "5"})


def test_an_encrypted_value_is_refused(project: Project) -> None:
    project.stack_file("one").write_text("config:\n  shop:name:\n    secure: v1:abc\n")
    with pytest.raises(ConfigError, match="encrypted values"):
        project.configuration("one", {})


def test_the_stacks_are_those_of_the_configuration_whatever_other_files_there_are() -> None:
    project = Project.at(ROOT)
    assert project.stack_file("region3").exists()
    assert project.default_config().stacks_in_order == ("region1", "region2")
    three = '{"region3": "eu-west-1", "region2": "us-west-2", "region1": "us-east-1"}'
    assert project.default_config({"stacks": three}).stacks_in_order == ("region1", "region2", "region3")


def test_a_stack_files_values_are_typed_and_those_given_beside_it_win() -> None:
    config = Project.at(ROOT).stack_config("region1", {"dnsTtl": "30", "resilient-orders:protect": "false"})
    assert (config.dns_ttl, config.protect, config.stack) == (30, False, "region1")


def own(directory: Path, config: str) -> Project:
    """This project, with `config` as region1's whole file."""
    (directory / "Pulumi.yaml").symlink_to(ROOT / "Pulumi.yaml")
    (directory / "Pulumi.region1.yaml").write_text(config)
    return Project.at(directory)


SECRET = """
config:
  resilient-orders:domainName: orders.example.com
  resilient-orders:hostedZone: example.com
  resilient-orders:alarmEmail:
    secure: v1:abc
"""


def test_an_encrypted_value_counts_as_its_default_where_it_is_not_needed(tmp_path: Path) -> None:
    project = own(tmp_path, SECRET)
    assert project.stack_config("region1", leave_out_secrets=True).alarm_email == ""
    with pytest.raises(ConfigError, match="alarmEmail"):
        project.stack_config("region1")


@pytest.mark.parametrize("content", ["config: 3", "- a", "config: [unclosed"])
def test_a_file_that_is_none_is_refused_by_name(tmp_path: Path, content: str) -> None:
    with pytest.raises(ConfigError, match=r"Pulumi\.region1\.yaml cannot be used"):
        own(tmp_path, content).stack_config("region1")


def test_a_key_that_is_none_is_refused_as_the_program_refuses_it(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="Write `protect` instead"):
        own(tmp_path, "config: {resilient-orders:protected: true}").stack_config("region1")
