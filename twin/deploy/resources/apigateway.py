"""API Gateway: REST APIs, deployments, stages, custom domains, the account's log role."""
# ruff: noqa: ARG002 - every handler answers to one interface, whichever of its arguments a type needs

from collections.abc import Mapping
from typing import Any, ClassVar

from botocore.exceptions import ClientError

from twin.deploy.context import Aws
from twin.deploy.names import AutoName
from twin.deploy.resources.base import (
    Handler,
    Inputs,
    Made,
    Outputs,
    compact,
    error_code,
    first,
    found,
    half_made,
    ignore_gone,
    paths,
    tag_changes,
    tags_of,
)

Patch = dict[str, str]


class RestApi(Handler):
    pulumi_type = "aws:apigateway/restApi:RestApi"
    accepts = paths(
        "name",
        "description",
        "body",
        "putRestApiMode",
        "failOnWarnings",
        "parameters.*",
        "endpointConfiguration.types",
        "disableExecuteApiEndpoint",
        "binaryMediaTypes",
        "minimumCompressionSize",
        "apiKeySource",
        "tags.*",
    )
    autoname = AutoName(argument="name", limit=255)

    def create(self, aws: Aws, inputs: Inputs) -> Made:
        client = aws.client("apigateway")
        identity = client.create_rest_api(
            name=inputs["name"],
            **compact(
                description=inputs.get("description"),
                binaryMediaTypes=inputs.get("binaryMediaTypes"),
                minimumCompressionSize=_integer(inputs.get("minimumCompressionSize")),
                apiKeySource=inputs.get("apiKeySource"),
                endpointConfiguration=_endpoint(inputs),
                disableExecuteApiEndpoint=inputs.get("disableExecuteApiEndpoint"),
                tags=inputs.get("tags") or None,
            ),
        )["id"]
        with half_made(identity):
            _put_body(aws, identity, inputs)
            return Made(identity=identity, outputs=_api_outputs(aws, identity))

    def read(self, aws: Aws, identity: str, inputs: Inputs) -> Outputs | None:
        api = found(aws.client("apigateway").get_rest_api, restApiId=identity)
        return {**_api_outputs(aws, identity), **_observed_endpoint(api)} if api else None

    def update(self, aws: Aws, identity: str, old: Inputs, new: Inputs) -> Outputs:
        patches = _api_patches(old, new)
        if patches:
            aws.client("apigateway").update_rest_api(restApiId=identity, patchOperations=patches)
        if any(
            old.get(key) != new.get(key) for key in ("body", "parameters", "putRestApiMode", "failOnWarnings")
        ):
            _put_body(aws, identity, new)
        outputs = _api_outputs(aws, identity)
        _retag(aws, outputs["arn"], old, new)
        return outputs

    def delete(self, aws: Aws, identity: str, inputs: Inputs, outputs: Mapping[str, Any]) -> None:
        ignore_gone(aws.client("apigateway").delete_rest_api, restApiId=identity)


class Deployment(Handler):
    """A snapshot of an API; a change of its triggers makes a new one before the old one goes."""

    pulumi_type = "aws:apigateway/deployment:Deployment"
    accepts = paths("restApi", "description", "variables.*")
    without_effect: ClassVar[Mapping[str, str]] = {
        "triggers.*": "they only cause a replacement, which they do here too"
    }
    replaces = frozenset({"restApi", "triggers", "variables"})

    def create(self, aws: Aws, inputs: Inputs) -> Made:
        answer = aws.client("apigateway").create_deployment(
            restApiId=inputs["restApi"],
            **compact(description=inputs.get("description"), variables=inputs.get("variables")),
        )
        return Made(identity=answer["id"], outputs=_created(answer))

    def read(self, aws: Aws, identity: str, inputs: Inputs) -> Outputs | None:
        answer = found(
            aws.client("apigateway").get_deployment, restApiId=inputs["restApi"], deploymentId=identity
        )
        return _created(answer) if answer else None

    def update(self, aws: Aws, identity: str, old: Inputs, new: Inputs) -> Outputs:
        answer = aws.client("apigateway").update_deployment(
            restApiId=new["restApi"],
            deploymentId=identity,
            patchOperations=[_replace("/description", new.get("description") or "")],
        )
        return _created(answer)

    def delete(self, aws: Aws, identity: str, inputs: Inputs, outputs: Mapping[str, Any]) -> None:
        ignore_gone(
            aws.client("apigateway").delete_deployment, restApiId=inputs["restApi"], deploymentId=identity
        )


