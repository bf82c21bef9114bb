"""Alarms in the running twin: they change state by themselves, composites follow, topics are told."""

import datetime
import json
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from botocore.exceptions import ClientError

from blueprint import policies
from tests.twin.api_kit import ACCOUNT, unique
from tests.waiting import until
from twin.client import TwinClient

pytestmark = pytest.mark.twin
REGION = "us-east-2"
Alarm = dict[str, Any]


class Alarms:
    """A metric of its own with alarms on it, in one region of the twin."""

    def __init__(self, twin: TwinClient) -> None:
        self.twin, self.name = twin, unique("alarms")
        self.cloudwatch = twin.boto3_client("cloudwatch", REGION)
        self.sns = twin.boto3_client("sns", REGION)

    def put_values(
        self, value: float, *, dimension: str = "r", age_minutes: tuple[int, ...] = (1, 2, 3)
    ) -> None:
        """One value in each of the last whole minutes."""
        minute = int(time.time() // 60) * 60
        for age in age_minutes:
            at = datetime.datetime.fromtimestamp(minute - 60 * age + 30, datetime.UTC)
            datum = {"MetricName": "M", "Dimensions": dimensions(dimension), "Value": value, "Timestamp": at}
            self.cloudwatch.put_metric_data(Namespace=self.name, MetricData=[datum])

    def put_alarm(self, ending: str, **change: Any) -> str:
        name = f"{self.name}-{ending}"
        request = {
            "AlarmName": name,
            "Namespace": self.name,
            "MetricName": "M",
            "Dimensions": dimensions("r"),
            "Statistic": "Minimum",
            "Period": 60,
            "EvaluationPeriods": 3,
            "DatapointsToAlarm": 2,
            "Threshold": 1.0,
            "ComparisonOperator": "LessThanThreshold",
            "TreatMissingData": "breaching",
        }
        self.cloudwatch.put_metric_alarm(**{**request, **change})
        return name

    def put_composite(self, ending: str, rule: str, **change: Any) -> str:
        name = f"{self.name}-{ending}"
        self.cloudwatch.put_composite_alarm(AlarmName=name, AlarmRule=rule, **change)
        return name

    def topic(self, policy: Callable[[str], Mapping[str, Any]]) -> str:
        arn: str = self.sns.create_topic(Name=f"{self.name}-topic")["TopicArn"]
        document = json.dumps(policy(arn))
        self.sns.set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=document)
        return arn

    def alarm(self, name: str) -> Alarm:
        kinds = ["MetricAlarm", "CompositeAlarm"]
        found = self.cloudwatch.describe_alarms(AlarmNames=[name], AlarmTypes=kinds)
        every: list[Alarm] = found["MetricAlarms"] + found["CompositeAlarms"]
        assert len(every) == 1
        return every[0]

    def until(self, name: str, state: str) -> Alarm:
        def look() -> Alarm | None:
            found = self.alarm(name)
            return found if found["StateValue"] == state else None

        return until(look, lambda: f"state {state} of {self.alarm(name)}")

    def history(self, name: str, kind: str) -> list[str]:
        found = self.cloudwatch.describe_alarm_history(
            AlarmName=name, HistoryItemType=kind, AlarmTypes=["MetricAlarm", "CompositeAlarm"]
        )
        return [item["HistorySummary"] for item in found["AlarmHistoryItems"]]

    def told(self, topic: str) -> list[str]:
        kept = self.twin.notifications()
        return [note["subject"] for note in kept if note["topicArn"] == topic]


def dimensions(value: str) -> list[dict[str, str]]:
    return [{"Name": "Region", "Value": value}]


@pytest.fixture
def alarms(twin: TwinClient) -> Iterator[Alarms]:
    found = Alarms(twin)
    yield found
    kinds = ["MetricAlarm", "CompositeAlarm"]
    left = found.cloudwatch.describe_alarms(AlarmNamePrefix=found.name, AlarmTypes=kinds)
    for alarm in (*left["CompositeAlarms"], *left["MetricAlarms"]):
        found.cloudwatch.delete_alarms(AlarmNames=[alarm["AlarmName"]])


