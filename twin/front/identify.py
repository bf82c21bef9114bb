"""Which operation of which AWS service a request calls, told from botocore's own service models.

Works for every protocol AWS uses: the JSON protocols name the operation in a header, the query protocol in
the body, RPC v2 CBOR in the path, and the REST protocols by method and path template.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any, cast
from urllib.parse import parse_qs

import botocore.loaders

from twin.front.request import Request

# Services by the name in a signature's credential scope. One signing name may stand for several services.
SIGNING_NAMES: dict[str, tuple[str, ...]] = {
    "acm": ("acm",),
    "apigateway": ("apigateway", "apigatewayv2"),
    "dynamodb": ("dynamodb", "dynamodbstreams"),
    "iam": ("iam",),
    "kms": ("kms",),
    "lambda": ("lambda",),
    "logs": ("logs",),
    "monitoring": ("cloudwatch",),
    "route53": ("route53",),
    "route53-recovery-cluster": ("route53-recovery-cluster",),
    "route53-recovery-control-config": ("route53-recovery-control-config",),
    "route53-recovery-readiness": ("route53-recovery-readiness",),
    "s3": ("s3", "s3control"),
    "sns": ("sns",),
    "states": ("stepfunctions",),
    "sts": ("sts",),
    "synthetics": ("synthetics",),
    "tagging": ("resourcegroupstaggingapi",),
}
# S3 Control is told from S3 by its path prefix, as all its operations share it.
_S3_CONTROL_PREFIX = "/v20180820/"
_CBOR_PATH = re.compile(r"^/service/(?P<service>[^/]+)/operation/(?P<operation>[^/]+)$")


@dataclass(frozen=True, kw_only=True)
class AwsCall:
    """An operation in botocore's names; `operation` is None when the service has none like it."""

    service: str
    operation: str | None
    protocol: str


@dataclass(frozen=True, kw_only=True)
class _RestRoute:
    operation: str
    method: str
    path: re.Pattern[str]
    query: frozenset[tuple[str, str]]
    weight: tuple[int, int, int]
    required_headers: frozenset[str]
    required_query: frozenset[str]


@cache
def model(service: str) -> dict[str, Any]:
    """botocore's description of a service (its `service-2` file)."""
    loader = botocore.loaders.create_loader()
    return cast("dict[str, Any]", loader.load_service_model(service, "service-2"))


def service_names() -> Iterable[str]:
    """Every botocore service the twin can identify."""
    return (service for services in SIGNING_NAMES.values() for service in services)


def services_signed_as(name: str) -> tuple[str, ...]:
    """The botocore services a signing name may stand for; those the twin lacks by the same name."""
    return SIGNING_NAMES.get(name) or ((name,) if name in _available() else ())


@cache
def _available() -> frozenset[str]:
    return frozenset(botocore.loaders.create_loader().list_available_services("service-2"))


def identify(request: Request) -> AwsCall | None:
    """The operation a signed request calls; None when botocore has no service of its signing name."""
    services = services_signed_as(request.claim.service) if request.claim else ()
    if not services:
        return None
    return (
        _by_target(request, services)
        or _by_cbor_path(request, services)
        or _by_rest_or_query(request, services)
    )


def _by_target(request: Request, services: tuple[str, ...]) -> AwsCall | None:
    target = request.headers.get("x-amz-target", "")
    prefix, dot, operation = target.rpartition(".")
    if not dot:
        return None
    for service in services:
        metadata = model(service)["metadata"]
        if metadata.get("targetPrefix") == prefix:
            known = operation if operation in model(service)["operations"] else None
            return AwsCall(service=service, operation=known or operation, protocol="json")
    return AwsCall(service=services[0], operation=target, protocol="json")


def _by_cbor_path(request: Request, services: tuple[str, ...]) -> AwsCall | None:
    found = _CBOR_PATH.match(request.path)
    if found is None or "rpc-v2-cbor" not in request.headers.get("smithy-protocol", ""):
        return None
    return AwsCall(service=services[0], operation=found["operation"], protocol="cbor")


def _by_rest_or_query(request: Request, services: tuple[str, ...]) -> AwsCall:
    if "s3control" in services and request.path.startswith(_S3_CONTROL_PREFIX):
        services = ("s3control",)
    elif "s3control" in services:
        services = ("s3",)
    for service in services:
        protocol = _protocol(service)
        if protocol in ("query", "ec2"):
            return AwsCall(service=service, operation=_query_action(request), protocol=protocol)
        if protocol.startswith("rest-"):
            operation = _match_route(service, request)
            if operation is not None:
                return AwsCall(service=service, operation=operation, protocol=protocol)
    return AwsCall(service=services[0], operation=None, protocol=_protocol(services[0]))


