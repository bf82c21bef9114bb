"""How the real provider's answers are recorded, and how others are held to them."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.fakes import provider_answers
from tests.provider import answers

TOPIC = "aws:sns/topic:Topic"
BLOCK = {
    "attributes": {
        "arn": {"type": "string"},
        "display_name": {"type": "string"},
        "owner_ids": {"type": ["list", "string"]},
    },
    "block_types": {
        "entry": {"nesting_mode": "list", "block": {"attributes": {"sub_name": {"type": "string"}}}},
        "setting": {
            "nesting_mode": "list",
            "max_items": 1,
            "block": {"attributes": {"a_b": {"type": "bool"}}},
        },
    },
}
SCHEMA = {
    "resource_schemas": {"aws_sns_topic": {"block": BLOCK}},
    "data_source_schemas": {"aws_partition": {"block": {"attributes": {"dns_suffix": {"type": "string"}}}}},
}


def state(**values: Any) -> dict[str, Any]:
    return {"type": "aws_sns_topic", "mode": "managed", "values": values}


def test_answers_have_pulumis_names_and_blocks_that_stand_once_are_plain() -> None:
    first = state(
        arn="arn:aws:sns:x",
        display_name="",
        entry=[{"sub_name": None}],
        setting=[{"a_b": True}],
        owner_ids=[],
    )
    second = state(arn="arn:aws:sns:y", display_name="Name", entry=[], setting=[], owner_ids=None)
    partition = {"type": "aws_partition", "mode": "data", "values": {"dns_suffix": "amazonaws.com"}}
    other = {"type": "terraform_data", "mode": "managed", "values": {"id": "x"}}
    assert answers.answers(SCHEMA, [first, second, partition, other], {TOPIC}) == {
        TOPIC: {
            "arn": ["arn"],
            "displayName": ['""', "string"],
            "entries": ["[]", "list"],
            "entries[].subName": ["null"],
            "setting": ["null", "object"],
            "setting.aB": ["bool"],
            "ownerIds": ["[]", "null"],
        },
        "aws:index/getPartition:getPartition": {"dnsSuffix": ["string"]},
    }


def test_the_file_has_one_line_a_type(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "answers.json"
    monkeypatch.setattr(answers, "FILE", file)
    content = {"b": {"y": ["null"], "x": ["arn"]}, "a": {"z": ['""']}}
    answers.write(content)
    assert len(file.read_text().splitlines()) == 4
    assert answers.recorded() == content == json.loads(file.read_text())


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ({"arn": "arn:aws:sns:x", "displayName": None}, []),
        ({"displayName": ""}, [f'{TOPIC} displayName is "", the real provider gave null']),
        ({"policies": []}, [f"{TOPIC} policies is [], the real provider gave list or null"]),
        (
            {"policies": [{"subName": 3}]},
            [f"{TOPIC} policies[].subName is number, the real provider gave arn"],
        ),
        ({"ofANewerProvider": ""}, []),
        ({"echoed": ""}, []),
    ],
)
def test_what_the_real_provider_never_gave_is_named(
    given: dict[str, Any], wrong: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    known = {
        "arn": ["arn"],
        "displayName": ["null"],
        "policies": ["list", "null"],
        "policies[].subName": ["arn"],
        "echoed": ["null"],
    }
    monkeypatch.setattr(provider_answers, "ANSWERS", {TOPIC: known})
    assert list(provider_answers.contradictions(TOPIC, given, {"echoed": ""})) == wrong
