"""Route 53: records and health checks."""
# ruff: noqa: ARG002 - every handler answers to one interface, whichever of its arguments a type needs

import secrets
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from twin.deploy.context import Aws
from twin.deploy.errors import ResourceError
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
    is_gone,
    paths,
    tag_changes,
    tag_list,
    tags_of,
)


class Record(Handler):
    pulumi_type = "aws:route53/record:Record"
    accepts = paths(
        "name",
        "type",
        "zoneId",
        "ttl",
        "records",
        "aliases.name",
        "aliases.zoneId",
        "aliases.evaluateTargetHealth",
        "latencyRoutingPolicies.region",
        "weightedRoutingPolicies.weight",
        "setIdentifier",
        "healthCheckId",
        "allowOverwrite",
    )
    # Another name, type or set identifier is another record at Route 53.
    replaces = frozenset({"name", "type", "zoneId", "setIdentifier"})
    delete_before_replace = True

    def create(self, aws: Aws, inputs: Inputs) -> Made:
        zone = inputs["zoneId"]
        name = _full_name(aws, zone, inputs["name"])
        action = "UPSERT" if inputs.get("allowOverwrite") else "CREATE"
        change = _submit(aws, zone, action, _record_set(name, inputs))
        parts = [zone, inputs["name"], inputs["type"], inputs.get("setIdentifier")]
        identity = "_".join(part for part in parts if part)
        with half_made(identity):
            _wait_in_sync(aws, change)
        return Made(identity=identity, outputs={"fqdn": name})

    def read(self, aws: Aws, identity: str, inputs: Inputs) -> Outputs | None:
        name = _full_name(aws, inputs["zoneId"], inputs["name"])
        existing = _existing(aws, name, inputs)
        if existing is None:
            return None
        values = [entry["Value"] for entry in existing.get("ResourceRecords", [])]
        return compact(
            fqdn=name,
            records=values or None,
            ttl=existing.get("TTL"),
            healthCheckId=existing.get("HealthCheckId", ""),
            aliases=_observed_alias(existing.get("AliasTarget")),
        )

    def update(self, aws: Aws, identity: str, old: Inputs, new: Inputs) -> Outputs:
        name = _full_name(aws, new["zoneId"], new["name"])
        _change(aws, new["zoneId"], "UPSERT", _record_set(name, new))
        return {"fqdn": name}

    def delete(self, aws: Aws, identity: str, inputs: Inputs, outputs: Mapping[str, Any]) -> None:
        if found(aws.client("route53").get_hosted_zone, Id=inputs["zoneId"]) is None:
            return
        name = _full_name(aws, inputs["zoneId"], inputs["name"])
        existing = _existing(aws, name, inputs)
        if existing is not None:
            # Route 53 deletes only what equals the record in every member, so the record itself is sent.
            _change(aws, inputs["zoneId"], "DELETE", existing)


class HealthCheck(Handler):
    pulumi_type = "aws:route53/healthCheck:HealthCheck"
    accepts = paths("type", "routingControlArn", "referenceName", "disabled", "invertHealthcheck", "tags.*")
    replaces = frozenset({"type", "routingControlArn", "referenceName"})

    def create(self, aws: Aws, inputs: Inputs) -> Made:
        if inputs["type"] != "RECOVERY_CONTROL":
            raise ResourceError(
                f"health checks of type {inputs['type']!r} are not in the twin; RECOVERY_CONTROL is."
            )
        prefix = inputs.get("referenceName") or "twin"
        answer = aws.client("route53").create_health_check(
            CallerReference=f"{prefix}-{secrets.token_hex(8)}",
            HealthCheckConfig=compact(
                Type=inputs["type"],
                RoutingControlArn=inputs.get("routingControlArn"),
                Inverted=inputs.get("invertHealthcheck"),
                Disabled=inputs.get("disabled"),
            ),
        )
        identity = answer["HealthCheck"]["Id"]
        with half_made(identity):
            _tag(aws, identity, {}, inputs)
        return Made(identity=identity, outputs=_check_outputs(aws, identity))

    def read(self, aws: Aws, identity: str, inputs: Inputs) -> Outputs | None:
        answer = found(aws.client("route53").get_health_check, HealthCheckId=identity)
        if answer is None:
            return None
        config = answer["HealthCheck"]["HealthCheckConfig"]
        tags = aws.client("route53").list_tags_for_resource(ResourceType="healthcheck", ResourceId=identity)
        return {
            **_check_outputs(aws, identity),
            "routingControlArn": config.get("RoutingControlArn"),
            "invertHealthcheck": config.get("Inverted", False),
            "disabled": config.get("Disabled", False),
            "tags": tags_of(tags["ResourceTagSet"].get("Tags")),
        }

    def update(self, aws: Aws, identity: str, old: Inputs, new: Inputs) -> Outputs:
        switches = compact(Inverted=new.get("invertHealthcheck"), Disabled=new.get("disabled"))
        if switches and switches != compact(
            Inverted=old.get("invertHealthcheck"), Disabled=old.get("disabled")
        ):
            aws.client("route53").update_health_check(HealthCheckId=identity, **switches)
        _tag(aws, identity, old, new)
        return _check_outputs(aws, identity)

    def delete(self, aws: Aws, identity: str, inputs: Inputs, outputs: Mapping[str, Any]) -> None:
        try:
            aws.client("route53").delete_health_check(HealthCheckId=identity)
        except ClientError as error:
            if not is_gone(error):
                raise