class Stage(Handler):
    pulumi_type = "aws:apigateway/stage:Stage"
    accepts = paths(
        "restApi",
        "stageName",
        "deployment",
        "description",
        "accessLogSettings.destinationArn",
        "accessLogSettings.format",
        "variables.*",
        "xrayTracingEnabled",
        "tags.*",
    )
    replaces = frozenset({"restApi", "stageName"})
    delete_before_replace = True

    def create(self, aws: Aws, inputs: Inputs) -> Made:
        api, stage = inputs["restApi"], inputs["stageName"]
        aws.client("apigateway").create_stage(
            restApiId=api,
            stageName=stage,
            deploymentId=inputs["deployment"],
            **compact(
                description=inputs.get("description"),
                variables=inputs.get("variables"),
                tracingEnabled=inputs.get("xrayTracingEnabled"),
                tags=inputs.get("tags") or None,
            ),
        )
        identity = f"ags-{api}-{stage}"
        with half_made(identity):
            self._patch(aws, inputs, _log_patches({}, inputs))
            return Made(identity=identity, outputs=_stage_outputs(aws, inputs))

    def read(self, aws: Aws, identity: str, inputs: Inputs) -> Outputs | None:
        answer = found(
            aws.client("apigateway").get_stage, restApiId=inputs["restApi"], stageName=inputs["stageName"]
        )
        if answer is None:
            return None
        log = answer.get("accessLogSettings") or {}
        return {
            **_stage_outputs(aws, inputs),
            "deployment": answer["deploymentId"],
            "description": answer.get("description", ""),
            "accessLogSettings": {
                "destinationArn": log.get("destinationArn", ""),
                "format": log.get("format", ""),
            },
            "variables": answer.get("variables") or {},
            "xrayTracingEnabled": answer.get("tracingEnabled", False),
            "tags": tags_of(answer.get("tags")),
        }

    def update(self, aws: Aws, identity: str, old: Inputs, new: Inputs) -> Outputs:
        patches = _log_patches(old, new)
        members = (("deployment", "deploymentId"), ("description", "description"))
        for argument, member in members:
            if old.get(argument) != new.get(argument):
                patches.append(_replace(f"/{member}", new.get(argument) or ""))
        if bool(old.get("xrayTracingEnabled")) != bool(new.get("xrayTracingEnabled")):
            patches.append(_replace("/tracingEnabled", _boolean(new.get("xrayTracingEnabled"))))
        patches += _map_patches("variables", old.get("variables") or {}, new.get("variables") or {})
        self._patch(aws, new, patches)
        outputs = _stage_outputs(aws, new)
        _retag(aws, outputs["arn"], old, new)
        return outputs

    def delete(self, aws: Aws, identity: str, inputs: Inputs, outputs: Mapping[str, Any]) -> None:
        ignore_gone(
            aws.client("apigateway").delete_stage, restApiId=inputs["restApi"], stageName=inputs["stageName"]
        )

    def _patch(self, aws: Aws, inputs: Inputs, patches: list[Patch]) -> None:
        if patches:
            aws.client("apigateway").update_stage(
                restApiId=inputs["restApi"], stageName=inputs["stageName"], patchOperations=patches
            )


_METHOD_SETTINGS = {
    "metricsEnabled": "metrics/enabled",
    "loggingLevel": "logging/loglevel",
    "dataTraceEnabled": "logging/dataTrace",
    "throttlingBurstLimit": "throttling/burstLimit",
    "throttlingRateLimit": "throttling/rateLimit",
    "cachingEnabled": "caching/enabled",
}
"""Argument -> path of the patch (API Gateway API reference, "Patch operations", stage)."""


