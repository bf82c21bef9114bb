"""How a deployed stack becomes a Terraform configuration: by the schema alone, with a sample of it."""

from pathlib import Path
from typing import Any

import pytest

from tests.provider import exceptions, mirror
from tests.provider.configuration import Deployment, Resource
from tests.provider.kinds import kind_of, kinds
from tests.provider.references import reachable, references, wired
from tests.provider.terraform import changes
from tests.provider.translate import Translator, UntranslatableError, escaped, plural, terraform_type
from tests.provider.updates import UPDATES, updated
from twin.deploy.in_process.state import StoredResource

RULE = {
    "attributes": {"days": {"type": "number"}, "storage_class": {"type": "string"}},
    "block_types": {"filter": {"nesting_mode": "list", "max_items": 1, "block": {"attributes": {}}}},
}
BLOCK = {
    "attributes": {
        "function_name": {"type": "string"},
        "alarm_actions": {"type": ["set", "string"]},
        "policy": {"type": "string"},
        "tags": {"type": ["map", "string"]},
        "types": {"type": ["list", "string"]},
        "validation_options": {"type": ["set", ["object", {"record_name": "string"}]]},
    },
    "block_types": {
        "rule": {"nesting_mode": "list", "block": RULE},
        "logging_config": {"nesting_mode": "list", "max_items": 1, "block": RULE},
    },
}
SCHEMA = {"resource_schemas": {"aws_sns_topic": {"block": BLOCK}}}


def translated(**given: Any) -> dict[str, Any]:
    return Translator("aws_lambda_function", escaped).arguments(BLOCK, given)


@pytest.mark.parametrize(
    ("pulumi", "terraform"),
    [
        ("aws:dynamodb/tableReplica:TableReplica", "aws_dynamodb_table_replica"),
        ("aws:apigateway/restApi:RestApi", "aws_api_gateway_rest_api"),
        ("aws:s3/bucketObjectv2:BucketObjectv2", "aws_s3_object"),
    ],
)
def test_a_type_has_its_module_and_its_words_in_its_name(pulumi: str, terraform: str) -> None:
    assert terraform_type(pulumi) == terraform


def test_camel_case_plurals_and_plain_objects_become_what_the_schema_has() -> None:
    assert translated(
        name="renamed by pulumi-aws",
        alarmActions=["one"],
        rules=[{"days": 3, "storageClass": "COLD"}],
        loggingConfig={"days": 1, "filter": {}},
        tags={"camelCase": "stays"},
        types="ONE",
    ) == {
        "function_name": "renamed by pulumi-aws",
        "alarm_actions": ["one"],
        "rule": [{"days": 3, "storage_class": "COLD"}],
        "logging_config": [{"days": 1, "filter": [{}]}],
        "tags": {"camelCase": "stays"},
        "types": ["ONE"],
    }


def test_a_string_attribute_takes_numbers_and_truths_as_text_and_templates_literally() -> None:
    assert translated(policy=True) == {"policy": "true"}
    assert translated(policy="${name} and %{if}") == {"policy": "$${name} and %%{if}"}


def test_an_argument_that_the_provider_lacks_is_named() -> None:
    with pytest.raises(UntranslatableError, match=r"aws_lambda_function\.newFeature"):
        translated(newFeature=1)


def test_plurals_are_those_of_the_bridge() -> None:
    assert [plural(word) for word in ("rule", "policy", "key", "actions")] == [
        "rules", "policies", "keys", "actions",
    ]  # fmt: skip


def test_the_longest_known_value_becomes_a_reference_within_a_text_too() -> None:
    known = {"arn:topic": "aws_sns_topic.t.arn", "arn:topic:sub": "aws_x.s.arn"}
    assert wired('{"to": "arn:topic:sub", "or": "arn:topic", "${v}": 1}', known) == (
        '{"to": "${aws_x.s.arn}", "or": "${aws_sns_topic.t.arn}", "$${v}": 1}'
    )
    assert wired("nothing known", known) == "nothing known"


def test_what_aws_chose_is_referred_to_also_in_a_set_of_objects() -> None:
    outputs = {
        "id": "id-of-eight",
        "status": "DEPLOYED-LONG",
        "validation_options": [{"record_name": "_a.b.example."}],
    }
    assert dict(references("aws_acm_certificate.c", BLOCK, outputs)) == {
        "id-of-eight": "aws_acm_certificate.c.id",
        "_a.b.example.": "tolist(aws_acm_certificate.c.validation_options)[0].record_name",
    }


def test_reachable_are_all_that_come_before() -> None:
    assert reachable("c", {"c": ["b"], "b": ["a"], "d": []}) == {"a", "b"}


def kept(name: str, *, dependencies: tuple[str, ...] = (), **inputs: Any) -> StoredResource:
    return StoredResource(
        urn=f"urn:{name}",
        type="aws:sns/topic:Topic",
        name=name,
        identity=f"arn:{name}",
        region="us-east-1",
        provider="",
        inputs=inputs,
        outputs={},
        dependencies=dependencies,
    )


def deployment() -> Deployment:
    first = kept("first", policy="literal")
    second = kept("second", policy="see arn:first", dependencies=("urn:first", "urn:component"))
    other = kept("other", policy="see arn:first and zone ZONE1234")
    stacks = ((first, "region1"), (second, "region1"), (other, "region2"))
    resources = tuple(Resource(kept=one, stack=stack) for one, stack in stacks)
    return Deployment(resources=resources, zone="ZONE1234", domain="orders.example.com")


