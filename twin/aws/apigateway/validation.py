"""Request validation by a method's validator: required parameters first, then the body against its model."""

import json

from twin.aws.apigateway import store
from twin.aws.apigateway.answers import GatewayError
from twin.aws.apigateway.call import ApiCall
from twin.aws.apigateway.definition import Json
from twin.aws.hooks import HookedName, declare

declare(
    HookedName(module=store.MODULE, attribute="_json_schema_valid", signature="(schema, value, root, seen)"),
    HookedName(module=store.MODULE, attribute="_SchemaLoop"),
)
# API Gateway quotas, "Payload size".
_MAX_PAYLOAD = 10 * 1024 * 1024


def check_size(call: ApiCall) -> None:
    """Raise GatewayError for a body that API Gateway does not even look at."""
    if len(call.request.body) > _MAX_PAYLOAD:
        raise GatewayError("REQUEST_TOO_LARGE", "Request Too Long")


def validate(call: ApiCall) -> None:
    """Raise GatewayError when API Gateway would not pass the call on."""
    if call.route is None or call.snapshot is None:
        return
    method = call.route.method
    validator = call.snapshot.validators.get(method.get("requestValidatorId") or "")
    if not validator:
        return
    if validator["validateRequestParameters"]:
        _check_parameters(call, method)
    if validator["validateRequestBody"]:
        _check_body(call, method)


def _check_parameters(call: ApiCall, method: Json) -> None:
    required = [name for name, wanted in (method.get("requestParameters") or {}).items() if wanted]
    missing = [name.rpartition(".")[2] for name in required if not _is_there(call, name)]
    if missing:
        message = f"Missing required request parameters: [{', '.join(missing)}]"
        raise GatewayError("BAD_REQUEST_PARAMETERS", message)


def _is_there(call: ApiCall, name: str) -> bool:
    _, _, location, parameter = name.split(".", 3)
    if location == "querystring":
        return bool(next(iter(call.query.get(parameter, [])), ""))
    if location == "header":
        return bool(call.header(parameter))
    return bool(call.route and call.route.parameters.get(parameter))


def _check_body(call: ApiCall, method: Json) -> None:
    models = method.get("requestModels") or {}
    media_type = (call.header("content-type") or "application/json").partition(";")[0].strip()
    name = models.get(media_type) or models.get("application/json")
    if name is None or call.snapshot is None:
        return
    root = call.snapshot.schemas
    try:
        document = json.loads(call.request.body)
        valid = store.emulated._json_schema_valid({"$ref": f"#/definitions/{name}"}, document, root)
    except (ValueError, RecursionError):
        valid = False
    except store.emulated._SchemaLoop as error:
        raise GatewayError("DEFAULT_5XX", "Internal server error", status=500) from error
    if not valid:
        raise GatewayError("BAD_REQUEST_BODY", "Invalid request body")
