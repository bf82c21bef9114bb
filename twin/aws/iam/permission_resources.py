"""Action and resource that IAM checks a call against, where the emulator takes others than AWS does.

With the resource `*` a policy that names the resource would allow nothing. What is right is what the Service
Authorization Reference says.
"""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import unquote

import cbor2

from twin.aws.hooks import HookedName, replace
from twin.aws.own.query_protocol import nested
from twin.core import Core

_ACTIONS = "ministack.core.iam_actions"
_EXTRACT = HookedName(
    module=_ACTIONS,
    attribute="extract_resource_arn",
    signature="(service, method, path, headers, body, query_params, region, account_id)",
)
_ACTION = HookedName(
    module=_ACTIONS,
    attribute="extract_iam_action",
    signature="(service, method, path, headers, body, query_params)",
)
_TABLES = HookedName(
    module=_ACTIONS, attribute="dynamodb_resource_arns", signature="(body, region, account_id)"
)
_CREATE_FUNCTION = re.compile(r"/\d{4}-\d\d-\d\d/functions/?")
_LAYER_VERSION = re.compile(
    r"/\d{4}-\d\d-\d\d/layers/(?P<layer>[^/]+)/versions/?(?P<version>[^/]+)?/?(?P<policy>policy)?"
)
_LAYERS = re.compile(r"/\d{4}-\d\d-\d\d/layers/?")
_CONCURRENCY = re.compile(r"/\d{4}-\d\d-\d\d/functions/[^/]+/concurrency/?")
_ACCOUNT = re.compile(r"/\d{4}-\d\d-\d\d/account-settings/?")
_ROUTE53_PART = re.compile(r"/2013-04-01/(?:tags/)?(?P<kind>change|healthcheck|hostedzone)/(?P<id>[^/]+)")


def install(core: Core) -> None:
    """Name the resource of every call that has one."""
    del core
    replace(_EXTRACT, _with_more_resources)
    replace(_TABLES, _with_named_tables)
    replace(_ACTION, _with_actions_of_lambda)


def _with_more_resources(original: Callable[..., str]) -> Callable[..., str]:
    def extract_resource_arn(
        service: str,
        method: str,
        path: str,
        headers: Mapping[str, str],
        body: bytes,
        query_params: Mapping[str, Any],
        region: str,
        account_id: str,
    ) -> str:
        layer = _LAYER_VERSION.fullmatch(unquote(path)) if service == "lambda" else None
        if layer:
            return _layer(layer, region, account_id)
        if service == "lambda" and _is_version_by_arn(path, query_params):
            return _last(query_params.get("Arn"))
        found = original(service, method, path, headers, body, query_params, region, account_id)
        if found != "*":
            return found
        if service == "route53":
            return _route53_part(path)
        if service == "monitoring":
            operation, request = _cloudwatch_request(path, headers, body, query_params)
            return _of_cloudwatch(operation, request, region, account_id)
        if service == "sns":
            return _last(query_params.get("ResourceArn")) or found
        if service == "iam":
            return _new_policy(query_params, account_id)
        if service == "lambda" and method == "POST" and _CREATE_FUNCTION.fullmatch(path):
            return _new_function(body, region, account_id)
        # Calls for tags name their resource so.
        return _text(body, "resourceArn") or found

    return extract_resource_arn


def _with_actions_of_lambda(original: Callable[..., str | None]) -> Callable[..., str | None]:
    def extract_iam_action(
        service: str,
        method: str,
        path: str,
        headers: Mapping[str, str],
        body: bytes,
        query_params: Mapping[str, Any],
    ) -> str | None:
        action = _lambda_action(method, unquote(path), query_params) if service == "lambda" else None
        return f"lambda:{action}" if action else original(service, method, path, headers, body, query_params)

    return extract_iam_action


