"""Everything that is in a twin, service by service: to count what a destruction leaves.

Every operation of the twin that needs no argument and answers with a list is asked in every region, so what
it learns to do is counted without a change here.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from botocore import xform_name
from botocore.model import ListShape, OperationModel, StructureShape

from twin.client import TwinClient
from twin.front.operations import OPERATIONS
from twin.settings import HOME_REGIONS

ASKING = ("List", "Describe", "Get")
# Data planes that answer elsewhere, and what is not a thing: limits, addresses, measurements of what was.
_NOT_SERVICES = frozenset({"execute-api", "route53-recovery-cluster", "s3control", "sts"})
_NOT_THINGS = frozenset(
    {
        # CloudWatch keeps the history of a deleted alarm, too (its API reference, DescribeAlarmHistory).
        ("cloudwatch", "DescribeAlarmHistory"),
        ("cloudwatch", "ListMetrics"),
        ("dynamodb", "DescribeEndpoints"),
        ("dynamodb", "DescribeLimits"),
        ("dynamodbstreams", "ListStreams"),
        ("logs", "DescribeLogStreams"),
        ("resourcegroupstaggingapi", "GetTagKeys"),
        ("resourcegroupstaggingapi", "GetTagValues"),
    }
)
_ARGUMENTS: Mapping[tuple[str, str], Mapping[str, str]] = {("dynamodb", "ListBackups"): {"BackupType": "ALL"}}
_NAMING = ("Arn", "ARN", "arn", "Name", "name", "Id", "id")


def inventory(twin: TwinClient) -> Counter[str]:
    """`service operation region: name` of everything, and of every record of every hosted zone."""
    found: Counter[str] = Counter()
    # One session for all clients: it reads each service's model once.
    session: Any = twin.boto3_session(HOME_REGIONS["route53"])
    for region in twin.addresses["regions"]:
        for service in sorted(OPERATIONS.keys() - _NOT_SERVICES):
            if HOME_REGIONS.get(service, region) == region:
                client = session.client(service, region_name=region, endpoint_url=twin.addresses["endpoint"])
                found.update(_of_service(client, service, region))
    found.update(_records(twin))
    return found


def _of_service(client: Any, service: str, region: str) -> Iterator[str]:
    for operation in sorted(OPERATIONS[service]):
        described = client.meta.service_model.operation_model(operation)
        if (service, operation) in _NOT_THINGS or not _lists_everything(described):
            continue
        for name in _names(client, described, _ARGUMENTS.get((service, operation), {})):
            yield f"{service} {operation} {region}: {name}"


def _lists_everything(operation: OperationModel) -> bool:
    needed = operation.input_shape.required_members if operation.input_shape else []
    return operation.name.startswith(ASKING) and not needed and bool(_lists(operation))


def _lists(operation: OperationModel) -> list[str]:
    shape = operation.output_shape
    members = shape.members if isinstance(shape, StructureShape) else {}
    return [name for name, member in members.items() if isinstance(member, ListShape)]


def _names(client: Any, operation: OperationModel, arguments: Mapping[str, str]) -> Iterator[str]:
    method = xform_name(operation.name)
    pages = (
        client.get_paginator(method).paginate(**arguments)
        if client.can_paginate(method)
        else [getattr(client, method)(**arguments)]
    )
    for page in pages:
        for member in _lists(operation):
            yield from (_name(one) for one in page.get(member) or [])


def _name(one: Any) -> str:
    if not isinstance(one, dict):
        return str(one)
    for ending in _NAMING:
        named = [str(value) for key, value in one.items() if key.endswith(ending) and isinstance(value, str)]
        if named:
            return " ".join(named)
    return str(sorted(one))


def _records(twin: TwinClient) -> Iterator[str]:
    route53 = twin.boto3_client("route53", HOME_REGIONS["route53"])
    for zone in route53.list_hosted_zones()["HostedZones"]:
        pages = route53.get_paginator("list_resource_record_sets").paginate(HostedZoneId=zone["Id"])
        for record in (one for page in pages for one in page["ResourceRecordSets"]):
            yield f"route53 record: {record['Name']} {record['Type']} {record.get('SetIdentifier', '')}"