def test_a_stack_made_anew_refers_to_what_it_depends_on_and_a_secondary_to_the_primary() -> None:
    topics = deployment().creating(SCHEMA)["resource"]["aws_sns_topic"]
    assert topics["region1-second"]["policy"] == "see ${aws_sns_topic.region1-first.id}"
    assert topics["region1-second"]["depends_on"] == ["aws_sns_topic.region1-first"]
    assert topics["region2-other"]["policy"] == (
        "see ${aws_sns_topic.region1-first.id} and zone ${data.aws_route53_zone.hosted.zone_id}"
    )
    assert topics["region1-first"]["provider"] == "aws.us-east-1"


def test_an_import_takes_literal_values_and_every_resource() -> None:
    importing = deployment().importing(SCHEMA)
    assert importing["import"][1] == {"to": "aws_sns_topic.region1-second", "id": "arn:second"}
    assert importing["resource"]["aws_sns_topic"]["region1-second"]["policy"] == "see arn:first"


def test_an_update_changes_one_field_of_each_type_and_leaves_the_configuration_as_it_was() -> None:
    configuration = {"resource": {"aws_sns_topic": {"t": {"name": "t"}}, "aws_other": {"o": {"name": "o"}}}}
    assert updated(configuration)["resource"] == {
        "aws_sns_topic": {"t": {"name": "t", "display_name": "updated"}},
        "aws_other": {"o": {"name": "o"}},
    }
    assert configuration["resource"]["aws_sns_topic"] == {"t": {"name": "t"}}
    assert not UPDATES.keys() & exceptions.NOT_UPDATED.keys()


def test_a_plan_tells_what_differs_and_not_what_is_only_read_or_imported() -> None:
    def entry(address: str, *actions: str, **change: Any) -> dict[str, Any]:
        return {"address": address, "change": {"actions": actions, "after_unknown": {}, **change}}

    plan = [
        entry("a.same", "no-op", before={}, after={}, importing={"id": "x"}),
        entry("data.a.read", "read", before=None, after={}),
        entry("a.b", "update", before={"x": 1, "y": 2}, after={"x": 1, "y": 3}),
    ]
    (change,) = changes(plan)
    assert (change.address, change.actions, change.paths) == ("a.b", ("update",), {"y": (2, 3)})


def test_an_id_of_which_every_character_is_a_digit_by_chance_is_a_string_like_others() -> None:
    assert kind_of("54312345") == kind_of("5eacfc2d") == "string"


def test_kinds_tell_null_from_empty_and_look_into_blocks_but_not_into_tags() -> None:
    value = {"a": None, "b": "", "c": [{"d": "arn:aws:x"}], "e": {"f": True}, "tags": {"T": "1"}, "n": 1.5}
    assert dict(kinds(value)) == {
        "a": "null",
        "b": '""',
        "c": "list",
        "c[].d": "arn",
        "e": "object",
        "e.f": "bool",
        "tags": "object",
        "n": "number",
    }


@pytest.fixture
def machine(tmp_path: Path) -> dict[str, str]:
    """An environment with a terraform on its PATH."""
    program = tmp_path / "bin" / "terraform"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    return {"PATH": str(program.parent), "HOME": str(tmp_path / "home")}


def provider_in(directory: Path, version: str) -> Path:
    (directory / "registry.terraform.io" / "hashicorp" / "aws" / version).mkdir(parents=True)
    return directory


def test_a_mirror_is_the_named_one_or_the_configurations_or_terraforms_own_or_lies_below_opt(
    machine: dict[str, str], tmp_path: Path
) -> None:
    places = [
        (provider_in(tmp_path / "opt" / "any", "1.0.0"), {}),
        (provider_in(tmp_path / "home" / ".terraform.d" / "plugins", "2.0.0"), {}),
        (provider_in(tmp_path / "configured", "3.0.0"), {"TF_CLI_CONFIG_FILE": str(tmp_path / "rc")}),
        (provider_in(tmp_path / "named", "4.0.0"), {mirror.VARIABLE: str(tmp_path / "named")}),
    ]
    (tmp_path / "rc").write_text(
        f'provider_installation {{\n  filesystem_mirror {{\n    path = "{places[2][0]}"\n  }}\n}}\n'
    )
    given: dict[str, str] = {}
    versions = []
    for number, (_, more) in enumerate(places):
        given |= more
        root = tmp_path if number == 0 else tmp_path / "nowhere"
        home = {"HOME": str(tmp_path / "none")} if number == 0 else {}
        found = mirror.find({**machine, **given, **home}, root)
        assert isinstance(found, mirror.Mirror)
        versions.append(found.version)
        assert str(found.path) in found.configuration()
    assert versions == ["1.0.0", "2.0.0", "3.0.0", "4.0.0"]


def test_the_newest_of_several_versions_is_taken(machine: dict[str, str], tmp_path: Path) -> None:
    for version in ("5.9.0", "5.100.0", "5.99.1"):
        provider_in(tmp_path / "named", version)
    found = mirror.find({**machine, mirror.VARIABLE: str(tmp_path / "named")}, tmp_path)
    assert isinstance(found, mirror.Mirror)
    assert found.version == "5.100.0"


def test_without_terraform_or_provider_the_reason_is_said(machine: dict[str, str], tmp_path: Path) -> None:
    assert mirror.find({"PATH": ""}, tmp_path) == "terraform is not on the PATH"
    assert mirror.VARIABLE in str(mirror.find(machine, tmp_path))
