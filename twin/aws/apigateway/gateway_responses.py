"""The answers that API Gateway makes by itself (Developer Guide, "Gateway responses")."""

import re

from twin.aws.apigateway.answers import ApiAnswer, GatewayError
from twin.aws.apigateway.call import ApiCall
from twin.aws.apigateway.definition import Json

DEFAULT_STATUS = {
    "RESOURCE_NOT_FOUND": 404,
    "UNAUTHORIZED": 401,
    "INVALID_API_KEY": 403,
    "ACCESS_DENIED": 403,
    "INVALID_SIGNATURE": 403,
    "EXPIRED_TOKEN": 403,
    "MISSING_AUTHENTICATION_TOKEN": 403,
    "INTEGRATION_FAILURE": 504,
    "INTEGRATION_TIMEOUT": 504,
    "API_CONFIGURATION_ERROR": 500,
    "UNSUPPORTED_MEDIA_TYPE": 415,
    "BAD_REQUEST_PARAMETERS": 400,
    "BAD_REQUEST_BODY": 400,
    "REQUEST_TOO_LARGE": 413,
    "THROTTLED": 429,
    "QUOTA_EXCEEDED": 429,
}
_ERROR_TYPES = {
    "MISSING_AUTHENTICATION_TOKEN": "MissingAuthenticationTokenException",
    "ACCESS_DENIED": "AccessDeniedException",
    "INVALID_SIGNATURE": "InvalidSignatureException",
    "EXPIRED_TOKEN": "ExpiredTokenException",
    "API_CONFIGURATION_ERROR": "InternalServerErrorException",
    "BAD_REQUEST_PARAMETERS": "BadRequestException",
    "BAD_REQUEST_BODY": "BadRequestException",
    "REQUEST_TOO_LARGE": "RequestTooLargeException",
    "UNSUPPORTED_MEDIA_TYPE": "UnsupportedMediaTypeException",
    "THROTTLED": "TooManyRequestsException",
    "INTEGRATION_TIMEOUT": "InternalServerErrorException",
    "INTEGRATION_FAILURE": "InternalServerErrorException",
    "DEFAULT_5XX": "InternalServerErrorException",
}
# Whatever is set for it, or for its family (Developer Guide, "Important notes for REST APIs").
_FIXED = frozenset({"REQUEST_TOO_LARGE"})
_VARIABLE = re.compile(r"\$(?:\{(context(?:\.\w+)+)\}|(context(?:\.[A-Za-z]\w*)+))")
_DEFAULT_TEMPLATE = '{"message":$context.error.messageString}'
# AWS writes this one with a capital letter, when it is not customised.
_ACCESS_DENIED_TEMPLATE = '{"Message":$context.error.messageString}'
_HEADER = "gatewayresponse.header."


def forbidden(call_ids: tuple[str, str]) -> ApiAnswer:
    """No API, stage or mapping is there to answer; `call_ids` are the request's and the extended id."""
    answer = ApiAnswer(status=403, body=b'{"message":"Forbidden"}')
    answer.set("Content-Type", "application/json")
    answer.set("x-amzn-ErrorType", "ForbiddenException")
    answer.set("x-amzn-RequestId", call_ids[0])
    answer.set("x-amz-apigw-id", call_ids[1])
    return answer


def render(error: GatewayError, call: ApiCall) -> ApiAnswer:
    """The answer for an error, with what the stage's deployment has customised."""
    call.error_type, call.error_message = error.kind, error.message
    customised = call.snapshot.gateway_responses if call.snapshot else {}
    response, status = _choose(error, dict(customised))
    template = (response.get("responseTemplates") or {}).get("application/json")
    if template is None:
        template = _ACCESS_DENIED_TEMPLATE if error.kind == "ACCESS_DENIED" else _DEFAULT_TEMPLATE
    answer = ApiAnswer(status=status)
    answer.set("Content-Type", "application/json")
    for target, source in (response.get("responseParameters") or {}).items():
        value = mapped_value(call, str(source))
        if target.startswith(_HEADER) and value is not None:
            answer.set(target.removeprefix(_HEADER), value)
    error_type = error.error_type or _ERROR_TYPES.get(error.kind)
    if error_type:
        answer.set("x-amzn-ErrorType", error_type)
    call.status = status
    answer.body = fill(template, call).encode()
    return answer


def _choose(error: GatewayError, customised: dict[str, Json]) -> tuple[Json, int]:
    usual = error.status or DEFAULT_STATUS.get(error.kind, 500)
    if error.kind in _FIXED:
        return {}, usual
    own = customised.get(error.kind)
    family = customised.get(f"DEFAULT_{usual // 100}XX") or {}
    response = own if own is not None else family
    # A status set on DEFAULT_4XX or DEFAULT_5XX is that of every type that is not customised.
    return response, int(response.get("statusCode") or usual)


def mapped_value(call: ApiCall, source: str) -> str | None:
    """A mapping expression's value: a literal in single quotes, or something of the request."""
    if len(source) >= 2 and source[0] == source[-1] == "'":
        return source[1:-1]
    kind, _, name = source.partition("method.request.")[2].partition(".")
    if kind == "header":
        return call.header(name) or None
    if kind == "querystring":
        return next(iter(call.query.get(name, [])), None)
    if kind == "path":
        return call.route.parameters.get(name) if call.route else None
    if source.startswith("context."):
        return call.context(source.removeprefix("context."))
    if source.startswith("stageVariables."):
        found = (call.stage.get("variables") or {}).get(source.removeprefix("stageVariables."))
        return None if found is None else str(found)
    return None


def fill(template: str, call: ApiCall) -> str:
    """A gateway response's template: only `$context` variables have a meaning there."""

    def value(found: re.Match[str]) -> str:
        name = (found.group(1) or found.group(2)).removeprefix("context.")
        return call.context(name) or ""

    return _VARIABLE.sub(value, template)
