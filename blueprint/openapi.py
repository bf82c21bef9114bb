"""Pure functions on the API's OpenAPI document: read it, fill it in for a region, list its routes."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from blueprint.errors import ConfigError

Document = dict[str, Any]

_METHODS: Final = ("get", "put", "post", "delete", "patch", "head", "options", "any")
_PLACEHOLDER: Final = re.compile(r"\$\{([a-z_]+)\}")
_FUNCTION_PLACEHOLDER: Final = re.compile(r"\$\{([a-z_]+)_invoke_arn\}")
_INTEGRATION: Final = "x-amazon-apigateway-integration"


@dataclass(frozen=True, kw_only=True, order=True)
class Route:
    """A method and path that a function answers."""

    function: str
    method: str
    path: str


def read(path: Path) -> Document:
    """The document with its placeholders, freshly parsed."""
    document: Document = yaml.safe_load(path.read_text(encoding="utf-8"))
    return document


def without_paths(document: Document, paths: frozenset[str]) -> Document:
    """A copy without some paths, and without the components that only those paths need."""
    kept = {path: item for path, item in document["paths"].items() if path not in paths}
    return _without_unused_schemas({**document, "paths": kept})


def routes(document: Document) -> tuple[Route, ...]:
    """Every route to a function, in order; the integration's placeholder names the function."""
    found = [
        Route(function=function, method=method.upper(), path=path)
        for path, item in document["paths"].items()
        for method in _METHODS
        if method in item and (function := _function_of(item[method]))
    ]
    return tuple(sorted(found))


def render(document: Document, values: Mapping[str, str]) -> str:
    """The document as JSON with every `${name}` replaced, the same text for the same input.

    Raises ConfigError for a placeholder that has no value: API Gateway would take it as it stands.
    """
    return json.dumps(_filled_in(document, values), sort_keys=True)


def fingerprint(body: str) -> str:
    """Differs when anything in a rendered document differs."""
    return hashlib.sha256(body.encode()).hexdigest()


def _function_of(operation: Mapping[str, Any]) -> str | None:
    match = _FUNCTION_PLACEHOLDER.fullmatch(operation.get(_INTEGRATION, {}).get("uri", ""))
    return match[1] if match else None


def _filled_in(node: Any, values: Mapping[str, str]) -> Any:
    if isinstance(node, str):
        return _PLACEHOLDER.sub(lambda match: _value_of(match[1], values), node)
    if isinstance(node, Mapping):
        return {str(key): _filled_in(value, values) for key, value in node.items()}
    if isinstance(node, list):
        return [_filled_in(item, values) for item in node]
    return node


def _value_of(name: str, values: Mapping[str, str]) -> str:
    if name not in values:
        raise ConfigError(
            "The API document has a placeholder that the program does not know.",
            seen=f"${{{name}}}",
            why="API Gateway would take the placeholder itself as the value.",
            do=f"Use one of {', '.join(sorted(values))} in openapi/orders.yaml.",
        )
    return values[name]


def _without_unused_schemas(document: Document) -> Document:
    schemas: Mapping[str, Any] = document.get("components", {}).get("schemas", {})
    used: set[str] = set()
    waiting = _references(document["paths"])
    while waiting:
        name = waiting.pop()
        if name not in used:
            used.add(name)
            waiting |= _references(schemas[name])
    kept = {name: schema for name, schema in schemas.items() if name in used}
    return {**document, "components": {**document.get("components", {}), "schemas": kept}}


def _references(node: Any) -> set[str]:
    if isinstance(node, Mapping):
        own = {node["$ref"].rsplit("/", 1)[1]} if isinstance(node.get("$ref"), str) else set()
        return own.union(*(_references(value) for value in node.values()))
    if isinstance(node, list):
        return set().union(*(_references(item) for item in node))
    return set()