class MethodSettings(Handler):
    pulumi_type = "aws:apigateway/methodSettings:MethodSettings"
    accepts = paths("restApi", "stageName", "methodPath", *(f"settings.{name}" for name in _METHOD_SETTINGS))
    replaces = frozenset({"restApi", "stageName", "methodPath"})
    delete_before_replace = True

    def create(self, aws: Aws, inputs: Inputs) -> Made:
        self.update(aws, "", {}, inputs)
        return Made(identity=f"{inputs['restApi']}-{inputs['stageName']}-{inputs['methodPath']}")

    def read(self, aws: Aws, identity: str, inputs: Inputs) -> Outputs | None:
        stage = found(
            aws.client("apigateway").get_stage, restApiId=inputs["restApi"], stageName=inputs["stageName"]
        )
        settings = (stage or {}).get("methodSettings", {}).get(inputs["methodPath"])
        return {"settings": {name: settings.get(name) for name in inputs["settings"]}} if settings else None

    def update(self, aws: Aws, identity: str, old: Inputs, new: Inputs) -> Outputs:
        given = new["settings"]
        patches = [
            _replace(f"/{new['methodPath']}/{path}", _text(given[name]))
            for name, path in _METHOD_SETTINGS.items()
            if given.get(name) is not None and given[name] != (old.get("settings") or {}).get(name)
        ]
        if patches:
            aws.client("apigateway").update_stage(
                restApiId=new["restApi"], stageName=new["stageName"], patchOperations=patches
            )
        return {}

    def delete(self, aws: Aws, identity: str, inputs: Inputs, outputs: Mapping[str, Any]) -> None:
        ignore_gone(
            aws.client("apigateway").update_stage,
            restApiId=inputs["restApi"],
            stageName=inputs["stageName"],
            patchOperations=[{"op": "remove", "path": f"/{inputs['methodPath']}"}],
        )


class Account(Handler):
    """One for each account and region: creating it sets the role, deleting it takes the role away."""

    pulumi_type = "aws:apigateway/account:Account"
    accepts = paths("cloudwatchRoleArn")

    def create(self, aws: Aws, inputs: Inputs) -> Made:
        return Made(identity="api-gateway-account", outputs=self.update(aws, "", {}, inputs))

    def read(self, aws: Aws, identity: str, inputs: Inputs) -> Outputs | None:
        answer = aws.client("apigateway").get_account()
        return {**_account_outputs(answer), "cloudwatchRoleArn": answer.get("cloudwatchRoleArn", "")}

    def update(self, aws: Aws, identity: str, old: Inputs, new: Inputs) -> Outputs:
        patch = _replace("/cloudwatchRoleArn", new.get("cloudwatchRoleArn") or "")

        def attempt() -> dict[str, Any] | None:
            try:
                return dict(aws.client("apigateway").update_account(patchOperations=[patch]))
            except ClientError as error:
                # A new role is known to API Gateway only after some seconds.
                if error_code(error) == "BadRequestException" and "trust" in str(error).lower():
                    return None
                raise

        return _account_outputs(aws.wait("The log role becoming usable", attempt))

    def delete(self, aws: Aws, identity: str, inputs: Inputs, outputs: Mapping[str, Any]) -> None:
        aws.client("apigateway").update_account(patchOperations=[_replace("/cloudwatchRoleArn", "")])


class DomainName(Handler):
    pulumi_type = "aws:apigateway/domainName:DomainName"
    accepts = paths(
        "domainName", "regionalCertificateArn", "securityPolicy", "endpointConfiguration.types", "tags.*"
    )
    replaces = frozenset({"domainName"})
    delete_before_replace = True

    def create(self, aws: Aws, inputs: Inputs) -> Made:
        name = inputs["domainName"]
        aws.client("apigateway").create_domain_name(
            domainName=name,
            **compact(
                regionalCertificateArn=inputs.get("regionalCertificateArn"),
                securityPolicy=inputs.get("securityPolicy"),
                endpointConfiguration=_endpoint(inputs),
                tags=inputs.get("tags") or None,
            ),
        )
        with half_made(name):
            return Made(identity=name, outputs=_domain_outputs(aws, name))

    def read(self, aws: Aws, identity: str, inputs: Inputs) -> Outputs | None:
        domain = found(aws.client("apigateway").get_domain_name, domainName=identity)
        if domain is None:
            return None
        certificate = domain.get("regionalCertificateArn", "")
        seen = {"regionalCertificateArn": certificate, **_observed_endpoint(domain)}
        return {**_domain_outputs(aws, identity), **seen}

    def update(self, aws: Aws, identity: str, old: Inputs, new: Inputs) -> Outputs:
        patches = [
            _replace(f"/{argument}", new[argument])
            for argument in ("regionalCertificateArn", "securityPolicy")
            if new.get(argument) and old.get(argument) != new[argument]
        ]
        if patches:
            aws.client("apigateway").update_domain_name(domainName=identity, patchOperations=patches)
        outputs = _domain_outputs(aws, identity)
        _retag(aws, outputs["arn"], old, new)
        return outputs

    def delete(self, aws: Aws, identity: str, inputs: Inputs, outputs: Mapping[str, Any]) -> None:
        ignore_gone(aws.client("apigateway").delete_domain_name, domainName=identity)


