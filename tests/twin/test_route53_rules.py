"""Route 53's refusals, which the emulator does not make."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from twin.aws.route53.rules import conflict
from twin.client import TwinClient

ZONE = "example.com."


def record(name: str, kind: str = "CNAME", region: str = "") -> dict[str, Any]:
    return {
        "Name": name,
        "Type": kind,
        "SetIdentifier": region or "x",
        **({"Region": region} if region else {}),
    }


def test_records_of_several_regions_may_share_a_name() -> None:
    records = [record("orders.example.com.", region=region) for region in ("us-east-1", "us-west-2")]
    assert conflict(ZONE, records) is None


def test_a_cname_tolerates_no_other_type_at_its_name() -> None:
    records = [
        record("orders.example.com.", region="us-east-1"),
        record("orders.example.com.", "A", region="us-west-2"),
    ]
    assert "conflicts with other records" in (conflict(ZONE, records) or "")


def test_a_cname_cannot_stand_at_the_apex() -> None:
    assert "not permitted at apex" in (conflict(ZONE, [record("example.com.")]) or "")


def test_a_name_outside_the_zone_is_not_permitted() -> None:
    assert "is not permitted in zone" in (conflict(ZONE, [record("orders.example.org.")]) or "")


def test_two_latency_records_of_one_region_are_one_too_many() -> None:
    records = [record("orders.example.com.", region="us-east-1")] * 2
    assert "latency RRSet with the same name, type and region" in (conflict(ZONE, records) or "")


@pytest.mark.twin
def test_the_twin_refuses_such_a_batch_and_changes_nothing(twin: TwinClient) -> None:
    route53 = twin.boto3_client("route53", "us-east-1")
    zone = route53.list_hosted_zones()["HostedZones"][0]["Id"]
    change = {
        "Action": "CREATE",
        "ResourceRecordSet": {
            "Name": "example.com",
            "Type": "CNAME",
            "TTL": 10,
            "ResourceRecords": [{"Value": "www.example.org"}],
        },
    }
    before = route53.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]
    with pytest.raises(ClientError, match="not permitted at apex") as refused:
        route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": [change]})
    assert refused.value.response["Error"]["Code"] == "InvalidChangeBatch"
    assert route53.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"] == before


@pytest.mark.twin
def test_a_kind_of_health_check_the_twin_lacks_is_refused_by_name(twin: TwinClient) -> None:
    route53 = twin.boto3_client("route53", "us-east-1")
    config = {"Type": "HTTPS", "FullyQualifiedDomainName": "orders.example.com", "Port": 443}
    with pytest.raises(ClientError, match=r"not in the twin: route53\.CreateHealthCheck of type HTTPS"):
        route53.create_health_check(CallerReference="https", HealthCheckConfig=config)
