"""The provider's schema, for tools that ask for it: the types that the twin can create, their arguments."""

import importlib.metadata
import json
from functools import cache
from typing import Any

from twin.deploy import schema
from twin.deploy.resources.registry import HANDLERS

_ANY = {"$ref": "pulumi.json#/Any"}


def version() -> str:
    """That of the provider's Python package, whose classes the program uses."""
    return importlib.metadata.version("pulumi-aws")


@cache
def as_json() -> str:
    return json.dumps(
        {"name": "aws", "version": version(), "resources": {kind: _resource(kind) for kind in HANDLERS}}
    )


def _resource(pulumi_type: str) -> dict[str, Any]:
    return {
        "inputProperties": dict.fromkeys(sorted(schema.arguments(pulumi_type)), _ANY),
        "properties": dict.fromkeys(sorted(schema.outputs(pulumi_type)), _ANY),
        "requiredInputs": sorted(path for path in schema.required(pulumi_type) if "." not in path),
    }