class BasePathMapping(Handler):
    pulumi_type = "aws:apigateway/basePathMapping:BasePathMapping"
    accepts = paths("domainName", "basePath", "restApi", "stageName")
    replaces = frozenset({"domainName"})
    # Two mappings of one path cannot stand side by side ("Base path already exists").
    delete_before_replace = True

    def create(self, aws: Aws, inputs: Inputs) -> Made:
        aws.client("apigateway").create_base_path_mapping(
            domainName=inputs["domainName"],
            restApiId=inputs["restApi"],
            **compact(basePath=inputs.get("basePath"), stage=inputs.get("stageName")),
        )
        return Made(identity=f"{inputs['domainName']}/{inputs.get('basePath') or ''}")

    def read(self, aws: Aws, identity: str, inputs: Inputs) -> Outputs | None:
        answer = found(
            aws.client("apigateway").get_base_path_mapping,
            domainName=inputs["domainName"],
            basePath=inputs.get("basePath") or "(none)",
        )
        return {"restApi": answer["restApiId"], "stageName": answer.get("stage")} if answer else None

    def update(self, aws: Aws, identity: str, old: Inputs, new: Inputs) -> Outputs:
        members = (("restApi", "restapiId"), ("stageName", "stage"), ("basePath", "basePath"))
        patches = [
            _replace(f"/{member}", new.get(argument) or "")
            for argument, member in members
            if old.get(argument) != new.get(argument)
        ]
        if patches and old:
            aws.client("apigateway").update_base_path_mapping(
                domainName=new["domainName"],
                basePath=old.get("basePath") or "(none)",
                patchOperations=patches,
            )
        return {}

    def delete(self, aws: Aws, identity: str, inputs: Inputs, outputs: Mapping[str, Any]) -> None:
        ignore_gone(
            aws.client("apigateway").delete_base_path_mapping,
            domainName=inputs["domainName"],
            basePath=inputs.get("basePath") or "(none)",
        )


def _replace(path: str, value: str) -> Patch:
    return {"op": "replace", "path": path, "value": value}


def _integer(value: Any) -> int | None:
    return None if value is None else int(value)


def _boolean(value: Any) -> str:
    return "true" if value else "false"


