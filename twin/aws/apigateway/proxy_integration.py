"""Lambda proxy integrations: the event a function gets, and what becomes of its answer.

Shapes: API Gateway Developer Guide, "Lambda proxy integrations".
"""

import base64
import json
from typing import Any

from twin.aws.apigateway.answers import ApiAnswer, GatewayError
from twin.aws.apigateway.call import ApiCall
from twin.aws.apigateway.definition import Json

# Headers of a function's answer that API Gateway passes on as x-amzn-Remapped-..., and those it drops
# (Developer Guide, "Important notes").
_REMAPPED = frozenset(
    {
        *("authorization", "date", "expect", "host", "max-forwards", "pragma", "proxy-authenticate"),
        *("server", "te", "upgrade", "via", "warning", "www-authenticate"),
    }
)
_DROPPED = frozenset({"transfer-encoding", "content-length", "connection"})
_CONTEXT = (
    *("resourceId", "resourcePath", "httpMethod", "extendedRequestId", "requestTime", "accountId"),
    *("protocol", "stage", "domainPrefix", "requestId", "domainName", "deploymentId", "apiId"),
)
_IDENTITY = (
    *("cognitoIdentityPoolId", "cognitoIdentityId", "cognitoAuthenticationType"),
    *("cognitoAuthenticationProvider", "accountId", "caller", "sourceIp", "principalOrgId", "accessKey"),
    *("userArn", "userAgent", "user"),
)


def event(call: ApiCall) -> bytes:
    """The payload for the function."""
    headers = _multi_headers(call)
    body, encoded = _body(call)
    return json.dumps(
        {
            "resource": call.resource_path,
            "path": _event_path(call),
            "httpMethod": call.method,
            "headers": {name: values[-1] for name, values in headers.items()},
            "multiValueHeaders": headers,
            "queryStringParameters": {name: values[-1] for name, values in call.query.items()} or None,
            "multiValueQueryStringParameters": call.query or None,
            "pathParameters": (call.route.parameters if call.route else None) or None,
            "stageVariables": call.stage.get("variables") or None,
            "requestContext": _request_context(call),
            "body": body,
            "isBase64Encoded": encoded,
        },
        separators=(",", ":"),
    ).encode()


def _event_path(call: ApiCall) -> str:
    """Without the stage on the API's own host name; through a custom domain as the client wrote it."""
    return call.client_path if call.base_path else call.path


def _multi_headers(call: ApiCall) -> dict[str, list[str]]:
    """Names as the client wrote them. A SigV4 signature is not handed to the function."""
    found: dict[str, list[str]] = {}
    names: dict[str, str] = {}
    for name, value in call.header_lines:
        lower = name.lower()
        if lower == "connection" or (lower == "authorization" and call.request.claim is not None):
            continue
        found.setdefault(names.setdefault(lower, name), []).append(value)
    forwarded = [*found.pop(names.get("x-forwarded-for", ""), []), call.source_ip]
    found["X-Forwarded-For"] = [", ".join(forwarded)]
    found["X-Forwarded-Port"] = ["443" if call.tls else "80"]
    found["X-Forwarded-Proto"] = ["https" if call.tls else "http"]
    found["X-Amzn-Trace-Id"] = [call.trace_id]
    return found


def _body(call: ApiCall) -> tuple[str | None, bool]:
    if not call.request.body:
        return None, False
    if _is_binary(call, call.header("content-type")):
        return base64.b64encode(call.request.body).decode(), True
    return call.request.body.decode("utf-8", "replace"), False


def _is_binary(call: ApiCall, media_type: str) -> bool:
    kinds = (call.snapshot.api.get("binaryMediaTypes") if call.snapshot else None) or []
    wanted = media_type.partition(";")[0].strip().lower()
    return bool(wanted) and any(
        kind in ("*/*", wanted) or (kind.endswith("/*") and wanted.startswith(kind[:-1])) for kind in kinds
    )


def _request_context(call: ApiCall) -> Json:
    context: dict[str, Any] = {name: call.context(name) for name in _CONTEXT}
    identity: dict[str, Any] = dict.fromkeys(_IDENTITY)
    context["requestTimeEpoch"] = int(call.at.timestamp() * 1000)
    context["path"] = call.client_path if call.base_path else f"/{call.stage_name}{call.path}"
    context["identity"] = {**identity, **call.identity}
    if call.route is not None and call.route.method.get("operationName"):
        context["operationName"] = call.route.method["operationName"]
    return context


def answer(call: ApiCall, payload: bytes) -> ApiAnswer:
    """The function's answer for the client. Raises GatewayError (502) for anything but the proxy format."""
    try:
        given = json.loads(payload)
    except ValueError:
        given = None
    if not isinstance(given, dict):
        raise malformed()
    try:
        made = ApiAnswer(status=int(given.get("statusCode", 200)))
    except (TypeError, ValueError) as error:
        raise malformed() from error
    made.set("Content-Type", "application/json")
    for name, value in (given.get("headers") or {}).items():
        _copy(made, str(name), [_text(value)])
    for name, values in (given.get("multiValueHeaders") or {}).items():
        _copy(made, str(name), [_text(value) for value in values])
    body = given.get("body")
    if body is not None and not isinstance(body, str):
        raise malformed()
    made.body = _decoded(call, body or "", bool(given.get("isBase64Encoded")))
    return made


def malformed() -> GatewayError:
    """A function's failure, or an answer that is none, is a 502 of API Gateway."""
    return GatewayError("DEFAULT_5XX", "Internal server error", status=502)


def _copy(made: ApiAnswer, name: str, values: list[str]) -> None:
    lower = name.lower()
    if lower in _DROPPED:
        return
    made.set(f"x-amzn-Remapped-{name}" if lower in _REMAPPED else name, *values)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _decoded(call: ApiCall, body: str, encoded: bool) -> bytes:
    accept = call.header("accept").partition(",")[0]
    if encoded and _is_binary(call, accept):
        try:
            return base64.b64decode(body, validate=True)
        except ValueError as error:
            raise malformed() from error
    return body.encode()
