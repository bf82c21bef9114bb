"""Read one `x-amazon-apigateway-integration`: what it says, and what API Gateway would refuse in it."""

import re
from dataclasses import dataclass, field

from twin.aws.apigateway.definition import Json
from twin.aws.apigateway.errors import NotInTheTwinError

_SUPPORTED = ("AWS_PROXY", "MOCK")
_KNOWN = (*_SUPPORTED, "AWS", "HTTP", "HTTP_PROXY")
_LAMBDA_URI = re.compile(
    r"^arn:aws:apigateway:[a-z0-9-]+:lambda:path/2015-03-31/functions/"
    r"arn:aws:lambda:[a-z0-9-]+:\d{12}:function:[A-Za-z0-9_:$-]+/invocations$"
)
_MIN_TIMEOUT_MS, _MAX_TIMEOUT_MS = 50, 29000  # API Gateway quotas, "Integration timeout"
_PASSTHROUGH = ("WHEN_NO_MATCH", "WHEN_NO_TEMPLATES", "NEVER")


@dataclass(kw_only=True)
class ReadIntegration:
    """`integration` in the form GetIntegration answers with."""

    integration: Json
    problems: list[str] = field(default_factory=list)


def read_integration(extension: Json, method_responses: dict[str, Json]) -> ReadIntegration:
    """Read the extension of a method with the given responses. Raises NotInTheTwinError."""
    kind = str(extension.get("type", "")).upper()
    problems: list[str] = []
    if kind not in _KNOWN:
        problems.append(f"Invalid integration type specified: {extension.get('type')}")
    elif kind not in _SUPPORTED:
        raise NotInTheTwinError(f"integrations of type {kind.lower()}; aws_proxy and mock are")
    responses, response_problems = _read_responses(extension, method_responses)
    problems += response_problems
    passthrough = str(extension.get("passthroughBehavior", "WHEN_NO_MATCH")).upper()
    if passthrough not in _PASSTHROUGH:
        problems.append(f"Invalid passthrough behavior specified: {passthrough}")
    integration: Json = {
        "type": kind,
        "passthroughBehavior": passthrough,
        "timeoutInMillis": _timeout(extension, problems),
        "requestParameters": dict(extension.get("requestParameters") or {}),
        "requestTemplates": dict(extension.get("requestTemplates") or {}),
        "cacheKeyParameters": list(extension.get("cacheKeyParameters") or []),
        "integrationResponses": responses,
    }
    for member in ("contentHandling", "credentials", "connectionType", "cacheNamespace"):
        if extension.get(member) is not None:
            integration[member] = str(extension[member])
    if kind == "AWS_PROXY":
        integration |= _lambda_target(extension, problems)
    return ReadIntegration(integration=integration, problems=problems)


def _lambda_target(extension: Json, problems: list[str]) -> Json:
    uri, method = str(extension.get("uri", "")), str(extension.get("httpMethod", ""))
    if not _LAMBDA_URI.match(uri):
        problems.append(f"Invalid ARN specified in the request: {uri or 'no uri'}")
    if method.upper() != "POST":
        problems.append(f"AWS Lambda is called with httpMethod POST, not {method or 'none'}")
    return {"uri": uri, "httpMethod": method.upper()}


def _timeout(extension: Json, problems: list[str]) -> int:
    timeout = extension.get("timeoutInMillis", _MAX_TIMEOUT_MS)
    if not isinstance(timeout, int) or not _MIN_TIMEOUT_MS <= timeout <= _MAX_TIMEOUT_MS:
        problems.append(
            f"Timeout should be between {_MIN_TIMEOUT_MS} ms and {_MAX_TIMEOUT_MS} ms, not {timeout}"
        )
        return _MAX_TIMEOUT_MS
    return timeout


def _read_responses(extension: Json, method_responses: dict[str, Json]) -> tuple[dict[str, Json], list[str]]:
    """Integration responses by status code; the document names them by selection pattern."""
    responses: dict[str, Json] = {}
    problems: list[str] = []
    for pattern, described in (extension.get("responses") or {}).items():
        status = str(described.get("statusCode", ""))
        parameters = dict(described.get("responseParameters") or {})
        declared = method_responses.get(status)
        if declared is None:
            problems.append(f"No method response exists for method: {status or 'no statusCode'}")
            continue
        problems += [
            f"Invalid mapping expression parameter specified: {name}"
            for name in parameters
            if name not in declared["responseParameters"]
        ]
        responses[status] = {
            "statusCode": status,
            "selectionPattern": "" if pattern == "default" else str(pattern),
            "responseParameters": parameters,
            "responseTemplates": dict(described.get("responseTemplates") or {}),
        }
    return responses, problems
