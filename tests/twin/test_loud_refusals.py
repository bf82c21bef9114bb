"""What AWS could and the twin cannot is refused by name, also where only an argument makes the difference."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.twin.api_kit import ECHO, make_function, unique
from twin.client import TwinClient

pytestmark = pytest.mark.twin

EAST, WEST = "us-east-1", "us-west-2"


def refusal(call: Callable[[], Any]) -> str:
    """The message of a 501."""
    with pytest.raises(ClientError) as caught:
        call()
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501
    return str(caught.value.response["Error"]["Message"])


@pytest.mark.parametrize(
    ("policy", "name"),
    [
        ({"Weight": 10}, "weighted"),
        ({"Failover": "PRIMARY"}, "failover"),
        ({"GeoLocation": {"CountryCode": "US"}}, "geolocation"),
        ({"GeoProximityLocation": {"AWSRegion": "us-east-1"}}, "geoproximity"),
        ({"MultiValueAnswer": True}, "multivalue answer"),
    ],
)
def test_records_with_a_routing_policy_that_dns_lacks_are_refused(
    twin: TwinClient, policy: dict[str, Any], name: str
) -> None:
    route53 = twin.boto3_client("route53", EAST)
    record = {
        "Name": "policy.example.com",
        "Type": "A",
        "TTL": 5,
        "SetIdentifier": "a",
        "ResourceRecords": [{"Value": "192.0.2.1"}],
        **policy,
    }
    batch = {"Changes": [{"Action": "UPSERT", "ResourceRecordSet": record}]}
    zone = route53.list_hosted_zones()["HostedZones"][0]["Id"]
    message = refusal(lambda: route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch=batch))
    assert message == f"not in the twin: route53.ChangeResourceRecordSets with {name} routing"


@pytest.mark.parametrize(
    ("setting", "name"),
    [
        ({"VpcConfig": {"SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"]}}, "VpcConfig"),
        ({"DeadLetterConfig": {"TargetArn": "arn:aws:sqs:us-east-1:111122223333:q"}}, "DeadLetterConfig"),
        ({"SnapStart": {"ApplyOn": "PublishedVersions"}}, "SnapStart"),
    ],
)
def test_settings_of_functions_that_workers_lack_are_refused(
    twin: TwinClient, setting: dict[str, Any], name: str
) -> None:
    function = make_function(twin, ECHO)
    client = twin.boto3_client("lambda", EAST)
    message = refusal(lambda: client.update_function_configuration(FunctionName=function.name, **setting))
    assert message == f"not in the twin: lambda.UpdateFunctionConfiguration with {name}"


def test_a_time_limit_beyond_lambdas_is_refused(twin: TwinClient) -> None:
    function = make_function(twin, ECHO)
    client = twin.boto3_client("lambda", EAST)
    with pytest.raises(ClientError, match="less than or equal to 900"):
        client.update_function_configuration(FunctionName=function.name, Timeout=901)


def test_an_index_is_not_added_to_one_replica_alone(twin: TwinClient) -> None:
    table = unique("indexed")
    dynamodb = twin.boto3_client("dynamodb", EAST)
    dynamodb.create_table(
        TableName=table,
        AttributeDefinitions=[{"AttributeName": "Id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "Id", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    )
    dynamodb.update_table(TableName=table, ReplicaUpdates=[{"Create": {"RegionName": WEST}}])
    index = {
        "IndexName": "by-kind",
        "KeySchema": [{"AttributeName": "Kind", "KeyType": "HASH"}],
        "Projection": {"ProjectionType": "ALL"},
    }
    message = refusal(
        lambda: dynamodb.update_table(
            TableName=table,
            AttributeDefinitions=[{"AttributeName": "Kind", "AttributeType": "S"}],
            GlobalSecondaryIndexUpdates=[{"Create": index}],
        )
    )
    assert "GlobalSecondaryIndexUpdates on a global table" in message
    assert "GlobalSecondaryIndexes" not in dynamodb.describe_table(TableName=table)["Table"]


def test_private_apis_are_refused(twin: TwinClient) -> None:
    apigateway = twin.boto3_client("apigateway", EAST)
    message = refusal(
        lambda: apigateway.create_rest_api(
            name=unique("private"), endpointConfiguration={"types": ["PRIVATE"]}
        )
    )
    assert message == "not in the twin: private REST APIs; REGIONAL is"


@pytest.mark.parametrize(
    ("query", "lacking"),
    [
        ({"Expression": "a*2"}, "the expression a*2"),
        (
            {"MetricStat": {"Metric": {"Namespace": "N", "MetricName": "M"}, "Period": 60, "Stat": "tm99"}},
            "the statistic tm99",
        ),
    ],
)
def test_metric_maths_and_other_statistics_are_refused(
    twin: TwinClient, query: dict[str, Any], lacking: str
) -> None:
    cloudwatch = twin.boto3_client("cloudwatch", EAST)
    message = refusal(
        lambda: cloudwatch.get_metric_data(MetricDataQueries=[{"Id": "a", **query}], StartTime=0, EndTime=60)
    )
    assert message == f"not in the twin: cloudwatch.GetMetricData with {lacking}"


def test_a_cluster_is_named_where_its_operations_are_asked_for_elsewhere(twin: TwinClient) -> None:
    cluster = twin.boto3_client("route53-recovery-cluster", EAST)
    message = refusal(cluster.list_routing_controls)
    assert "ListRoutingControls; a cluster answers at its own endpoints only" in message


def test_filter_patterns_of_log_events_are_refused(twin: TwinClient) -> None:
    logs = twin.boto3_client("logs", EAST)
    logs.create_log_group(logGroupName=(group := unique("/functions/own")))
    message = refusal(lambda: logs.filter_log_events(logGroupName=group, filterPattern="ERROR"))
    assert message == "not in the twin: logs.FilterLogEvents with filterPattern"