def _lambda_action(method: str, path: str, query_params: Mapping[str, Any]) -> str | None:
    """Where the emulator has another one or none: layers' versions, reserved concurrency, the account."""
    if _is_version_by_arn(path, query_params):
        return "GetLayerVersion"  # GetLayerVersionByArn has no action of its own
    if _CONCURRENCY.fullmatch(path):
        return {verb: f"{verb.title()}FunctionConcurrency" for verb in ("GET", "PUT", "DELETE")}.get(method)
    if _ACCOUNT.fullmatch(path):
        return "GetAccountSettings"
    layer = _LAYER_VERSION.fullmatch(path)
    if not layer:
        return None
    if not layer["version"]:
        return {"GET": "ListLayerVersions", "POST": "PublishLayerVersion"}.get(method)
    if layer["policy"]:
        return {"GET": "GetLayerVersionPolicy", "POST": "AddLayerVersionPermission"}.get(method)
    return {"GET": "GetLayerVersion", "DELETE": "DeleteLayerVersion"}.get(method)


def _is_version_by_arn(path: str, query_params: Mapping[str, Any]) -> bool:
    """ListLayers has the same path (Lambda API, GetLayerVersionByArn)."""
    return bool(_LAYERS.fullmatch(path)) and _last(query_params.get("find")) == "LayerVersion"


def _layer(path: re.Match[str], region: str, account_id: str) -> str:
    layer = path["layer"]
    arn = layer if layer.startswith("arn:") else f"arn:aws:lambda:{region}:{account_id}:layer:{layer}"
    return f"{arn}:{path['version']}" if path["version"] else arn


def _with_named_tables(original: Callable[[bytes, str, str], list[str]]) -> Callable[..., list[str]]:
    """Calls for tags name the table by its ARN."""

    def dynamodb_resource_arns(body: bytes, region: str, account_id: str) -> list[str]:
        named = _text(body, "ResourceArn")
        return original(body, region, account_id) or ([named] if named else [])

    return dynamodb_resource_arns


def _route53_part(path: str) -> str:
    found = _ROUTE53_PART.match(unquote(path))
    return f"arn:aws:route53:::{found['kind']}/{found['id']}" if found else "*"


def _new_policy(form: Mapping[str, Any], account_id: str) -> str:
    """Of CreatePolicy; calls for a policy that exists name its ARN."""
    name, path = (_last(form.get(member)) for member in ("PolicyName", "Path"))
    if _last(form.get("Action")) != "CreatePolicy" or not name:
        return "*"
    return f"arn:aws:iam::{account_id}:policy{path or '/'}{name}"


def _of_cloudwatch(operation: str, request: Mapping[str, Any], region: str, account_id: str) -> str:
    """Alarms, and dashboards, which have no region; of several the first. Describing asks for all alarms."""
    names = request.get("DashboardNames") or [request.get("DashboardName")]
    if names[0]:
        return f"arn:aws:cloudwatch::{account_id}:dashboard/{names[0]}"
    alarms = request.get("AlarmNames") or [request.get("AlarmName")]
    if alarms[0] and not operation.startswith("Describe"):
        return f"arn:aws:cloudwatch:{region}:{account_id}:alarm:{alarms[0]}"
    return str(request.get("ResourceARN") or "*")


def _cloudwatch_request(
    path: str, headers: Mapping[str, str], body: bytes, form: Mapping[str, Any]
) -> tuple[str, Mapping[str, Any]]:
    """Operation and parameters in any of CloudWatch's three protocols."""
    if "/operation/" in path:
        return path.rpartition("/")[2], dict(cbor2.loads(body) if body else {})
    if target := headers.get("x-amz-target"):
        return target.rpartition(".")[2], dict(json.loads(body or b"{}"))
    return _last(form.get("Action")), nested(form)


def _last(value: Any) -> str:
    found = value[-1] if isinstance(value, list) and value else value
    return found if isinstance(found, str) else ""


def _new_function(body: bytes, region: str, account_id: str) -> str:
    name = _text(body, "FunctionName")
    if not name or name.startswith("arn:"):
        return name or "*"
    return f"arn:aws:lambda:{region}:{account_id}:function:{name}"


def _text(body: bytes, member: str) -> str:
    try:
        document = json.loads(body or b"{}")
    except ValueError:
        return ""
    value = document.get(member) if isinstance(document, dict) else None
    return value if isinstance(value, str) else ""