def own_alarms(alarms: Alarms) -> Callable[[str], Mapping[str, Any]]:
    def policy(topic: str) -> Mapping[str, Any]:
        return policies.alarm_topic(
            topic_arn=topic, region=REGION, account_id=ACCOUNT, alarms=f"{alarms.name}-*"
        )

    return policy


def test_an_alarm_and_its_composite_go_off_and_back_and_tell_their_topic(alarms: Alarms) -> None:
    topic = alarms.topic(own_alarms(alarms))
    # Values first: an alarm without any may be judged, and go off, before they arrive.
    alarms.put_values(1)
    alarms.put_values(1, dimension="other")
    outside, inside = alarms.put_alarm("outside"), alarms.put_alarm("inside", Dimensions=dimensions("other"))
    either = alarms.put_composite(
        "either", f'ALARM("{outside}") OR ALARM("{inside}")', AlarmActions=[topic], OKActions=[topic]
    )
    for name in (outside, inside, either):
        alarms.until(name, "OK")

    alarms.put_values(0, age_minutes=(1, 2))

    gone_off = alarms.until(outside, "ALARM")
    assert "2 out of the last 3 datapoints" in gone_off["StateReason"]
    assert outside in alarms.until(either, "ALARM")["StateReason"]
    assert alarms.alarm(inside)["StateValue"] == "OK"
    # In the history of a period the lowest value counts: to be OK again takes other periods.
    alarms.put_alarm("outside", Statistic="Maximum")
    alarms.until(outside, "OK")
    alarms.until(either, "OK")
    assert [subject.split(":")[0] for subject in alarms.told(topic)] == ["OK", "ALARM", "OK"]
    assert len([line for line in alarms.history(either, "Action") if "Successfully" in line]) == 3
    updates = alarms.history(either, "StateUpdate")
    assert updates[:2] == ["Alarm updated from ALARM to OK", "Alarm updated from OK to ALARM"]


def test_a_metric_that_nobody_writes_is_bad_good_or_unknown_as_the_alarm_says(alarms: Alarms) -> None:
    states = {"breaching": "ALARM", "notBreaching": "OK", "missing": "INSUFFICIENT_DATA"}
    names = {treatment: alarms.put_alarm(treatment, TreatMissingData=treatment) for treatment in states}
    for treatment, state in states.items():
        alarms.until(names[treatment], state)


def test_a_topic_whose_policy_does_not_name_the_alarm_hears_nothing(alarms: Alarms) -> None:
    topic = alarms.topic(own_alarms(alarms))
    stranger = Alarms(alarms.twin)
    name = stranger.put_alarm("x", AlarmActions=[topic])
    stranger.until(name, "ALARM")
    assert ["not authorized" in line for line in stranger.history(name, "Action")] == [True]
    assert alarms.told(topic) == []
    stranger.cloudwatch.delete_alarms(AlarmNames=[name])


def test_an_alarm_keeps_what_it_was_made_of(alarms: Alarms) -> None:
    name = alarms.put_alarm("plain")
    percentile = f"{alarms.name}-p99"
    alarms.cloudwatch.put_metric_alarm(
        AlarmName=percentile,
        Namespace=alarms.name,
        MetricName="M",
        ExtendedStatistic="p99",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1.0,
        ComparisonOperator="GreaterThanThreshold",
    )
    assert "Statistic" not in alarms.alarm(percentile)
    assert alarms.alarm(percentile)["ExtendedStatistic"] == "p99"
    assert alarms.alarm(name)["Statistic"] == "Minimum"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"Period": 61}, "ValidationError"),
        ({"AlarmActions": [f"arn:aws:sns:us-west-2:{ACCOUNT}:t"]}, "ValidationError"),
        ({"EvaluateLowSampleCountPercentile": "ignore"}, "NotImplemented"),
    ],
)
def test_a_bad_alarm_is_refused_and_not_kept(alarms: Alarms, change: dict[str, Any], code: str) -> None:
    with pytest.raises(ClientError) as refused:
        alarms.put_alarm("bad", **change)
    assert refused.value.response["Error"]["Code"] == code
    found = alarms.cloudwatch.describe_alarms(AlarmNamePrefix=f"{alarms.name}-bad")
    assert found["MetricAlarms"] == []


