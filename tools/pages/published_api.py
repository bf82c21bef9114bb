"""Writes docs/openapi.yaml, the API's document for its clients: `python -m tools.pages.published_api`.

openapi/orders.yaml is the source, written for API Gateway. A client's generator needs it without the
extensions for API Gateway and without the CORS preflight, which only browsers call; and with addresses, the
way of signing, and a title, which becomes the client's name.
"""

from collections.abc import Mapping
from typing import Any, Final

import yaml

from blueprint import openapi
from blueprint.project_files import Project
from components.packing.sources import OPENAPI
from functions.orders.contract import BASE_PATH
from tools.pages.config_docs import REPOSITORY

FILE: Final = REPOSITORY / "docs" / "openapi.yaml"
TITLE: Final = "Resilient orders"
_EXTENSION: Final = "x-amazon-"
_PREFLIGHT: Final = "options"
_SIGNATURE: Final = (
    "An AWS signature in the header Authorization, for the service execute-api. For the shared name it is "
    "Signature Version 4A (SigV4a, AWS4-ECDSA-P256-SHA256) with the header X-Amz-Region-Set: *, which is "
    "good in whichever region answers; for one region's own URL it is Signature Version 4 (SigV4, "
    "AWS4-HMAC-SHA256) for that region. The caller needs execute-api:Invoke. OpenAPI 3.0 has no scheme for "
    "it, and generated clients do not calculate it: give the client's HTTP library something that signs each "
    "request, such as botocore's SigV4Auth or awscrt."
)
_HEADER: Final = """\
# Made from openapi/orders.yaml by `make docs`. Change it there.
"""


def document() -> openapi.Document:
    """The published document, in the order of the source."""
    source = _without_what_only_api_gateway_reads(openapi.read(OPENAPI))
    return {
        "openapi": source["openapi"],
        "info": {**source["info"], "title": TITLE},
        "servers": _servers(),
        **{part: source[part] for part in ("tags", "paths")},
        "components": {"securitySchemes": _signed(source), "schemas": source["components"]["schemas"]},
    }


def text() -> str:
    """The published document as YAML, without anchors: some generators do not know them."""
    return _HEADER + yaml.dump(document(), Dumper=_Dumper, sort_keys=False, width=110, allow_unicode=True)


def _without_what_only_api_gateway_reads(node: Any) -> Any:
    if isinstance(node, Mapping):
        return {
            key: _without_what_only_api_gateway_reads(value)
            for key, value in node.items()
            if not str(key).startswith(_EXTENSION) and key != _PREFLIGHT
        }
    if isinstance(node, list):
        return [_without_what_only_api_gateway_reads(item) for item in node]
    return node


def _servers() -> list[dict[str, Any]]:
    """Examples: where a deployment is, its owner says."""
    config = Project.at(REPOSITORY).default_config()
    regions = list(config.regions)
    return [
        {
            "url": f"https://orders.example.com/{BASE_PATH}",
            "description": "The shared name, an example: any region answers. Signed with SigV4a",
        },
        {
            "url": "https://{apiId}.execute-api.{region}.amazonaws.com/{stage}",
            "description": "One region's own URL (a stack's output apiUrl). Signed with SigV4 for it",
            "variables": {
                "apiId": {"default": "API_ID", "description": "The id of the region's REST API"},
                "region": {"default": regions[0], "enum": regions},
                "stage": {"default": config.api_stage},
            },
        },
    ]


def _signed(document: openapi.Document) -> dict[str, Any]:
    schemes = document["components"]["securitySchemes"]
    return {name: {**scheme, "description": _SIGNATURE} for name, scheme in schemes.items()}


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - the name is PyYAML's
        return True


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
