"""ImportRestApi and PutRestApi: a definition becomes an API, or goes over or into an existing one."""

import json
from typing import Any

from twin.aws.apigateway import openapi, store
from twin.aws.apigateway.definition import ApiDefinition, Json
from twin.aws.apigateway.errors import BadRequestError
from twin.aws.apigateway.store import Answer, emulated

_MODES = ("merge", "overwrite")
_SCHEMAS = "#/components/schemas/"


def import_rest_api(body: bytes, query: dict[str, Any]) -> Answer:
    """POST /restapis?mode=import. The endpoint type is a parameter, EDGE without one, as on AWS."""
    definition = openapi.read(openapi.parse(body))
    _refuse_warnings(definition, query)
    _check_gateway_responses(definition)
    endpoint = first(query, "endpointConfigurationTypes") or "EDGE"
    _, _, created = emulated._create_rest_api(
        {"name": definition.name, "endpointConfiguration": {"types": [endpoint]}}
    )
    api_id = json.loads(created)["id"]
    _apply(api_id, definition, overwrite=True)
    return _view(api_id, definition, 201)


def put_rest_api(api_id: str, body: bytes, query: dict[str, Any]) -> Answer:
    """PUT /restapis/{id}. On an error nothing is changed."""
    store.rest_api(api_id)
    mode = first(query, "mode") or "merge"
    if mode not in _MODES:
        raise BadRequestError(f"Invalid mode specified: {mode}; it is merge or overwrite")
    definition = openapi.read(openapi.parse(body))
    _refuse_warnings(definition, query)
    _check_gateway_responses(definition)
    _apply(api_id, definition, overwrite=mode == "overwrite")
    return _view(api_id, definition, 200)


def first(query: dict[str, Any], name: str) -> str:
    value = query.get(name, "")
    return str(value[0] if isinstance(value, list) and value else value or "")


def _refuse_warnings(definition: ApiDefinition, query: dict[str, Any]) -> None:
    if definition.warnings and first(query, "failonwarnings").lower() == "true":
        warnings = "\n".join(f"\t{warning}" for warning in definition.warnings)
        raise BadRequestError(f"Warnings found during import:\n{warnings}")


def _check_gateway_responses(definition: ApiDefinition) -> None:
    for kind in definition.gateway_responses:
        if kind not in emulated._GATEWAY_RESPONSE_TYPES:
            raise BadRequestError(f"Errors found during import:\n\tInvalid gateway response type: {kind}")


def _view(api_id: str, definition: ApiDefinition, status: int) -> Answer:
    view = dict(emulated._rest_api_view(store.rest_api(api_id)))
    if definition.warnings:
        view["warnings"] = definition.warnings
    return store.answer(view, status)


def _apply(api_id: str, definition: ApiDefinition, *, overwrite: bool) -> None:
    api = store.rest_api(api_id)
    api["name"] = definition.name
    if definition.description is not None:
        api["description"] = definition.description
    if definition.version is not None:
        api["version"] = definition.version
    for member, value in definition.settings.items():
        if overwrite or value not in (None, [], "HEADER"):
            api[member] = value
    if overwrite:
        _clear(api_id, keep=set(definition.methods))
    validator_ids = _put_validators(api_id, definition)
    _put_models(api_id, definition)
    _put_gateway_responses(api_id, definition)
    for path, methods in definition.methods.items():
        resource = _resource(api_id, path)
        for http_method, method in methods.items():
            resource["resourceMethods"][http_method] = _stored_method(resource["id"], method, validator_ids)


def _clear(api_id: str, keep: set[str]) -> None:
    """Take everything out; resources on a path that stays keep their ids."""
    wanted = {"/"} | {prefix for path in keep for prefix in _prefixes(path)}
    for resource_id, resource in list(store.resources(api_id).items()):
        resource["resourceMethods"] = {}
        if resource["path"] not in wanted:
            del emulated._resources[api_id][resource_id]
    emulated._models[api_id] = {}
    emulated._request_validators[api_id] = {}
    emulated._gateway_responses[api_id] = {}


def _prefixes(path: str) -> list[str]:
    segments = [segment for segment in path.split("/") if segment]
    return ["/" + "/".join(segments[: index + 1]) for index in range(len(segments))]


def _resource(api_id: str, path: str) -> Json:
    found = {resource["path"]: resource for resource in store.resources(api_id).values()}
    parent = found["/"]
    for prefix in _prefixes(path):
        if prefix not in found:
            data = {"pathPart": prefix.rpartition("/")[2]}
            _, _, created = emulated._create_resource(api_id, parent["id"], data)
            found[prefix] = store.resources(api_id)[json.loads(created)["id"]]
        parent = found[prefix]
    return parent


def _stored_method(resource_id: str, method: Json, validator_ids: dict[str, str]) -> Json:
    stored = {name: value for name, value in method.items() if name != "validator"}
    if method["validator"] is not None:
        stored["requestValidatorId"] = validator_ids[method["validator"]]
    if stored["methodIntegration"] is not None:
        stored["methodIntegration"].setdefault("cacheNamespace", resource_id)
    return stored


def _put_validators(api_id: str, definition: ApiDefinition) -> dict[str, str]:
    stored = emulated._request_validators.setdefault(api_id, {})
    by_name = {validator["name"]: validator["id"] for validator in stored.values()}
    for name, validator in definition.validators.items():
        identity = by_name.setdefault(name, emulated._new_id()[:6])
        stored[identity] = {"id": identity, "name": name, **validator}
    return by_name


def _put_models(api_id: str, definition: ApiDefinition) -> None:
    stored = emulated._models.setdefault(api_id, {})
    prefix = f"https://apigateway.amazonaws.com/restapis/{api_id}/models/"
    for name, schema in definition.models.items():
        text = json.dumps(schema).replace(f'"{_SCHEMAS}', f'"{prefix}')
        identity = stored.get(name, {}).get("id") or emulated._new_id()[:6]
        stored[name] = {"id": identity, "name": name, "schema": text, "contentType": "application/json"}


def _put_gateway_responses(api_id: str, definition: ApiDefinition) -> None:
    stored = emulated._gateway_responses.setdefault(api_id, {})
    for kind, response in definition.gateway_responses.items():
        default = emulated._DEFAULT_GATEWAY_RESPONSE_STATUS_CODES.get(kind)
        entry: Json = {"responseType": kind, "defaultResponse": False, **response}
        if default is not None:
            entry.setdefault("statusCode", default)
        if not entry["responseTemplates"]:
            entry["responseTemplates"] = {"application/json": emulated._DEFAULT_GATEWAY_RESPONSE_TEMPLATE}
        stored[kind] = entry
