"""Regional custom domain names and their base path mappings."""

import hashlib
from typing import Any

import ministack.services.acm as acm

from twin.aws.apigateway import store
from twin.aws.apigateway.definition import Json
from twin.aws.apigateway.errors import BadRequestError, ConflictError, NotFoundError, NotInTheTwinError
from twin.aws.apigateway.store import Answer, emulated
from twin.aws.hooks import HookedName, declare

declare(HookedName(module="ministack.services.acm", attribute="_certificates"))

# Hosted zones of regional custom domain names (AWS General Reference, API Gateway endpoints).
_HOSTED_ZONES = {
    "us-east-1": "Z1UJRXOUMOOFQ8",
    "us-east-2": "ZOJJZC49E0EPZ",
    "us-west-1": "Z2MUQ32089INYE",
    "us-west-2": "Z2OJLYMUO9EFXC",
    "ca-central-1": "Z19DQILCV0OWEC",
    "eu-central-1": "Z1U9ULNL0V5AJ3",
    "eu-west-1": "ZLY8HYME6SFDD",
    "eu-west-2": "ZJ5UAJN8Y3Z2Q",
    "eu-west-3": "Z3KY65QIEKYHQQ",
    "eu-north-1": "Z3UWIKFBOOGXPP",
    "ap-northeast-1": "Z1YSHQZHG15GKL",
    "ap-northeast-2": "Z20JF4UZKIW1U8",
    "ap-south-1": "Z3VO1THU9YC4UR",
    "ap-southeast-1": "ZL327KTPIQFUL",
    "ap-southeast-2": "Z2RPCDW04V8134",
    "sa-east-1": "ZCMLWB8V5SYIT",
}
_MAPPING_PATCHES = {"/restapiId": "restApiId", "/stage": "stage", "/basePath": "basePath"}
# No path at all: the mapping's name in paths and answers (API Gateway API reference).
ROOT = "(none)"


def create_domain_name(data: Json) -> Answer:
    name = str(data.get("domainName", ""))
    types = (data.get("endpointConfiguration") or {}).get("types") or ["EDGE"]
    if not name:
        raise BadRequestError("Domain name is required")
    if types != ["REGIONAL"]:
        raise NotInTheTwinError(f"custom domain names of type {', '.join(types)}; REGIONAL is")
    if (data.get("mutualTlsAuthentication") or {}).get("truststoreUri"):
        raise NotInTheTwinError("mutual TLS of custom domain names")
    if name in emulated._domain_names:
        raise ConflictError("The domain name you provided already exists.")
    _check_certificate(str(data.get("regionalCertificateArn", "")))
    emulated._create_domain_name({**data, "endpointConfiguration": {"types": types}})
    created = _complete(store.domain(name))
    store.share_tags(f"/domainnames/{name}", created)
    return store.answer(created, 201)


def update_domain_name(name: str, data: Json) -> Answer:
    found = store.domain(name)
    for operation in data.get("patchOperations") or []:
        path, value = str(operation.get("path", "")), str(operation.get("value") or "")
        if path == "/regionalCertificateArn":
            _check_certificate(value)
            found["regionalCertificateArn"] = value
        elif path == "/securityPolicy":
            found["securityPolicy"] = value
        else:
            raise BadRequestError(f"Invalid patch path '{path}' specified for op '{operation.get('op')}'")
    return store.answer(found)


def _check_certificate(arn: str) -> None:
    certificate = acm._certificates.get(arn)
    if certificate is None:
        raise BadRequestError(
            f"The provided certificate does not exist in this region: {arn or 'none given'}"
        )
    if certificate.get("Status", "ISSUED") != "ISSUED":
        raise BadRequestError("The provided certificate must be issued before it is used")


def _complete(created: Json) -> Json:
    """In place: the members as AWS answers them for a regional name, without those it leaves out."""
    region = store.get_region()
    digest = hashlib.sha256(f"{region}/{created['domainName']}".encode()).hexdigest()
    created["regionalDomainName"] = f"d-{digest[:10]}.execute-api.{region}.amazonaws.com"
    # For a region that is not in the table: a made-up zone, the same each time.
    created["regionalHostedZoneId"] = _HOSTED_ZONES.get(region, f"Z{digest[10:23].upper()}")
    created["domainNameStatus"] = "AVAILABLE"
    created["domainNameArn"] = f"arn:aws:apigateway:{region}::/domainnames/{created['domainName']}"
    for member in ("distributionDomainName", "distributionHostedZoneId"):
        created.pop(member, None)
    for member in [member for member, value in created.items() if value in ("", {})]:
        if member != "tags":
            del created[member]
    return created


def create_base_path_mapping(domain_name: str, data: Json) -> Answer:
    store.domain(domain_name)
    base_path = data.get("basePath") or ROOT
    if base_path in store.mappings(domain_name):
        raise ConflictError("Base path already exists for this domain name")
    _check_target(data.get("restApiId", ""), data.get("stage"))
    answer: Answer = emulated._create_base_path_mapping(domain_name, {**data, "basePath": base_path})
    return answer


def update_base_path_mapping(domain_name: str, base_path: str, data: Json) -> Answer:
    store.domain(domain_name)
    found = store.mappings(domain_name)
    if base_path not in found:
        raise NotFoundError("Invalid base path mapping identifier specified")
    changed = dict(found[base_path])
    for operation in data.get("patchOperations") or []:
        member = _MAPPING_PATCHES.get(str(operation.get("path", "")))
        if member is None:
            raise BadRequestError(f"Invalid patch path '{operation.get('path')}' specified")
        changed[member] = str(operation.get("value") or "")
    changed["basePath"] = changed["basePath"] or ROOT
    if changed["basePath"] != base_path and changed["basePath"] in found:
        raise ConflictError("Base path already exists for this domain name")
    _check_target(changed["restApiId"], changed["stage"])
    del found[base_path]
    found[changed["basePath"]] = changed
    return store.answer(changed)


def delete_base_path_mapping(domain_name: str, base_path: str) -> Answer:
    store.domain(domain_name)
    if base_path not in store.mappings(domain_name):
        raise NotFoundError("Invalid base path mapping identifier specified")
    answer: Answer = emulated._delete_base_path_mapping(domain_name, base_path)
    return answer


def _check_target(api_id: Any, stage_name: Any) -> None:
    if api_id not in emulated._rest_apis:
        raise BadRequestError("Invalid REST API identifier specified")
    if stage_name and stage_name not in store.stages(api_id):
        raise BadRequestError("Invalid stage identifier specified")
