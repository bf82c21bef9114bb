"""Functions of the AWS provider that the program may call while it is built."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from twin.deploy.context import Aws
from twin.deploy.errors import ResourceError, UnknownResourceError

Arguments = Mapping[str, Any]


def invoke(function: str, aws: Aws, arguments: Arguments) -> dict[str, Any]:
    """Answers a function by its token, camelCase in and out. Raises UnknownResourceError for others."""
    answer = _FUNCTIONS.get(function)
    if answer is None:
        raise UnknownResourceError(
            f"The function {function} is not in the twin; {', '.join(sorted(_FUNCTIONS))} are. "
            f"Add it to twin/deploy/invokes.py."
        )
    return answer(aws, arguments)


def _caller_identity(aws: Aws, arguments: Arguments) -> dict[str, Any]:
    _refuse_unknown("aws:index/getCallerIdentity:getCallerIdentity", arguments, set())
    answer = aws.client("sts").get_caller_identity()
    account = answer["Account"]
    return {"id": account, "accountId": account, "arn": answer["Arn"], "userId": answer["UserId"]}


def _region(aws: Aws, arguments: Arguments) -> dict[str, Any]:
    _refuse_unknown("aws:index/getRegion:getRegion", arguments, {"region", "name", "id"})
    region = arguments.get("region") or arguments.get("name") or aws.region
    return {
        "id": region,
        "name": region,
        "region": region,
        "description": region,
        "endpoint": f"ec2.{region}.amazonaws.com",
    }


def _partition(aws: Aws, arguments: Arguments) -> dict[str, Any]:
    _refuse_unknown("aws:index/getPartition:getPartition", arguments, {"id"})
    return {
        "id": aws.partition,
        "partition": aws.partition,
        "dnsSuffix": "amazonaws.com",
        "reverseDnsPrefix": "com.amazonaws",
    }


def _zone(aws: Aws, arguments: Arguments) -> dict[str, Any]:
    _refuse_unknown("aws:route53/getZone:getZone", arguments, {"name", "zoneId", "privateZone"})
    zone = _zone_by_id(aws, arguments) if arguments.get("zoneId") else _zone_by_name(aws, arguments)
    identity = str(zone["Id"]).removeprefix("/hostedzone/")
    details = aws.client("route53").get_hosted_zone(Id=identity)
    return {
        "id": identity,
        "zoneId": identity,
        "name": zone["Name"].rstrip("."),
        "arn": f"arn:{aws.partition}:route53:::hostedzone/{identity}",
        "callerReference": zone.get("CallerReference", ""),
        "comment": zone.get("Config", {}).get("Comment", ""),
        "privateZone": zone.get("Config", {}).get("PrivateZone", False),
        "nameServers": (details.get("DelegationSet") or {}).get("NameServers", []),
        "resourceRecordSetCount": zone.get("ResourceRecordSetCount", 0),
        "tags": {},
    }


def _records(aws: Aws, arguments: Arguments) -> dict[str, Any]:
    _refuse_unknown("aws:route53/getRecords:getRecords", arguments, {"zoneId", "nameRegex"})
    pattern = re.compile(arguments.get("nameRegex") or "")
    pages = aws.client("route53").get_paginator("list_resource_record_sets")
    found = [
        record
        for page in pages.paginate(HostedZoneId=arguments["zoneId"])
        for record in page["ResourceRecordSets"]
        if pattern.search(record["Name"])
    ]
    # The provider's list is null where nothing matches.
    records = [_record(entry) for entry in found] or None
    return {**arguments, "id": arguments["zoneId"], "resourceRecordSets": records}


def _record(record: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": record["Name"],
        "type": record["Type"],
        # Null, not empty, where a record has none: the provider hands on what Route 53 leaves out.
        "ttl": record.get("TTL"),
        "region": record.get("Region"),
        "setIdentifier": record.get("SetIdentifier"),
        "healthCheckId": record.get("HealthCheckId"),
        "resourceRecords": [{"value": entry["Value"]} for entry in record.get("ResourceRecords", [])],
    }


def _zone_by_id(aws: Aws, arguments: Arguments) -> dict[str, Any]:
    return dict(aws.client("route53").get_hosted_zone(Id=arguments["zoneId"])["HostedZone"])


def _zone_by_name(aws: Aws, arguments: Arguments) -> dict[str, Any]:
    name, private = f"{arguments['name'].rstrip('.')}.", bool(arguments.get("privateZone"))
    zones = [
        zone
        for page in aws.client("route53").get_paginator("list_hosted_zones").paginate()
        for zone in page["HostedZones"]
        if zone["Name"] == name and bool(zone.get("Config", {}).get("PrivateZone")) == private
    ]
    if len(zones) == 1:
        return dict(zones[0])
    found = (
        "no matching Route 53 Hosted Zone found" if not zones else "multiple Route 53 Hosted Zones matched"
    )
    raise ResourceError(f"aws:route53/getZone:getZone: {found} for {name!r}. Create it, or set hostedZoneId.")


def _refuse_unknown(function: str, arguments: Arguments, known: set[str]) -> None:
    unknown = sorted(key for key, value in arguments.items() if value is not None and key not in known)
    if unknown:
        raise ResourceError(f"{function} was given {', '.join(unknown)}, which the twin does not know.")


_FUNCTIONS: dict[str, Callable[[Aws, Arguments], dict[str, Any]]] = {
    "aws:index/getCallerIdentity:getCallerIdentity": _caller_identity,
    "aws:index/getRegion:getRegion": _region,
    "aws:index/getPartition:getPartition": _partition,
    "aws:route53/getZone:getZone": _zone,
    "aws:route53/getRecords:getRecords": _records,
}