def _text(value: Any) -> str:
    """A setting as the text that patch operations carry; whole numbers without a decimal point."""
    if isinstance(value, bool):
        return _boolean(value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def _endpoint(inputs: Inputs) -> dict[str, Any] | None:
    block = first(inputs.get("endpointConfiguration"))
    if not block:
        return None
    types = block["types"]
    return {"types": types if isinstance(types, list) else [types]}


def _observed_endpoint(answer: Mapping[str, Any]) -> Outputs:
    """What APIs and domains tell alike."""
    types = (answer.get("endpointConfiguration") or {}).get("types") or []
    return {"endpointConfiguration": {"types": types}, "tags": tags_of(answer.get("tags"))}


def _put_body(aws: Aws, api: str, inputs: Inputs) -> None:
    """Imports the definition, then sets again what an import overwrites: the name and the description."""
    body = inputs.get("body")
    if not body:
        return
    client = aws.client("apigateway")
    client.put_rest_api(
        restApiId=api,
        mode=inputs.get("putRestApiMode") or "overwrite",
        failOnWarnings=bool(inputs.get("failOnWarnings")),
        body=body.encode(),
        **compact(parameters=inputs.get("parameters")),
    )
    known = client.get_rest_api(restApiId=api)
    wanted = {"name": inputs["name"], "description": inputs.get("description")}
    patches = [
        _replace(f"/{key}", value) for key, value in wanted.items() if value and known.get(key) != value
    ]
    if patches:
        client.update_rest_api(restApiId=api, patchOperations=patches)


def _api_patches(old: Inputs, new: Inputs) -> list[Patch]:
    patches = [
        _replace(f"/{argument}", new.get(argument) or "")
        for argument in ("name", "description", "apiKeySource")
        if old.get(argument) != new.get(argument) and (argument != "apiKeySource" or new.get(argument))
    ]
    if bool(old.get("disableExecuteApiEndpoint")) != bool(new.get("disableExecuteApiEndpoint")):
        patches.append(_replace("/disableExecuteApiEndpoint", _boolean(new.get("disableExecuteApiEndpoint"))))
    if old.get("minimumCompressionSize") != new.get("minimumCompressionSize"):
        patches.append(
            _replace("/minimumCompressionSize", str(_integer(new.get("minimumCompressionSize")) or ""))
        )
    before, after = set(old.get("binaryMediaTypes") or ()), set(new.get("binaryMediaTypes") or ())
    patches += [
        {"op": "add", "path": f"/binaryMediaTypes/{_escaped(kind)}"} for kind in sorted(after - before)
    ]
    patches += [
        {"op": "remove", "path": f"/binaryMediaTypes/{_escaped(kind)}"} for kind in sorted(before - after)
    ]
    return patches


def _escaped(text: str) -> str:
    return text.replace("~", "~0").replace("/", "~1")


def _api_outputs(aws: Aws, identity: str) -> Outputs:
    api = aws.client("apigateway").get_rest_api(restApiId=identity)
    root = api.get("rootResourceId") or _root_resource(aws, identity)
    return {
        "name": api["name"],
        "description": api.get("description", ""),
        "arn": f"arn:{aws.partition}:apigateway:{aws.region}::/restapis/{identity}",
        "executionArn": _execution_arn(aws, identity),
        "rootResourceId": root,
        "createdDate": api["createdDate"].isoformat(),
    }


def _root_resource(aws: Aws, api: str) -> str:
    for resource in aws.client("apigateway").get_resources(restApiId=api)["items"]:
        if resource["path"] == "/":
            return str(resource["id"])
    return ""


def _execution_arn(aws: Aws, api: str) -> str:
    return f"arn:{aws.partition}:execute-api:{aws.region}:{aws.account_id}:{api}"


def _created(answer: Mapping[str, Any]) -> Outputs:
    return {"createdDate": answer["createdDate"].isoformat()}


def _log_patches(old: Inputs, new: Inputs) -> list[Patch]:
    before, after = first(old.get("accessLogSettings")), first(new.get("accessLogSettings"))
    if before == after:
        return []
    if not after:
        return [{"op": "remove", "path": "/accessLogSettings"}]
    # API Gateway wants the log group's ARN without the ":*" that other services add.
    destination = after["destinationArn"].removesuffix(":*")
    return [
        _replace("/accessLogSettings/destinationArn", destination),
        _replace("/accessLogSettings/format", after["format"]),
    ]


def _map_patches(member: str, old: Mapping[str, str], new: Mapping[str, str]) -> list[Patch]:
    to_set, to_remove = tag_changes(old, new)
    patches: list[Patch] = [_replace(f"/{member}/{key}", value) for key, value in to_set.items()]
    return patches + [{"op": "remove", "path": f"/{member}/{key}"} for key in to_remove]


def _stage_outputs(aws: Aws, inputs: Inputs) -> Outputs:
    api, stage = inputs["restApi"], inputs["stageName"]
    return {
        "arn": f"arn:{aws.partition}:apigateway:{aws.region}::/restapis/{api}/stages/{stage}",
        "executionArn": f"{_execution_arn(aws, api)}/{stage}",
        "invokeUrl": f"https://{api}.execute-api.{aws.region}.amazonaws.com/{stage}",
    }


def _account_outputs(answer: Mapping[str, Any]) -> Outputs:
    throttle = answer.get("throttleSettings") or {}
    return {
        "apiKeyVersion": answer.get("apiKeyVersion", ""),
        "features": answer.get("features", []),
        "throttleSettings": [
            {"burstLimit": throttle.get("burstLimit", 0), "rateLimit": throttle.get("rateLimit", 0)}
        ],
    }


_CLOUDFRONT_ZONE = "Z2FDTNDATAQYW2"  # API Gateway API Reference, DomainName.distributionHostedZoneId


def _domain_outputs(aws: Aws, name: str) -> Outputs:
    domain = aws.client("apigateway").get_domain_name(domainName=name)
    return {
        "domainName": name,
        "arn": f"arn:{aws.partition}:apigateway:{aws.region}::/domainnames/{name}",
        "regionalDomainName": domain["regionalDomainName"],
        "regionalZoneId": domain["regionalHostedZoneId"],
        "securityPolicy": domain.get("securityPolicy", ""),
        "cloudfrontDomainName": domain.get("distributionDomainName", ""),
        # The provider gives CloudFront's only zone, of a regional name too.
        "cloudfrontZoneId": _CLOUDFRONT_ZONE,
    }


def _retag(aws: Aws, arn: str, old: Inputs, new: Inputs) -> None:
    to_set, to_remove = tag_changes(old.get("tags") or {}, new.get("tags") or {})
    client = aws.client("apigateway")
    if to_set:
        client.tag_resource(resourceArn=arn, tags=to_set)
    if to_remove:
        client.untag_resource(resourceArn=arn, tagKeys=to_remove)