def test_what_a_composite_follows_cannot_be_deleted_before_it(alarms: Alarms) -> None:
    child = alarms.put_alarm("child")
    parent = alarms.put_composite("parent", f'ALARM("{child}")')
    with pytest.raises(ClientError, match="composite alarm"):
        alarms.cloudwatch.delete_alarms(AlarmNames=[child])
    alarms.cloudwatch.delete_alarms(AlarmNames=[parent])
    alarms.cloudwatch.delete_alarms(AlarmNames=[child])


def test_an_address_gets_no_mail_before_it_confirms(alarms: Alarms) -> None:
    topic = alarms.topic(own_alarms(alarms))
    answer = alarms.sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="team@example.com")
    assert answer["SubscriptionArn"] == "pending confirmation"
    (listed,) = alarms.sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    assert listed["SubscriptionArn"] == "PendingConfirmation"
    alarms.until(alarms.put_alarm("first", AlarmActions=[topic]), "ALARM")
    token = next(n["token"] for n in alarms.twin.notifications() if n["topicArn"] == topic and "token" in n)

    confirmed = alarms.sns.confirm_subscription(TopicArn=topic, Token=token)["SubscriptionArn"]
    alarms.until(alarms.put_alarm("second", AlarmActions=[topic]), "ALARM")

    mails = [n["mailedTo"] for n in alarms.twin.notifications() if n["topicArn"] == topic]
    assert mails == [["team@example.com"], [], ["team@example.com"]]
    alarms.sns.unsubscribe(SubscriptionArn=confirmed)


def test_a_pending_subscription_cannot_be_taken_back(alarms: Alarms) -> None:
    topic = alarms.topic(own_alarms(alarms))
    arn = alarms.sns.subscribe(
        TopicArn=topic, Protocol="email", Endpoint="a@example.com", ReturnSubscriptionArn=True
    )["SubscriptionArn"]
    with pytest.raises(ClientError, match="pending confirmation"):
        alarms.sns.unsubscribe(SubscriptionArn=arn)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("no JSON", "valid JSON object"),
        ("{}", "widgets"),
        ('{"widgets": [{"type": "pie", "properties": {}}]}', "allowed values"),
        ('{"widgets": [{"type": "metric", "properties": {"metrics": [["N", "M"]]}}]}', "region"),
        (
            '{"widgets": [{"type": "metric", "properties": {"region": "r", "metrics": [["N"]]}}]}',
            "less than 2",
        ),
        ('{"widgets": [{"type": "text", "width": 25, "properties": {"markdown": ""}}]}', "1 to 24"),
    ],
)
def test_a_bad_dashboard_is_refused(alarms: Alarms, body: str, message: str) -> None:
    with pytest.raises(alarms.cloudwatch.exceptions.DashboardInvalidInputError, match=message):
        alarms.cloudwatch.put_dashboard(DashboardName=alarms.name, DashboardBody=body)


def test_a_row_of_three_dots_alone_repeats_the_one_before(alarms: Alarms) -> None:
    metrics = [["N", "M", "D", "v"], ["...", {"stat": "p99"}]]
    widget = {"type": "metric", "properties": {"region": "us-east-1", "metrics": metrics}}
    body = json.dumps({"widgets": [widget]})
    alarms.cloudwatch.put_dashboard(DashboardName=alarms.name, DashboardBody=body)
    alarms.cloudwatch.delete_dashboards(DashboardNames=[alarms.name])


def test_a_dashboard_is_the_same_in_every_region(alarms: Alarms) -> None:
    alarms.cloudwatch.put_dashboard(DashboardName=alarms.name, DashboardBody='{"widgets": []}')
    elsewhere = alarms.twin.boto3_client("cloudwatch", "us-west-2")
    assert elsewhere.get_dashboard(DashboardName=alarms.name)["DashboardBody"] == '{"widgets": []}'
    elsewhere.delete_dashboards(DashboardNames=[alarms.name])
    with pytest.raises(ClientError, match="ResourceNotFound"):
        alarms.cloudwatch.delete_dashboards(DashboardNames=[alarms.name])
