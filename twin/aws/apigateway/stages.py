"""Deployments and stages: what CreateDeployment freezes, and what a stage may be set to."""

import json
import re
from typing import Any

from twin.aws.apigateway import store
from twin.aws.apigateway.definition import Json
from twin.aws.apigateway.errors import BadRequestError, ConflictError, NotFoundError, NotInTheTwinError
from twin.aws.apigateway.snapshots import Snapshots, refuse_undeployable
from twin.aws.apigateway.store import Answer, emulated

NO_LOG_ROLE = "CloudWatch Logs role ARN must be set in account settings to enable logging"
_LOG_DESTINATION = re.compile(
    r"^arn:aws:(logs:[a-z0-9-]+:\d{12}:log-group:[^:*]+|firehose:[a-z0-9-]+:\d{12}:deliverystream/.+)$"
)
_STAGE_NAME = re.compile(r"^[A-Za-z0-9_-]+$")
_CACHE = re.compile(r"^/cacheClusterEnabled$|/caching/enabled$")
# Stage attributes that a patch carries as text but GetStage answers as booleans.
_BOOLEANS = ("/tracingEnabled", "/cacheClusterEnabled")


def create_deployment(snapshots: Snapshots, api_id: str, data: Json) -> Answer:
    store.rest_api(api_id)
    refuse_undeployable(api_id)
    if data.get("stageName") and data["stageName"] not in store.stages(api_id):
        _check_stage_name(data["stageName"])
    status, headers, body = emulated._create_deployment(api_id, data)
    snapshots.take(api_id, json.loads(body)["id"])
    return status, headers, body


def delete_deployment(snapshots: Snapshots, api_id: str, deployment_id: str) -> Answer:
    store.rest_api(api_id)
    if any(stage["deploymentId"] == deployment_id for stage in store.stages(api_id).values()):
        raise BadRequestError("Active stages pointing to this deployment must be moved or deleted")
    answer: Answer = emulated._delete_deployment(api_id, deployment_id)
    snapshots.forget(api_id, deployment_id)
    return answer


def create_stage(api_id: str, data: Json) -> Answer:
    store.rest_api(api_id)
    name = data.get("stageName", "")
    _check_stage_name(name)
    if name in store.stages(api_id):
        raise ConflictError("Stage already exists")
    _check_deployment(api_id, data.get("deploymentId", ""))
    if data.get("canarySettings"):
        raise NotInTheTwinError("canary releases of stages")
    if data.get("cacheClusterEnabled"):
        raise NotInTheTwinError("cache clusters of stages")
    emulated._create_stage(api_id, data)
    store.share_tags(f"/restapis/{api_id}/stages/{name}", store.stage(api_id, name))
    return store.answer(_without_empty_log(store.stage(api_id, name)), 201)


def update_stage(api_id: str, name: str, data: Json) -> Answer:
    stage = store.stage(api_id, name)
    operations = data.get("patchOperations") or []
    for operation in operations:
        _check_patch(api_id, operation)
    for operation in operations:
        if operation.get("path") in _BOOLEANS and "value" in operation:
            operation["value"] = str(operation["value"])
    answer: Answer = emulated._update_stage(api_id, name, {"patchOperations": operations})
    return store.answer(_without_empty_log(stage)) if answer[0] == 200 else answer


def _without_empty_log(stage: Json) -> Json:
    """In place: a stage without an access log has no such member."""
    settings = {name: value for name, value in (stage.get("accessLogSettings") or {}).items() if value}
    stage.pop("accessLogSettings", None)
    if settings:
        stage["accessLogSettings"] = settings
    return stage


def _check_patch(api_id: str, operation: Json) -> None:
    path, value = str(operation.get("path", "")), str(operation.get("value") or "")
    if operation.get("op") not in ("replace", "add", "remove"):
        raise BadRequestError(f"Invalid patch operation specified: {operation.get('op')}")
    removed = operation["op"] == "remove"
    if path == "/deploymentId":
        _check_deployment(api_id, value)
    elif path.startswith("/accessLogSettings") and not removed and value:
        _check_access_log(path, value)
    elif path.endswith("/logging/loglevel") and not removed and value.upper() != "OFF":
        _require_log_role()
    elif path.startswith("/canarySettings"):
        raise NotInTheTwinError("canary releases of stages")
    elif _CACHE.search(path) and value.lower() == "true":
        raise NotInTheTwinError("cache clusters of stages")


def _check_access_log(path: str, value: str) -> None:
    _require_log_role()
    if path.endswith("/destinationArn") and not _LOG_DESTINATION.match(value.removesuffix(":*")):
        raise BadRequestError(f"Invalid ARN specified in the request: {value}")
    if path.endswith("/format") and not _is_log_format(value):
        raise BadRequestError(
            "Access Log format must be single line, new line character is allowed only at end of the format, "
            "and it must contain at least context.requestId or context.extendedRequestId"
        )


def _is_log_format(value: str) -> bool:
    named = "$context.requestId" in value or "$context.extendedRequestId" in value
    return named and "\n" not in value.removesuffix("\n")


def _require_log_role() -> None:
    if not store.log_role():
        raise BadRequestError(NO_LOG_ROLE)


def _check_deployment(api_id: str, deployment_id: str) -> None:
    if deployment_id not in store.deployments(api_id):
        raise NotFoundError("Invalid Deployment identifier specified")


def _check_stage_name(name: Any) -> None:
    if not isinstance(name, str) or not _STAGE_NAME.match(name):
        raise BadRequestError("Stage name only allows a-zA-Z0-9_-")
