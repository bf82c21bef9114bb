"""The Postman collection: current, complete, signed for the right region, and in Postman's format 2.1."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from blueprint import openapi
from components.packing.sources import OPENAPI
from tools.pages import postman

Json = dict[str, Any]

COLLECTION = postman.collection()
VARIABLE = re.compile(r"\{\{(\w+)\}\}")
# Members that the published schema (collection/v2.1.0) knows, those it requires first.
MEMBERS = {
    "collection": ({"info", "item"}, {"event", "variable", "auth"}),
    "info": ({"name", "schema"}, {"description", "version", "_postman_id"}),
    "folder": ({"item"}, {"name", "description", "auth", "event", "variable"}),
    "item": ({"request"}, {"name", "description", "event", "response", "id", "variable"}),
    "request": (set(), {"url", "auth", "method", "description", "header", "body"}),
    "url": (set(), {"raw", "protocol", "host", "path", "port", "query", "hash", "variable"}),
    "event": ({"listen"}, {"script", "id", "disabled"}),
}


def requests() -> Iterator[tuple[Json, Json]]:
    for folder in COLLECTION["item"]:
        for item in folder["item"]:
            yield folder, item


def named(name: str) -> Json:
    (found,) = [item for _, item in requests() if item["name"] == name]
    return found


def assert_members(what: str, value: Json) -> None:
    required, optional = MEMBERS[what]
    assert required <= value.keys() <= required | optional, f"{what}: {sorted(value)}"


def test_the_committed_collection_is_the_one_that_the_document_makes() -> None:
    assert json.loads(postman.FILE.read_text(encoding="utf-8")) == COLLECTION, "run make docs"


def test_every_request_of_the_sample_is_there_under_its_name() -> None:
    assert [item["name"] for _, item in requests()] == [
        f"{place}-{name}" for place in ("r1", "r2", "r53") for name in ("fill", "create", "read", "health")
    ]


def test_every_operation_of_the_document_that_is_signed_has_a_request() -> None:
    operations = {
        operation["operationId"]
        for item in openapi.read(OPENAPI)["paths"].values()
        for operation in item.values()
        if "security" in operation
    }
    assert operations == postman.REQUEST_NAMES.keys()


@pytest.mark.parametrize(
    ("place", "region", "url"),
    [
        ("r1", "{{r1_region}}", "{{r1_url}}/orders"),
        ("r2", "{{r2_region}}", "{{r2_url}}/orders"),
        ("r53", "{{signing_region}}", "https://{{domain}}/v1/orders"),
    ],
)
def test_requests_are_signed_for_the_region_of_their_place(place: str, region: str, url: str) -> None:
    (folder,) = [f for f in COLLECTION["item"] if f["name"].startswith(f"{place}:")]
    assert folder["auth"]["type"] == "awsv4"
    values = {entry["key"]: entry["value"] for entry in folder["auth"]["awsv4"]}
    assert (values["region"], values["service"]) == (region, "execute-api")
    assert named(f"{place}-read")["request"]["url"]["raw"].startswith(f"{url}?")


def test_the_shared_names_folder_says_that_a_signature_is_good_for_one_region() -> None:
    description = COLLECTION["item"][2]["description"]
    assert "SigV4 is good for one region" in description
    assert "`signing_region`" in description


def test_every_variable_that_is_used_is_declared_and_no_key_has_a_value() -> None:
    declared = {variable["key"]: variable["value"] for variable in COLLECTION["variable"]}
    used = set(VARIABLE.findall(json.dumps(COLLECTION["item"])))
    assert used == declared.keys()
    assert {declared[key] for key in ("access_key", "secret_key", "session_token")} == {""}


def test_a_url_says_the_same_as_its_parts() -> None:
    for _, item in requests():
        url = item["request"]["url"]
        protocol = f"{url['protocol']}://" if "protocol" in url else ""
        query = "&".join(f"{entry['key']}={entry['value']}" for entry in url.get("query", []))
        address = f"{protocol}{'.'.join(url['host'])}/{'/'.join(url['path'])}"
        assert url["raw"] == address + (f"?{query}" if query else "")


def test_it_has_the_members_of_postmans_format_and_no_others() -> None:
    assert COLLECTION["info"]["schema"] == postman.SCHEMA
    assert_members("collection", COLLECTION)
    assert_members("info", COLLECTION["info"])
    for folder, item in requests():
        assert_members("folder", folder)
        assert_members("item", item)
        assert_members("request", item["request"])
        assert_members("url", item["request"]["url"])
        for event in item.get("event", []):
            assert_members("event", event)
            assert event["listen"] in ("test", "prerequest")
            assert all(isinstance(line, str) for line in event["script"]["exec"])
