"""CloudWatch in the three protocols of its clients: boto3's JSON, the real provider's CBOR, the old form."""

import json
from typing import Any
from urllib.parse import urlencode

import botocore.session
import cbor2
import pytest
import requests
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.parsers import create_parser

from tests.twin.api_kit import unique
from twin.client import TwinClient

pytestmark = pytest.mark.twin
REGION = "us-east-1"
MODEL = botocore.session.Session().get_service_model("cloudwatch")
ALARM = {
    "Namespace": "N",
    "MetricName": "M",
    "Dimensions": [{"Name": "A", "Value": "b & c"}],
    "ExtendedStatistic": "p99",
    "Period": 60,
    "EvaluationPeriods": 3,
    "DatapointsToAlarm": 2,
    "Threshold": 1.5,
    "ComparisonOperator": "GreaterThanThreshold",
    "TreatMissingData": "notBreaching",
    "OKActions": [],
    "ActionsEnabled": False,
    "AlarmDescription": "says <what> to do",
}


def send(twin: TwinClient, path: str, headers: dict[str, str], body: bytes) -> requests.Response:
    url = f"{twin.addresses['regions'][REGION]['http']}{path}"
    asked = AWSRequest(method="POST", url=url, data=body, headers=headers)
    keys = Credentials(twin.env["AWS_ACCESS_KEY_ID"], twin.env["AWS_SECRET_ACCESS_KEY"])
    SigV4Auth(keys, "monitoring", REGION).add_auth(asked)
    return requests.post(url, data=body, headers=dict(asked.headers.items()), timeout=10)


def by_cbor(twin: TwinClient, operation: str, request: dict[str, Any]) -> dict[str, Any]:
    path = f"/service/GraniteServiceVersion20100801/operation/{operation}"
    headers = {"content-type": "application/cbor", "smithy-protocol": "rpc-v2-cbor"}
    answer = send(twin, path, headers, cbor2.dumps(request))
    found: dict[str, Any] = cbor2.loads(answer.content)
    return found


def by_query(twin: TwinClient, operation: str, request: dict[str, Any]) -> dict[str, Any]:
    form = {"Action": operation, "Version": "2010-08-01"} | dict(flattened("", request))
    headers = {"content-type": "application/x-www-form-urlencoded"}
    answer = send(twin, "/", headers, urlencode(form).encode())
    parser = create_parser("query")
    response = {"status_code": answer.status_code, "headers": answer.headers, "body": answer.content}
    shape: Any = MODEL.operation_model(operation).output_shape
    found: dict[str, Any] = parser.parse(response, shape)
    return found


def flattened(name: str, value: Any) -> list[tuple[str, str]]:
    if isinstance(value, dict):
        return [pair for key, item in value.items() for pair in flattened(f"{name}.{key}".strip("."), item)]
    if isinstance(value, list):
        return [pair for at, item in enumerate(value, 1) for pair in flattened(f"{name}.member.{at}", item)]
    return [(name, json.dumps(value) if isinstance(value, bool) else str(value))]


@pytest.mark.parametrize("call", [by_cbor, by_query])
def test_an_alarm_comes_back_as_it_was_put(twin: TwinClient, call: Any) -> None:
    name = unique("protocol")
    call(twin, "PutMetricAlarm", {"AlarmName": name, **ALARM})
    (alarm,) = call(twin, "DescribeAlarms", {"AlarmNames": [name]})["MetricAlarms"]
    assert {key: alarm.get(key) for key in ALARM} == ALARM
    assert alarm["AlarmArn"].endswith(f":alarm:{name}")
    assert "StateUpdatedTimestamp" in alarm
    (same,) = twin.boto3_client("cloudwatch", REGION).describe_alarms(AlarmNames=[name])["MetricAlarms"]
    assert {key: same.get(key) for key in ALARM} == ALARM
    call(twin, "DeleteAlarms", {"AlarmNames": [name]})


@pytest.mark.parametrize("call", [by_cbor, by_query])
def test_a_refusal_says_the_same_in_each(twin: TwinClient, call: Any) -> None:
    found = call(twin, "PutMetricAlarm", {"AlarmName": "bad", **ALARM, "Period": 61})
    assert "multiple of 60" in json.dumps(found)


def test_metrics_and_dashboards_are_read_in_the_query_form_too(twin: TwinClient) -> None:
    cloudwatch, name = twin.boto3_client("cloudwatch", REGION), unique("Query")
    datum = {"MetricName": "M", "Dimensions": [{"Name": "A", "Value": "b"}], "Value": 4.0}
    cloudwatch.put_metric_data(Namespace=name, MetricData=[datum])
    (metric,) = by_query(twin, "ListMetrics", {"Namespace": name, "Dimensions": [{"Name": "A"}]})["Metrics"]
    assert metric["Dimensions"] == [{"Name": "A", "Value": "b"}]
    by_query(twin, "PutDashboard", {"DashboardName": name, "DashboardBody": '{"widgets": []}'})
    assert by_query(twin, "GetDashboard", {"DashboardName": name})["DashboardBody"] == '{"widgets": []}'
    cloudwatch.delete_dashboards(DashboardNames=[name])
