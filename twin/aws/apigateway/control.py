"""API Gateway's control plane: what the emulator lacks or does in another way; the rest is the emulator's.

Called after the emulator has checked signature and permissions, in the request's account and region.
"""

import json
from collections.abc import Awaitable, Callable
from typing import Any

from twin.aws.apigateway import domains, importing, stages, store
from twin.aws.apigateway.definition import Json
from twin.aws.apigateway.errors import BadRequestError, ControlError, NotInTheTwinError
from twin.aws.apigateway.snapshots import Snapshots
from twin.aws.apigateway.store import Answer, emulated
from twin.aws.iam.permissions import role_trusts

Handler = Callable[[str, str, dict[str, str], bytes, dict[str, Any]], Awaitable[Answer]]
_SERVICE = "apigateway.amazonaws.com"


def control_plane(original: Handler, snapshots: Snapshots) -> Handler:
    """A handler that answers what this package knows and asks the emulator's for the rest."""

    async def handle_request(
        method: str, path: str, headers: dict[str, str], body: bytes, query_params: dict[str, Any]
    ) -> Answer:
        try:
            own = _route(snapshots, method, path, body, query_params)
        except ControlError as error:
            return store.refusal(error)
        if own is not None:
            return own
        return await original(method, path, headers, body, query_params)

    return handle_request


def _route(snapshots: Snapshots, method: str, path: str, body: bytes, query: dict[str, Any]) -> Answer | None:
    words = [word for word in path.split("/") if word]
    match method, words:
        case "POST", ["restapis"] if importing.first(query, "mode") == "import":
            return importing.import_rest_api(body, query)
        case "POST", ["restapis"]:
            return _create_rest_api(_json(body))
        case "PUT", ["restapis", api_id]:
            return importing.put_rest_api(api_id, body, query)
        case _, ["restapis", api_id, *rest]:
            return _route_api(snapshots, method, api_id, rest, body)
        case _, ["domainnames", *rest]:
            return _route_domain(method, rest, body)
        case "PATCH", ["account"]:
            _check_account(_json(body))
            return None
    return None


def _route_api(snapshots: Snapshots, method: str, api_id: str, rest: list[str], body: bytes) -> Answer | None:
    match method, rest:
        case "PATCH", []:
            return _update_rest_api(api_id, _json(body))
        case "DELETE", []:
            snapshots.forget(api_id)
        case "POST", ["deployments"]:
            return stages.create_deployment(snapshots, api_id, _json(body))
        case "DELETE", ["deployments", deployment_id]:
            return stages.delete_deployment(snapshots, api_id, deployment_id)
        case "POST", ["stages"]:
            return stages.create_stage(api_id, _json(body))
        case "PATCH", ["stages", name]:
            return stages.update_stage(api_id, name, _json(body))
    return None


def _route_domain(method: str, rest: list[str], body: bytes) -> Answer | None:
    match method, rest:
        case "POST", []:
            return domains.create_domain_name(_json(body))
        case "PATCH", [name]:
            return domains.update_domain_name(name, _json(body))
        case "POST", [name, "basepathmappings"]:
            return domains.create_base_path_mapping(name, _json(body))
        case "PATCH", [name, "basepathmappings", base_path]:
            return domains.update_base_path_mapping(name, base_path, _json(body))
        case "DELETE", [name, "basepathmappings", base_path]:
            return domains.delete_base_path_mapping(name, base_path)
    return None


def _json(body: bytes) -> Json:
    try:
        data = json.loads(body) if body else {}
    except ValueError as error:
        raise BadRequestError("Invalid JSON in the request body") from error
    if not isinstance(data, dict):
        raise BadRequestError("Invalid JSON in the request body")
    return data


def _create_rest_api(data: Json) -> Answer:
    _check_endpoint((data.get("endpointConfiguration") or {}).get("types") or [])
    answer: Answer = emulated._create_rest_api(data)
    if answer[0] == 201:
        api_id = json.loads(answer[2])["id"]
        store.share_tags(f"/restapis/{api_id}", store.rest_api(api_id))
    return answer


def _update_rest_api(api_id: str, data: Json) -> Answer:
    """Patches as API Gateway means them: typed values, entries of sets by name, the policy checked."""
    api = store.rest_api(api_id)
    for operation in data.get("patchOperations") or []:
        _patch_rest_api(api, operation)
    return store.answer(emulated._rest_api_view(api))


def _patch_rest_api(api: Json, operation: Json) -> None:
    op, path, value = operation.get("op"), str(operation.get("path", "")), operation.get("value")
    words = [word.replace("~1", "/").replace("~0", "~") for word in path.split("/")[1:]]
    match words:
        case ["name" | "description" | "version" | "apiKeySource" as member]:
            api[member] = value or ""
        case ["policy"]:
            api["policy"] = _policy(value)
        case ["disableExecuteApiEndpoint"]:
            api["disableExecuteApiEndpoint"] = str(value).lower() == "true"
        case ["minimumCompressionSize"]:
            api["minimumCompressionSize"] = int(value) if value not in (None, "") else None
        case ["binaryMediaTypes", kind]:
            kinds = [known for known in api.get("binaryMediaTypes") or [] if known != kind]
            api["binaryMediaTypes"] = kinds if op == "remove" else [*kinds, str(value or kind)]
        case ["endpointConfiguration", "types", _]:
            _check_endpoint([str(value)])
            api["endpointConfiguration"] = {"types": [value]}
        case _:
            raise BadRequestError(f"Invalid patch path '{path}' specified for op '{op}'")


def _check_endpoint(types: list[str]) -> None:
    if "PRIVATE" in types:
        raise NotInTheTwinError("private REST APIs; REGIONAL is")


def _policy(value: Any) -> str | None:
    if not value:
        return None
    try:
        json.loads(value)
    except ValueError as error:
        raise BadRequestError("Invalid policy document. Please check the policy syntax.") from error
    return str(value)


def _check_account(data: Json) -> None:
    """The log role must exist and let API Gateway assume it."""
    for operation in data.get("patchOperations") or []:
        if operation.get("path") != "/cloudwatchRoleArn" or not operation.get("value"):
            continue
        if not role_trusts(str(operation["value"]).rpartition("/")[2], _SERVICE):
            raise BadRequestError(
                "The role ARN does not have required permissions set to API Gateway: "
                f"its trust policy must let {_SERVICE} assume it"
            )
