"""Writes docs/postman_collection.json from the API's document: `python -m tools.pages.postman`.

Three folders of the same requests: each region's own URL, and the shared name. Signatures are Postman's AWS
Signature (SigV4), which is good for one region: at the shared name the caller says in `signing_region` which,
and another region refuses the request. SigV4a, which is good for all of them, Postman does not have.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from blueprint import openapi
from blueprint.project_files import Project
from components.packing.sources import OPENAPI
from functions.orders.contract import BASE_PATH
from tools.pages.config_docs import REPOSITORY

FILE: Final = REPOSITORY / "docs" / "postman_collection.json"
SCHEMA: Final = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"

REQUEST_NAMES: Final[Mapping[str, str]] = {
    "fill": "fill",
    "createOrder": "create",
    "readOrder": "read",
    "health": "health",
}
"""By operationId, in the order to send them; after r1-, r2- and r53- they are those of AWS's sample."""

# Where a query parameter's value comes from: what a fill has answered, or what is sensible to try.
_VALUES: Final[Mapping[str, str]] = {
    "customerId": "{{customer_id}}",
    "productId": "{{product_id}}",
    "orderId": "{{order_id}}",
    "cust": "1",
    "product": "1",
    "order": "0",
    "synthetic": "true",
}

_KEEP_IDS: Final = (
    "pm.test('filled', () => pm.response.to.have.status(200));",
    "if (pm.response.code === 200) {",
    "  const filled = pm.response.json();",
    "  pm.collectionVariables.set('customer_id', filled.customers[0]);",
    "  pm.collectionVariables.set('product_id', filled.products[0]);",
    "}",
)
_NEW_ORDER: Final = ("pm.collectionVariables.set('order_id', pm.variables.replaceIn('{{$guid}}'));",)

_NOTE: Final = (
    "SigV4 is good for one region. Set `signing_region` to the region that answers you (the X-Orders-Region "
    "header of a refusal names it): another region refuses the signature, and so does the survivor of a "
    "failover. Clients that must follow the name sign with SigV4a and region set `*`, which Postman cannot."
)

Json = dict[str, Any]


def collection() -> Json:
    """The whole collection, in Postman's format 2.1."""
    project = Project.at(REPOSITORY)
    document = openapi.read(OPENAPI)
    first, second = project.default_config().regions[:2]
    return {
        "info": {
            "name": project.name,
            "description": (
                "The order API. Fill in the variables, then send fill, create and read in turn: each leaves "
                "what the next one needs."
            ),
            "schema": SCHEMA,
        },
        "item": [
            _folder("r1", first, "{{r1_url}}", "{{r1_region}}", document),
            _folder("r2", second, "{{r2_url}}", "{{r2_region}}", document),
            {
                **_folder(
                    "r53",
                    "shared name",
                    f"https://{{{{domain}}}}/{BASE_PATH}",
                    "{{signing_region}}",
                    document,
                ),
                "description": _NOTE,
            },
        ],
        "variable": list(_variables(first, second)),
    }


def _folder(prefix: str, name: str, url: str, region: str, document: openapi.Document) -> Json:
    operations = {
        operation["operationId"]: (method, path, operation)
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if "operationId" in operation
    }
    return {
        "name": f"{prefix}: {name}",
        "item": [
            _item(f"{prefix}-{short}", url, *operations[operation_id])
            for operation_id, short in REQUEST_NAMES.items()
        ],
        "auth": _signature(region),
    }


def _item(name: str, url: str, method: str, path: str, operation: Mapping[str, Any]) -> Json:
    query = [_parameter(parameter) for parameter in operation.get("parameters", [])]
    shown = "&".join(f"{parameter['key']}={parameter['value']}" for parameter in query)
    host, *folders = url.removeprefix("https://").split("/")
    address: Json = {
        "raw": f"{url}{path}" + (f"?{shown}" if shown else ""),
        "host": [host],
        "path": [*folders, *path.strip("/").split("/")],
    }
    if url.startswith("https://"):
        address = {"raw": address["raw"], "protocol": "https", **address}
    if query:
        address["query"] = query
    return {
        "name": name,
        **_events(operation["operationId"]),
        "request": {
            "method": method.upper(),
            "header": [],
            "url": address,
            "description": operation["summary"],
        },
        "response": [],
    }


def _parameter(parameter: Mapping[str, Any]) -> Json:
    name = parameter["name"]
    return {"key": name, "value": _VALUES[name], "description": parameter["description"]}


def _events(operation_id: str) -> Json:
    if operation_id == "fill":
        return {"event": [_event("test", _KEEP_IDS)]}
    if operation_id == "createOrder":
        return {"event": [_event("prerequest", _NEW_ORDER)]}
    return {}


def _event(when: str, lines: tuple[str, ...]) -> Json:
    return {"listen": when, "script": {"type": "text/javascript", "exec": list(lines)}}


def _signature(region: str) -> Json:
    values = {
        "accessKey": "{{access_key}}",
        "secretKey": "{{secret_key}}",
        "sessionToken": "{{session_token}}",
        "region": region,
        "service": "execute-api",
    }
    return {
        "type": "awsv4",
        "awsv4": [{"key": key, "value": value, "type": "string"} for key, value in values.items()],
    }


def _variables(first: str, second: str) -> Iterator[Json]:
    """Only names and examples: keys belong into Postman's vault or current values, never into this file."""
    values = {
        "r1_url": f"https://API_ID.execute-api.{first}.amazonaws.com/live",
        "r1_region": first,
        "r2_url": f"https://API_ID.execute-api.{second}.amazonaws.com/live",
        "r2_region": second,
        "domain": "orders.example.com",
        "signing_region": first,
        "access_key": "",
        "secret_key": "",
        "session_token": "",
        "customer_id": "",
        "product_id": "",
        "order_id": "",
    }
    for key, value in values.items():
        yield {"key": key, "value": value, "type": "string"}


def write(file: Path = FILE) -> None:
    """The collection as a file."""
    file.write_text(json.dumps(collection(), indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    write()
