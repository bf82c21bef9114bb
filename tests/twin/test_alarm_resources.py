"""The handlers of alarms, dashboards, topics and subscriptions: made, read, changed in place, deleted."""

from typing import Any

import pytest

from blueprint import policies
from tests.twin.api_kit import ACCOUNT, unique
from twin.client import TwinClient
from twin.deploy.clients import Clients
from twin.deploy.context import Aws
from twin.deploy.provider import ProviderSettings
from twin.deploy.resources.base import Handler, Outputs
from twin.deploy.resources.registry import HANDLERS

pytestmark = pytest.mark.twin
REGION = "us-east-2"


class Made:
    """One resource in the twin, through its handler."""

    def __init__(self, aws: Aws, pulumi_type: str, inputs: dict[str, Any]) -> None:
        self.aws, self.inputs = aws, inputs
        self.handler: Handler = HANDLERS[pulumi_type]
        made = self.handler.create(aws, inputs)
        self.identity, self.outputs = made.identity, made.outputs

    def read(self) -> Outputs | None:
        return self.handler.read(self.aws, self.identity, self.inputs)

    def change(self, **change: Any) -> Outputs:
        new = {**self.inputs, **change}
        assert not self.handler.replaces & change.keys()
        self.outputs = self.handler.update(self.aws, self.identity, self.inputs, new)
        self.inputs = new
        found = self.read()
        assert found == self.outputs
        return self.outputs

    def delete(self) -> None:
        self.handler.delete(self.aws, self.identity, self.inputs, self.outputs)
        self.handler.delete(self.aws, self.identity, self.inputs, self.outputs)


@pytest.fixture(scope="module")
def aws(twin: TwinClient) -> Aws:
    settings = ProviderSettings(region=REGION)
    endpoint = twin.addresses["regions"][REGION]["http"]
    return Aws(settings, Clients(twin.boto3_session(REGION)), fallback_endpoint=endpoint)


def alarm(aws: Aws, name: str, **change: Any) -> Made:
    inputs = {
        "name": name,
        "namespace": "N",
        "metricName": "M",
        "dimensions": {"Region": "r"},
        "statistic": "Sum",
        "period": 60.0,
        "evaluationPeriods": 3.0,
        "threshold": 1.0,
        "comparisonOperator": "GreaterThanThreshold",
        "treatMissingData": "notBreaching",
        "tags": {"a": "1"},
    }
    return Made(aws, "aws:cloudwatch/metricAlarm:MetricAlarm", {**inputs, **change})


def tags(aws: Aws, arn: str) -> dict[str, str]:
    found = aws.client("cloudwatch").list_tags_for_resource(ResourceARN=arn)["Tags"]
    return {tag["Key"]: tag["Value"] for tag in found}


def test_an_alarm_is_changed_in_place_with_its_tags(aws: Aws) -> None:
    made = alarm(aws, unique("resource"))
    assert made.read() == made.outputs
    assert {made.outputs[key] for key in ("statistic", "threshold", "evaluationPeriods")} == {"Sum", 1.0, 3}
    assert made.outputs["dimensions"] == {"Region": "r"}

    changed = made.change(threshold=2.0, statistic=None, extendedStatistic="p99", tags={"b": "2"})

    assert (changed["threshold"], changed["extendedStatistic"]) == (2.0, "p99")
    assert "statistic" not in changed
    assert tags(aws, changed["arn"]) == {"b": "2"}
    made.delete()
    assert made.read() is None


def test_a_composite_follows_what_its_rule_names_now(aws: Aws) -> None:
    first, second = alarm(aws, unique("resource")), alarm(aws, unique("resource"))
    inputs = {"alarmName": unique("resource"), "alarmRule": f'ALARM("{first.identity}")', "tags": {"a": "1"}}
    composite = Made(aws, "aws:cloudwatch/compositeAlarm:CompositeAlarm", inputs)
    assert composite.read() == composite.outputs
    second.change(alarmDescription="said later")

    changed = composite.change(alarmRule=f'ALARM("{second.identity}")', tags={"a": "2"})

    assert changed["alarmRule"] == f'ALARM("{second.identity}")'
    assert tags(aws, changed["arn"]) == {"a": "2"}
    first.delete()
    composite.delete()
    second.delete()
    assert composite.read() is None


def test_a_dashboard_is_replaced_in_place(aws: Aws) -> None:
    inputs = {"dashboardName": unique("resource"), "dashboardBody": '{"widgets": []}'}
    made = Made(aws, "aws:cloudwatch/dashboard:Dashboard", inputs)
    assert made.outputs["dashboardArn"] == f"arn:aws:cloudwatch::{ACCOUNT}:dashboard/{made.identity}"
    changed = made.change(dashboardBody='{"start": "-PT1H", "widgets": []}')
    assert changed["dashboardBody"].startswith('{"start"')
    made.delete()
    assert made.read() is None


def test_a_topics_policy_goes_back_to_the_one_that_sns_gives(aws: Aws) -> None:
    topic = Made(aws, "aws:sns/topic:Topic", {"name": unique("resource"), "tags": {"a": "1"}})
    assert topic.change(displayName="Alarms", tags={"a": "2"})["displayName"] == "Alarms"
    document = policies.as_json(
        policies.alarm_topic(topic_arn=topic.identity, region=REGION, account_id=ACCOUNT, alarms="a-*")
    )
    policy = Made(aws, "aws:sns/topicPolicy:TopicPolicy", {"arn": topic.identity, "policy": document})
    assert policy.outputs["policy"] == document
    assert policy.change(policy=document.replace("a-*", "b-*"))["policy"] != document
    policy.delete()
    read = policy.read()
    assert read is not None
    assert "__default_statement_ID" in read["policy"]
    topic.delete()
    assert topic.read() is None
    assert policy.read() is None


def test_an_unconfirmed_subscription_is_left_to_sns(aws: Aws) -> None:
    topic = Made(aws, "aws:sns/topic:Topic", {"name": unique("resource")})
    inputs = {"topic": topic.identity, "protocol": "email", "endpoint": "team@example.com"}
    subscription = Made(aws, "aws:sns/topicSubscription:TopicSubscription", inputs)
    assert subscription.outputs["arn"].startswith(topic.identity)
    assert subscription.outputs["pendingConfirmation"] is True
    subscription.delete()
    topic.delete()
    assert subscription.read() is None
