"""What one region's API is: its definition as deployed, its stage, its domain name."""

import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from ops.deployed.deployment import Stack
from ops.parity.neutral import RegionNeutral
from ops.parity.rows import Facts

# An export's own: when it was made, where it is served.
EXPORTED_ABOUT = ("info", "servers")
# An integration's cache is named by its resource's id, which AWS gave.
OWN_MEMBER = "/cacheNamespace"
SETTINGS = (
    "apiKeySource",
    "binaryMediaTypes",
    "disableExecuteApiEndpoint",
    "minimumCompressionSize",
    "policy",
)
STAGE_SETTINGS = (
    "cacheClusterEnabled",
    "cacheClusterSize",
    "methodSettings",
    "variables",
    "tracingEnabled",
    "accessLogSettings",
    "canarySettings",
)
DOMAIN_SETTINGS = ("securityPolicy", "endpointConfiguration", "domainNameStatus")


def body(client: Any, stack: Stack, neutral: RegionNeutral) -> Facts:
    """The definition that the stage serves, value by value; `client` is API Gateway's."""
    exported = client.get_export(
        restApiId=stack.api_id,
        stageName=stage_of(stack),
        exportType="oas30",
        parameters={"extensions": "apigateway"},
        accepts="application/json",
    )
    document = json.loads(exported["body"].read())
    every = neutral.flat({k: v for k, v in document.items() if k not in EXPORTED_ABOUT})
    found = {path: value for path, value in every if not path.endswith(OWN_MEMBER)}
    responses = client.get_gateway_responses(restApiId=stack.api_id, limit=500)["items"]
    for one in responses:
        if not one.get("defaultResponse"):
            settings = {k: v for k, v in one.items() if k not in ("responseType", "defaultResponse")}
            found |= dict(neutral.flat(settings, f"/gateway responses/{one['responseType']}"))
    return found


def stage(client: Any, stack: Stack, neutral: RegionNeutral) -> Facts:
    """The API's settings and its stage's: throttling, logs, traces."""
    api = client.get_rest_api(restApiId=stack.api_id)
    found = {name: neutral.text(api[name]) for name in SETTINGS if api.get(name)}
    found["endpoint types"] = neutral.text(api.get("endpointConfiguration", {}).get("types", []))
    settings = client.get_stage(restApiId=stack.api_id, stageName=stage_of(stack))
    for name in STAGE_SETTINGS:
        if settings.get(name):
            found |= {f"stage {name}{path}": value for path, value in neutral.flat(settings[name])}
    return found


def domain(client: Any, domain_name: str, neutral: RegionNeutral) -> Facts:
    """The shared name's settings here, and what it leads to."""
    settings = client.get_domain_name(domainName=domain_name)
    found = {name: neutral.text(settings[name]) for name in DOMAIN_SETTINGS if settings.get(name)}
    for mapping in _mappings(client, domain_name):
        target = {"api": mapping["restApiId"], "stage": mapping.get("stage", "")}
        found[f"base path {mapping['basePath']}"] = neutral.text(target)
    return found


def certificate_arn(client: Any, domain_name: str) -> str:
    """The certificate that this region serves the shared name with."""
    return str(client.get_domain_name(domainName=domain_name)["regionalCertificateArn"])


def stage_of(stack: Stack) -> str:
    """The stage's name, the last part of the API's URL."""
    return urlsplit(stack.api_url).path.strip("/")


def _mappings(client: Any, domain_name: str) -> Iterator[Mapping[str, Any]]:
    pages = client.get_paginator("get_base_path_mappings").paginate(domainName=domain_name)
    for page in pages:
        yield from page.get("items", [])
