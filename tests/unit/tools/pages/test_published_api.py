"""docs/openapi.yaml: current, valid, and of use to a client's generator."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from openapi_spec_validator import validate

from blueprint import openapi
from components.packing.sources import OPENAPI
from tools.pages import published_api

DOCUMENT: dict[str, Any] = yaml.safe_load(published_api.FILE.read_text(encoding="utf-8"))
OPERATIONS: dict[str, dict[str, Any]] = {
    operation["operationId"]: operation for item in DOCUMENT["paths"].values() for operation in item.values()
}


def schemas_of(answer: dict[str, Any]) -> set[str]:
    """The names of the schemas in an answer, whatever its media type."""
    return {content["schema"]["$ref"].rsplit("/", 1)[1] for content in answer["content"].values()}


def answers() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for name, operation in OPERATIONS.items():
        for status, answer in operation["responses"].items():
            yield name, status, answer


def test_the_committed_document_is_the_one_that_the_source_makes() -> None:
    assert published_api.FILE.read_text(encoding="utf-8") == published_api.text(), "run make docs"


def test_it_is_valid_openapi() -> None:
    validate(DOCUMENT)


def test_nothing_that_only_api_gateway_understands_is_in_it() -> None:
    text = published_api.FILE.read_text(encoding="utf-8")
    assert [word for word in ("x-amazon-", "${", "$context", "&id", "<<:") if word in text] == []


def test_its_title_names_the_service_and_the_deployed_apis_name_is_still_the_stacks() -> None:
    assert DOCUMENT["info"]["title"] == "Resilient orders"
    assert re.fullmatch(r"\d+\.\d+\.\d+", DOCUMENT["info"]["version"])
    assert openapi.read(OPENAPI)["info"]["title"] == "${api_name}"


def test_it_has_every_call_that_a_function_answers() -> None:
    published = {(method.upper(), path) for path, item in DOCUMENT["paths"].items() for method in item}
    assert published == {(route.method, route.path) for route in openapi.routes(openapi.read(OPENAPI))}
    assert OPERATIONS.keys() == {"createOrder", "readOrder", "fill", "health"}


@pytest.mark.parametrize(
    ("operation", "schema"),
    [("createOrder", "CreatedOrder"), ("readOrder", "Order"), ("fill", "Filled"), ("health", "Health")],
)
def test_every_success_has_the_calls_schema(operation: str, schema: str) -> None:
    good = [a for name, status, a in answers() if name == operation and status.startswith("2")]
    assert [schemas_of(answer) for answer in good] == [{schema}] * len(good)
    assert good


def test_every_refusal_is_a_problem_with_a_code() -> None:
    for name, status, answer in answers():
        if not status.startswith("2"):
            (schema,) = schemas_of(answer)
            assert schema in {"Problem", "FillProblem"}, (name, status)
            assert "code" in DOCUMENT["components"]["schemas"][schema]["required"]


def test_every_call_is_signed_as_the_scheme_says_for_either_kind_of_address() -> None:
    (scheme,) = DOCUMENT["components"]["securitySchemes"]
    assert [o["security"] for o in OPERATIONS.values()] == [[{scheme: []}]] * len(OPERATIONS)
    description = DOCUMENT["components"]["securitySchemes"][scheme]["description"]
    for part in ("SigV4a", "X-Amz-Region-Set", "(SigV4,", "execute-api"):
        assert part in description


def test_its_servers_are_examples_of_the_shared_name_and_of_a_regions_own_address() -> None:
    shared, regional = DOCUMENT["servers"]
    assert shared["url"] == "https://orders.example.com/v1"
    named = set(re.findall(r"\{(\w+)\}", regional["url"]))
    assert named == regional["variables"].keys() == {"apiId", "region", "stage"}
