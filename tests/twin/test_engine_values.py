"""Between the engine's values and the handlers': what travels, what differs, what AWS has otherwise."""

from pathlib import Path
from typing import Any

import pytest
from google.protobuf import json_format, struct_pb2
from pulumi.runtime import rpc

from twin.deploy.engine import wire
from twin.deploy.engine.differences import differences, observed, top_level
from twin.deploy.errors import ResourceError
from twin.deploy.values import LocalFile, Secret


def struct(content: dict[str, Any]) -> struct_pb2.Struct:
    return json_format.ParseDict(content, struct_pb2.Struct())


def special(signature: str, **members: Any) -> dict[str, Any]:
    return {wire.SIGNATURE: signature, **members}


def test_the_signatures_are_those_of_pulumis_own_runtime() -> None:
    assert rpc._special_sig_key == wire.SIGNATURE
    assert rpc._special_secret_sig == wire.SECRET
    assert rpc._special_asset_sig == wire.ASSET
    assert rpc._special_archive_sig == wire.ARCHIVE
    assert rpc._special_output_value_sig == wire.OUTPUT
    assert wire.UNKNOWN_TEXT == rpc.UNKNOWN


def test_whole_numbers_arrive_as_integers_and_nulls_not_at_all() -> None:
    assert wire.plain(struct({"size": 3, "share": 0.5, "gone": None, "on": True, "list": [1, None]})) == {
        "size": 3,
        "share": 0.5,
        "on": True,
        "list": [1, None],
    }


def test_unknowns_secrets_and_files_are_told_apart() -> None:
    found = wire.plain(
        struct(
            {
                "later": wire.UNKNOWN_TEXT,
                "key": special(wire.SECRET, value="s3cret"),
                "code": special(wire.ARCHIVE, path="/x/code.zip", hash="ab"),
                "later_too": special(wire.OUTPUT),
            }
        )
    )
    assert found["later"] is wire.UNKNOWN
    assert found["later_too"] is wire.UNKNOWN
    assert found["key"] == Secret(value="s3cret")
    assert found["code"] == LocalFile(path=Path("elsewhere"), sha256="ab")
    assert wire.holds_unknown({"a": [{"b": found["later"]}]})
    assert not wire.holds_unknown({"a": [found["key"]]})


def test_a_value_of_an_unknown_kind_is_refused() -> None:
    with pytest.raises(ResourceError, match="of the kind nobody-knows is not in the twin"):
        wire.plain(struct({"x": special("nobody-knows")}))


def test_values_are_written_over_and_none_takes_away() -> None:
    properties = struct({"a": 1, "b": 2})
    wire.set_values(properties, {"a": {"x": [True, "t"]}, "b": None, "c": {}})
    assert json_format.MessageToDict(properties) == {"a": {"x": [True, "t"]}, "c": {}}


def test_differences_are_named_by_property_path() -> None:
    old = {"same": 1, "tags": {"a.b": "1", "gone": "x"}, "layers": ["one", "two"], "left": True}
    new = {"same": 1, "tags": {"a.b": "2"}, "layers": ["one"], "added": {"x": 1}}
    assert differences(old, new) == {
        "added": "add",
        "layers[1]": "delete",
        "left": "delete",
        'tags["a.b"]': "update",
        "tags.gone": "delete",
    }
    assert {top_level(path) for path in differences(old, new)} == {"added", "layers", "left", "tags"}


def test_an_unknown_differs_and_equal_files_do_not() -> None:
    file = LocalFile(path=Path("a"), sha256="1")
    same = LocalFile(path=Path("b"), sha256="1")
    assert differences({"arn": "x", "code": file}, {"arn": wire.UNKNOWN, "code": same}) == {"arn": "update"}


TAGS = frozenset({"tags"})


@pytest.mark.parametrize(
    ("given", "seen"),
    [
        ({"size": 1}, {}),
        ({"size": 1}, {"size": None}),
        ({"rule": {"kind": "x"}}, {"rule": [{"kind": "x", "default": True}]}),
        ({"names": ["b", "a"]}, {"names": ["a", "b"]}),
        ({"policy": '{"a": 1}'}, {"policy": '{"a":1}'}),
        ({"layers": []}, {"layers": None}),
        ({"tags": {"a": "1"}}, {"tags": {"a": "1"}}),
        ({"source": LocalFile(path=Path("a"), sha256="1")}, {"source": "anything"}),
    ],
    ids=str,
)
def test_what_aws_writes_in_another_way_is_no_drift(given: dict[str, Any], seen: dict[str, Any]) -> None:
    assert observed(given, seen, TAGS) == given


@pytest.mark.parametrize(
    ("given", "seen"),
    [
        ({"size": 1}, {"size": 2}),
        ({"rule": {"kind": "x"}}, {"rule": [{"kind": "y"}]}),
        ({"names": ["b", "a"]}, {"names": ["a"]}),
        ({"policy": '{"a": 1}'}, {"policy": '{"a":2}'}),
        ({"policy": "text"}, {"policy": "other"}),
        ({"tags": {"a": "1"}}, {"tags": {"a": "1", "b": "2"}}),
        ({"on": True}, {"on": False}),
    ],
    ids=str,
)
def test_drift_is_what_aws_has(given: dict[str, Any], seen: dict[str, Any]) -> None:
    assert observed(given, seen, TAGS) == seen