def protocol_of(request: Request, services: tuple[str, ...]) -> tuple[str, str]:
    """Enough of a service to answer in its protocol, told without its operation: service and protocol."""
    if "rpc-v2-cbor" in request.headers.get("smithy-protocol", ""):
        return (services or ("cloudwatch",))[0], "cbor"
    if request.headers.get("x-amz-target"):
        return (services or ("dynamodb",))[0], "json"
    if services:
        return services[0], _protocol(services[0])
    return ("sts", "query") if _query_action(request) else ("", "rest-json")


def _protocol(service: str) -> str:
    """The protocol of a request without a target header or a CBOR path."""
    metadata = model(service)["metadata"]
    protocols = metadata.get("protocols") or [metadata["protocol"]]
    return "query" if "query" in protocols else cast("str", metadata["protocol"])


def _query_action(request: Request) -> str | None:
    form = request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded")
    for text in (request.query_string, request.body.decode("latin-1") if form else ""):
        action = parse_qs(text).get("Action")
        if action:
            return action[0]
    return None


def _match_route(service: str, request: Request) -> str | None:
    query = parse_qs(request.query_string, keep_blank_values=True)
    bucket_in_host = service == "s3" and _virtual_hosted_bucket(request.headers.get("host", ""))
    path = f"/{bucket_in_host}{request.raw_path}" if bucket_in_host else request.raw_path
    for route in _routes(service):
        if route.method != request.method or not route.path.match(path):
            continue
        if any(name not in query or (value and query[name][0] != value) for name, value in route.query):
            continue
        if route.required_headers - request.headers.keys() or route.required_query - query.keys():
            continue
        return route.operation
    return None


def _virtual_hosted_bucket(host: str) -> str:
    name = host.partition(":")[0]
    bucket, dot, rest = name.partition(".s3.")
    return bucket if dot and rest.endswith("amazonaws.com") else ""


@cache
def _routes(service: str) -> tuple[_RestRoute, ...]:
    """REST routes of a service, the most specific first."""
    description = model(service)
    routes = [
        _route(service, name, operation, description["shapes"])
        for name, operation in description["operations"].items()
        # S3's deprecated operations share method and path with those that took their place.
        if not (service == "s3" and operation.get("deprecated"))
    ]
    return tuple(sorted(routes, key=lambda route: route.weight, reverse=True))


def _route(service: str, name: str, operation: dict[str, Any], shapes: dict[str, Any]) -> _RestRoute:
    template, _, query = operation["http"]["requestUri"].partition("?")
    if service == "s3":
        template = _with_bucket(template, operation, shapes)
    pairs = [pair.partition("=") for pair in query.split("&") if pair]
    headers, arguments = _required(operation, shapes)
    literal = re.sub(r"\{[^}]*\}", "", template)
    return _RestRoute(
        operation=name,
        method=operation["http"]["method"],
        path=_template_pattern(template),
        query=frozenset((key, value) for key, _, value in pairs),
        weight=(len(pairs) + len(headers) + len(arguments), len(literal), -template.count("{")),
        required_headers=headers,
        required_query=arguments,
    )


def _with_bucket(template: str, operation: dict[str, Any], shapes: dict[str, Any]) -> str:
    """S3's templates as path-style requests have them, with the bucket in front."""
    members = shapes[operation["input"]["shape"]].get("members", {}) if "input" in operation else {}
    if "Bucket" in members and "{Bucket}" not in template:
        return "/{Bucket}" + template
    return template


def _required(operation: dict[str, Any], shapes: dict[str, Any]) -> tuple[frozenset[str], frozenset[str]]:
    """Header and query names without which a request is not this operation (UploadPart, CopyObject)."""
    if "input" not in operation:
        return frozenset(), frozenset()
    shape = shapes[operation["input"]["shape"]]
    headers, arguments = set(), set()
    for member in shape.get("required", []):
        where = shape["members"][member]
        if where.get("location") == "header":
            headers.add(where["locationName"].lower())
        elif where.get("location") == "querystring":
            arguments.add(where["locationName"])
    return frozenset(headers), frozenset(arguments)


def _template_pattern(template: str) -> re.Pattern[str]:
    parts = []
    for piece in re.split(r"(\{[^}]*\})", template.rstrip("/") or "/"):
        if piece.startswith("{"):
            parts.append("(.+)" if piece.endswith("+}") else "([^/]+)")
        else:
            parts.append(re.escape(piece))
    return re.compile("^" + "".join(parts) + "/?$")
