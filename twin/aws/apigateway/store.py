"""The emulator's API Gateway state, as far as the twin reads and writes it.

Every function works in the account and region of the request that the emulator serves (`request_scope`).
"""

import json
from typing import Any

import ministack.services.apigateway_v1 as emulated
from ministack.core.responses import get_account_id, get_region, request_scope

from twin.aws.apigateway.definition import Json
from twin.aws.apigateway.errors import ControlError, NotFoundError
from twin.aws.hooks import HookedName, declare

MODULE = "ministack.services.apigateway_v1"
Answer = tuple[int, dict[str, str], bytes]

_STORES = (
    "_rest_apis",
    "_resources",
    "_stages_v1",
    "_deployments_v1",
    "_models",
    "_request_validators",
    "_gateway_responses",
    "_domain_names",
    "_base_path_mappings",
    "_account_settings",
    "_v1_tags",
)
declare(
    *(HookedName(module=MODULE, attribute=name) for name in _STORES),
    HookedName(module=MODULE, attribute="_create_rest_api", signature="(data)"),
    HookedName(module=MODULE, attribute="_create_resource", signature="(api_id, parent_id, data)"),
    HookedName(module=MODULE, attribute="_rest_api_view", signature="(api)"),
    HookedName(module=MODULE, attribute="_apply_patch", signature="(obj, patch_ops)"),
    HookedName(module=MODULE, attribute="_new_id", signature="()"),
)

__all__ = ["emulated", "get_account_id", "get_region", "request_scope"]


def answer(data: Any, status: int = 200) -> Answer:
    return status, {"Content-Type": "application/json"}, json.dumps(data, ensure_ascii=False).encode()


def refusal(error: ControlError) -> Answer:
    """An error as API Gateway's control plane words it."""
    body = json.dumps({"message": str(error)}).encode()
    return error.status, {"Content-Type": "application/json", "x-amzn-ErrorType": error.code}, body


def rest_api(api_id: str) -> Json:
    api: Json | None = emulated._rest_apis.get(api_id)
    if api is None:
        raise NotFoundError("Invalid API identifier specified")
    return api


def resources(api_id: str) -> dict[str, Json]:
    found: dict[str, Json] = emulated._resources.get(api_id, {})
    return found


def stages(api_id: str) -> dict[str, Json]:
    found: dict[str, Json] = emulated._stages_v1.get(api_id, {})
    return found


def stage(api_id: str, name: str) -> Json:
    rest_api(api_id)
    found = stages(api_id).get(name)
    if found is None:
        raise NotFoundError("Invalid Stage identifier specified")
    return found


def deployments(api_id: str) -> dict[str, Json]:
    found: dict[str, Json] = emulated._deployments_v1.get(api_id, {})
    return found


def models(api_id: str) -> dict[str, Json]:
    found: dict[str, Json] = emulated._models.get(api_id, {})
    return found


def validators(api_id: str) -> dict[str, Json]:
    found: dict[str, Json] = emulated._request_validators.get(api_id, {})
    return found


def gateway_responses(api_id: str) -> dict[str, Json]:
    found: dict[str, Json] = emulated._gateway_responses.get(api_id, {})
    return found


def domain(name: str) -> Json:
    found: Json | None = emulated._domain_names.get(name)
    if found is None:
        raise NotFoundError("Invalid domain name identifier specified")
    return found


def mappings(domain_name: str) -> dict[str, Json]:
    found: dict[str, Json] = emulated._base_path_mappings.get(domain_name, {})
    return found


def log_role() -> str:
    """The account's CloudWatch role in this region, empty when none is set."""
    settings = emulated._account_settings.get("settings") or {}
    return str(settings.get("cloudwatchRoleArn") or "")


def share_tags(arn_path: str, resource: Json) -> None:
    """Make a resource's tags those of GetTags and TagResource, e.g. of `/restapis/{id}/stages/{name}`.

    The emulator keeps them twice, and TagResource changes one of the two.
    """
    resource["tags"] = dict(resource.get("tags") or {})
    emulated._v1_tags[f"arn:aws:apigateway:{get_region()}::{arn_path}"] = resource["tags"]