def _record_set(name: str, inputs: Inputs) -> dict[str, Any]:
    alias = first(inputs.get("aliases"))
    latency = first(inputs.get("latencyRoutingPolicies"))
    weighted = first(inputs.get("weightedRoutingPolicies"))
    values = inputs.get("records")
    return compact(
        Name=name,
        Type=inputs["type"],
        TTL=None if inputs.get("ttl") is None else int(inputs["ttl"]),
        ResourceRecords=[{"Value": value} for value in values] if values else None,
        AliasTarget=_alias(alias) if alias else None,
        Region=latency["region"] if latency else None,
        Weight=int(weighted["weight"]) if weighted else None,
        SetIdentifier=inputs.get("setIdentifier"),
        HealthCheckId=inputs.get("healthCheckId"),
    )


def _alias(block: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "HostedZoneId": block["zoneId"],
        "DNSName": block["name"],
        "EvaluateTargetHealth": bool(block["evaluateTargetHealth"]),
    }


def _observed_alias(target: Mapping[str, Any] | None) -> list[dict[str, Any]] | None:
    if target is None:
        return None
    return [
        {
            "zoneId": target["HostedZoneId"],
            "name": target["DNSName"].rstrip("."),
            "evaluateTargetHealth": target["EvaluateTargetHealth"],
        }
    ]


def _change(aws: Aws, zone: str, action: str, record_set: Mapping[str, Any]) -> None:
    _wait_in_sync(aws, _submit(aws, zone, action, record_set))


def _submit(aws: Aws, zone: str, action: str, record_set: Mapping[str, Any]) -> str:
    """The change's id."""
    client = aws.client("route53")
    batch = {"Changes": [{"Action": action, "ResourceRecordSet": record_set}]}

    def attempt() -> str | None:
        try:
            answer = client.change_resource_record_sets(HostedZoneId=zone, ChangeBatch=batch)
        except ClientError as error:
            # Route 53 takes one change of a zone at a time.
            if error_code(error) in ("PriorRequestNotComplete", "Throttling"):
                return None
            raise
        return str(answer["ChangeInfo"]["Id"])

    return aws.wait(f"The change of {record_set['Name']}", attempt)


def _wait_in_sync(aws: Aws, change: str) -> None:
    client = aws.client("route53")

    def in_sync() -> bool | None:
        return True if client.get_change(Id=change)["ChangeInfo"]["Status"] == "INSYNC" else None

    aws.wait(f"The change {change} reaching all name servers", in_sync)


def _full_name(aws: Aws, zone: str, name: str) -> str:
    """The name within the zone, without a final dot: `orders` and `orders.example.com` are the same."""
    zone_name = aws.client("route53").get_hosted_zone(Id=zone)["HostedZone"]["Name"].rstrip(".")
    bare = name.rstrip(".").lower()
    if bare == zone_name or bare.endswith(f".{zone_name}"):
        return bare
    return f"{bare}.{zone_name}" if bare else str(zone_name)


def _existing(aws: Aws, name: str, inputs: Inputs) -> dict[str, Any] | None:
    pages = (
        aws.client("route53")
        .get_paginator("list_resource_record_sets")
        .paginate(HostedZoneId=inputs["zoneId"])
    )
    for page in pages:
        for record in page["ResourceRecordSets"]:
            same = record["Name"].rstrip(".") == name and record["Type"] == inputs["type"]
            if same and record.get("SetIdentifier") == inputs.get("setIdentifier"):
                return dict(record)
    return None


def _tag(aws: Aws, identity: str, old: Inputs, new: Inputs) -> None:
    to_set, to_remove = tag_changes(old.get("tags") or {}, new.get("tags") or {})
    if to_set or to_remove:
        aws.client("route53").change_tags_for_resource(
            ResourceType="healthcheck",
            ResourceId=identity,
            **compact(AddTags=tag_list(to_set) or None, RemoveTagKeys=to_remove or None),
        )


def _check_outputs(aws: Aws, identity: str) -> Outputs:
    return {"arn": f"arn:{aws.partition}:route53:::healthcheck/{identity}"}
