"""Mock integrations: a request template chooses the status, an integration response makes the answer."""

import json
import re

from twin.aws.apigateway import store
from twin.aws.apigateway.answers import ApiAnswer, GatewayError
from twin.aws.apigateway.call import ApiCall
from twin.aws.apigateway.definition import Json
from twin.aws.apigateway.gateway_responses import mapped_value
from twin.aws.hooks import HookedName, declare

declare(
    HookedName(
        module=store.MODULE,
        attribute="_render_request_template_v1",
        signature="(template, body_str, params_map, context)",
    )
)
_HEADER = "method.response.header."


def invoke(call: ApiCall, integration: Json) -> ApiAnswer:
    """Raises GatewayError when no template or response fits, as API Gateway does."""
    status = _status(call, integration)
    call.integration_status, call.integration_latency = str(status), 0
    response = _select(integration, status)
    if response is None:
        raise GatewayError("DEFAULT_5XX", "Internal server error", status=500)
    answer = ApiAnswer(status=int(response["statusCode"]))
    answer.set("Content-Type", "application/json")
    for target, source in (response.get("responseParameters") or {}).items():
        value = mapped_value(call, str(source))
        if value is not None:
            answer.set(target.removeprefix(_HEADER), value)
    template = (response.get("responseTemplates") or {}).get("application/json")
    answer.body = _fill(template, call, "{}").encode() if template else b""
    return answer


def _status(call: ApiCall, integration: Json) -> int:
    templates = integration.get("requestTemplates") or {}
    media_type = (call.header("content-type") or "application/json").partition(";")[0].strip().lower()
    template = templates.get(media_type)
    if template is None and integration.get("passthroughBehavior") == "NEVER":
        raise GatewayError("UNSUPPORTED_MEDIA_TYPE", "Unsupported Media Type")
    text = call.request.body.decode("utf-8", "replace")
    rendered = _fill(template, call, text) if template is not None else text
    found = re.search(r'"statusCode"\s*:\s*"?(\d{3})', rendered)
    if found is None:
        raise GatewayError("DEFAULT_5XX", "Internal server error", status=500)
    return int(found.group(1))


def _select(integration: Json, status: int) -> Json | None:
    responses: list[Json] = list((integration.get("integrationResponses") or {}).values())
    for response in responses:
        pattern = response.get("selectionPattern")
        if pattern and re.fullmatch(pattern, str(status)):
            return response
    return next((response for response in responses if not response.get("selectionPattern")), None)


def _fill(template: str, call: ApiCall, body: str) -> str:
    parameters = {name: values[0] for name, values in call.query.items() if values}
    parameters |= dict(call.header_lines)
    parameters |= call.route.parameters if call.route else {}
    names = ("requestId", "apiId", "stage", "httpMethod", "resourcePath", "accountId", "domainName")
    context = {name: call.context(name) or "" for name in names}
    try:
        return str(store.emulated._render_request_template_v1(template, body, parameters, context))
    except (ValueError, json.JSONDecodeError) as error:
        raise GatewayError("DEFAULT_5XX", "Internal server error", status=500) from error
