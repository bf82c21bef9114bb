import copy
import json
from typing import Any

import pytest

from blueprint import openapi
from blueprint.errors import ConfigError
from blueprint.openapi import Route
from components.packing import sources
from functions.orders import contract

VALUES = {
    "create_invoke_arn": "arn:create",
    "read_invoke_arn": "arn:read",
    "fill_invoke_arn": "arn:fill",
    "region": "us-east-1",
    "api_name": "orders",
}
ALL_ROUTES = (
    Route(function="create", method="POST", path="/orders"),
    Route(function="fill", method="POST", path="/fill"),
    Route(function="read", method="GET", path="/health"),
    Route(function="read", method="GET", path="/orders"),
)


def document() -> openapi.Document:
    return openapi.read(sources.OPENAPI)


def rendered(doc: openapi.Document, **values: str) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(openapi.render(doc, {**VALUES, **values}))
    return body


def test_every_placeholder_of_the_document_is_filled_in() -> None:
    text = openapi.render(document(), VALUES)
    assert "${" not in text
    assert "$context.requestId" in text  # API Gateway's own variables stay


def test_a_placeholder_without_a_value_is_refused() -> None:
    values = {name: value for name, value in VALUES.items() if name != "region"}
    with pytest.raises(ConfigError, match=r"\$\{region\}"):
        openapi.render(document(), values)


def test_the_routes_are_those_of_the_functions_contract() -> None:
    assert openapi.routes(document()) == ALL_ROUTES
    assert {route.path for route in ALL_ROUTES} == {
        contract.ORDERS_PATH,
        contract.FILL_PATH,
        contract.HEALTH_PATH,
    }


def test_every_method_but_options_is_signed() -> None:
    for path, item in document()["paths"].items():
        for method, operation in item.items():
            signed = operation.get("security") == [{"sigv4": []}]
            assert signed is (method != "options"), f"{method} {path}"


def test_taking_a_path_away_takes_its_route_and_placeholder_and_nothing_else() -> None:
    without_fill = openapi.without_paths(document(), frozenset({contract.FILL_PATH}))
    assert openapi.routes(without_fill) == tuple(r for r in ALL_ROUTES if r.function != "fill")
    assert "fill_invoke_arn" not in json.dumps(without_fill)
    assert set(without_fill["components"]["schemas"]) == {
        "CreatedOrder",
        "Health",
        "Order",
        "OrderRequest",
        "Problem",
    }
    openapi.render(without_fill, {n: v for n, v in VALUES.items() if n != "fill_invoke_arn"})


def test_taking_a_path_away_leaves_the_given_document_as_it_was() -> None:
    given = document()
    before = copy.deepcopy(given)
    openapi.without_paths(given, frozenset({contract.FILL_PATH}))
    assert given == before


@pytest.mark.parametrize("name", sorted(VALUES))
def test_every_value_is_part_of_the_fingerprint(name: str) -> None:
    doc = document()
    assert openapi.fingerprint(openapi.render(doc, VALUES)) != openapi.fingerprint(
        openapi.render(doc, {**VALUES, name: "another"})
    )


def leaves(node: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    if isinstance(node, dict):
        return [leaf for key, value in node.items() for leaf in leaves(value, (*path, key))]
    if isinstance(node, list):
        return [leaf for i, value in enumerate(node) for leaf in leaves(value, (*path, i))]
    return [path]


def test_every_part_of_the_body_is_part_of_the_fingerprint() -> None:
    body = rendered(document())
    before = openapi.fingerprint(openapi.render(body, {}))
    everywhere = leaves(body)
    unnoticed = []
    for path in everywhere:
        changed = copy.deepcopy(body)
        node = changed
        for key in path[:-1]:
            node = node[key]
        node[path[-1]] = "changed"
        if openapi.fingerprint(openapi.render(changed, {})) == before:
            unnoticed.append(path)
    assert len(everywhere) > 200
    assert unnoticed == []


def test_the_order_of_keys_is_no_change() -> None:
    body = rendered(document())
    backwards = dict(reversed(body.items()))
    assert openapi.render(body, {}) == openapi.render(backwards, {})
