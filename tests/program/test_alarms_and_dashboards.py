"""Alarms, topics and dashboards as the engine sees them: where they are, whom they tell, who may publish."""

import json

import pytest

from tests.fakes.pulumi_mocks import ACCOUNT_ID, Resource, Run, run_program

ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
COMPOSITE = "aws:cloudwatch/compositeAlarm:CompositeAlarm"
DASHBOARD = "aws:cloudwatch/dashboard:Dashboard"
TOPIC = "aws:sns/topic:Topic"
POLICY = "aws:sns/topicPolicy:TopicPolicy"
SUBSCRIPTION = "aws:sns/topicSubscription:TopicSubscription"
PREFIX = "resilient-orders-region1"


def in_region(run: Run, type_: str, region: str) -> list[Resource]:
    return [r for r in run.all(type_) if r.region == region]


def topic_arn(run: Run, region: str) -> str:
    arn: str = run.exports["alarmTopicArns"][region]
    return arn


def test_alarms_of_api_functions_and_tables_are_in_the_region_and_tell_its_topic(primary: Run) -> None:
    alarms = in_region(primary, ALARM, "us-east-1")
    assert len(alarms) == 15
    assert {a.inputs["namespace"] for a in alarms} == {"AWS/ApiGateway", "AWS/Lambda", "AWS/DynamoDB"}
    for alarm in alarms:
        assert alarm.inputs["name"].startswith(f"{PREFIX}-")
        arn = topic_arn(primary, "us-east-1")
        assert alarm.inputs["alarmActions"] == alarm.inputs["okActions"] == [arn]


def test_the_tables_alarms_name_the_tables_that_were_made(primary: Run, secondary: Run) -> None:
    for run in (primary, secondary):
        named = {a.inputs["dimensions"].get("TableName") for a in run.all(ALARM)} - {None}
        assert named == {f"{PREFIX}-{t}-eventual" for t in ("customers", "products", "orders")}


def test_percentiles_are_extended_statistics(primary: Run) -> None:
    latency = primary.one(ALARM, "api-latency").inputs
    assert latency["extendedStatistic"] == "p99"
    assert "statistic" not in latency


def test_whether_a_region_is_healthy_is_told_in_the_observer_region(primary: Run, secondary: Run) -> None:
    for run, stack in ((primary, "region1"), (secondary, "region2")):
        composite = run.one(COMPOSITE)
        assert composite.region == "us-east-2"
        outside, inside = (f"resilient-orders-{stack}-canary-{view}" for view in ("outside", "inside"))
        assert composite.inputs["alarmRule"] == f'ALARM("{outside}") OR ALARM("{inside}")'
        arn = topic_arn(run, "us-east-2")
        assert composite.inputs["alarmActions"] == composite.inputs["okActions"] == [arn]
        watching = in_region(run, ALARM, "us-east-2")
        assert {outside, inside} <= {a.inputs["name"] for a in watching}
        # One failure, one message: the composite's.
        assert [a.inputs["alarmActions"] for a in watching if a.inputs["name"] in (outside, inside)] == [
            [],
            [],
        ]


def test_only_the_primary_watches_the_shared_name(primary: Run, secondary: Run) -> None:
    domain = primary.one(ALARM, "canary-domain")
    assert domain.region == "us-east-2"
    assert domain.inputs["dimensions"] == {"CanaryName": f"{PREFIX}-domain"}
    assert domain.inputs["alarmActions"] == [topic_arn(primary, "us-east-2")]
    assert not [a for a in secondary.all(ALARM) if "domain" in a.name]


def test_a_topic_takes_messages_of_this_stacks_alarms_only_and_over_tls_only(primary: Run) -> None:
    topics = primary.all(TOPIC)
    assert {t.region for t in topics} == {"us-east-1", "us-east-2"}
    for topic in topics:
        assert topic.inputs == {"name": f"{PREFIX}-alarms"}
        arn = topic_arn(primary, topic.region)
        (policy,) = in_region(primary, POLICY, topic.region)
        assert policy.inputs["arn"] == arn
        allow, refuse = json.loads(policy.inputs["policy"])["Statement"]
        assert (allow["Effect"], allow["Action"], allow["Resource"]) == ("Allow", "sns:Publish", arn)
        assert allow["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
        source = f"arn:aws:cloudwatch:{topic.region}:{ACCOUNT_ID}:alarm:{PREFIX}-*"
        assert allow["Condition"] == {
            "StringEquals": {"aws:SourceAccount": ACCOUNT_ID},
            "ArnLike": {"aws:SourceArn": source},
        }
        assert (refuse["Effect"], refuse["Principal"], refuse["Resource"]) == ("Deny", "*", arn)
        assert refuse["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_an_address_is_subscribed_to_both_topics_and_none_to_none(primary: Run) -> None:
    assert primary.all(SUBSCRIPTION) == []
    run = run_program("region1", {"alarmEmail": "team@example.com"})
    subscriptions = run.all(SUBSCRIPTION)
    assert {s.inputs["topic"] for s in subscriptions} == set(run.exports["alarmTopicArns"].values())
    assert {(s.inputs["protocol"], s.inputs["endpoint"]) for s in subscriptions} == {
        ("email", "team@example.com")
    }


@pytest.mark.parametrize("which", ["primary", "secondary"])
def test_dashboards_are_in_the_region_and_carry_project_and_stack(
    which: str, request: pytest.FixtureRequest
) -> None:
    run: Run = request.getfixturevalue(which)
    stack, region = {"primary": ("region1", "us-east-1"), "secondary": ("region2", "us-west-2")}[which]
    dashboards = run.all(DASHBOARD)
    assert {d.region for d in dashboards} == {region}
    names = {f"resilient-orders-{stack}-{kind}-{region}" for kind in ("Canary-Metrics", "DynamoDB-Metrics")}
    assert {d.inputs["dashboardName"] for d in dashboards} == names
    for url in run.exports["dashboardUrls"].values():
        assert url.startswith(f"https://{region}.console.aws.amazon.com/")
        assert url.rsplit("/", 1)[1] in names


def test_the_dashboards_show_the_tables_and_health_checks_that_exist(primary: Run, secondary: Run) -> None:
    checks = primary.exports["arc"]["healthChecks"].values()
    for run in (primary, secondary):
        text = run.one(DASHBOARD, "dynamodb").inputs["dashboardBody"]
        assert text == json.dumps(json.loads(text), sort_keys=True)
        for needed in (*checks, *primary.exports["tableNames"].values()):
            assert f'"{needed}"' in text


def test_strong_tables_have_neither_alarm_nor_graph_of_replication() -> None:
    run = run_program("region1", {"consistency": "strong"})
    assert "ReplicationLatency" not in {a.inputs["metricName"] for a in run.all(ALARM)}
    assert "ReplicationLatency" not in run.one(DASHBOARD, "dynamodb").inputs["dashboardBody"]
