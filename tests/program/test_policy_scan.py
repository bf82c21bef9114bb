"""A policy scan of everything that the program declares, with every option on.

Scanners such as checkov read templates and plans, which a Pulumi program has only with an engine and an
account, and know no reasons. These are their rules for our resource types; exceptions have reasons.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from tests.fakes.pulumi_mocks import Resource, Run

Statement = dict[str, Any]

WHERE_IAM_KNOWS_NO_RESOURCE: Mapping[str, str] = {
    "xray:PutTelemetryRecords": "no resource (Service Authorization Reference, AWS X-Ray)",
    "xray:PutTraceSegments": "no resource (Service Authorization Reference, AWS X-Ray)",
    "xray:GetSamplingRules": "no resource (Service Authorization Reference, AWS X-Ray)",
    "xray:GetSamplingTargets": "no resource (Service Authorization Reference, AWS X-Ray)",
    "cloudwatch:PutMetricData": "no resource; a condition names the namespace (see the test below)",
    "s3:ListAllMyBuckets": "no resource; Synthetics asks for it (its guide, permissions of canaries)",
    "logs:CreateLogDelivery": "no resource (Step Functions guide, logging to CloudWatch)",
    "logs:GetLogDelivery": "no resource (Step Functions guide, logging to CloudWatch)",
    "logs:UpdateLogDelivery": "no resource (Step Functions guide, logging to CloudWatch)",
    "logs:DeleteLogDelivery": "no resource (Step Functions guide, logging to CloudWatch)",
    "logs:ListLogDeliveries": "no resource (Step Functions guide, logging to CloudWatch)",
    "logs:PutResourcePolicy": "no resource (Step Functions guide, logging to CloudWatch)",
    "logs:DescribeResourcePolicies": "no resource (Step Functions guide, logging to CloudWatch)",
    "logs:DescribeLogGroups": "no resource narrower than the region's groups (same page)",
    "route53-recovery-cluster:ListRoutingControls": "no resource (Service Authorization Reference, ARC)",
    "cloudwatch:DescribeAlarms": "composite alarms are told on nothing narrower (CloudWatch API)",
    "cloudwatch:GetMetricData": "no resource (Service Authorization Reference, Amazon CloudWatch)",
    "dynamodb:DescribeLimits": "no resource (Service Authorization Reference, Amazon DynamoDB)",
    "lambda:GetAccountSettings": "no resource (Service Authorization Reference, AWS Lambda)",
}

PATTERNS: Mapping[str, str] = {
    r"arn:aws:logs:[\w-]+:\d+:log-group:/[\w/.-]+:\*": "the streams of one log group",
    r"arn:aws:logs:[\w-]+:\d+:\*": "API Gateway's log role serves every API of the region",
    r"arn:aws:s3:::[\w-]+/canary-results/\w+/\*": "a canary's own results",
    r"arn:aws:execute-api:[\w-]+:\d+:\*/live/(GET|POST)/\w+": "API ids behind the shared name are unknown",
    r"arn:aws:lambda:[\w-]+:\d+:(function:resilient-orders-\w+-orders-|layer:resilient-orders-\w+-)\*": (
        "a stack's own functions and layers, for the operators"
    ),
    r"arn:aws:cloudwatch::\d+:dashboard/resilient-orders-\w+-\*": "a stack's own dashboards",
    r"arn:aws:(dynamodb|sns):\*:\d+:(table/)?resilient-orders-[\w-]+": "one name, in every region",
    r"arn:aws:apigateway:\*::/(account|domainnames/[\w.-]+(/basepathmappings)?)": "the same in every region",
    r"arn:aws:(apigateway:[\w-]+::/restapis|acm:[\w-]+:\d+:certificate)/\*": "AWS makes the ids up",
}
"""Shapes of resources with a pattern in them, each with its reason."""

SECRETS = re.compile(
    r"(AKIA|ASIA)[0-9A-Z]{16}|-----BEGIN [A-Z ]*PRIVATE KEY|gh[pousr]_[A-Za-z0-9]{36}|xox[abp]-\w{10}"
)
SECRET_NAMES = re.compile(r"SECRET|PASSWORD|PASSWD|TOKEN|CREDENTIAL|PRIVATE_KEY|ACCESS_KEY|API_KEY", re.I)
"""Of environment variables: credentials come from roles, so no function has one with such a name."""


@pytest.fixture(scope="module")
def resources(everything: tuple[Run, ...]) -> list[Resource]:
    return [resource for run in everything for resource in run.aws]


def of(resources: list[Resource], kind: str) -> list[Resource]:
    """All of a type; there must be some, so that a renamed type cannot pass for lack of any."""
    found = [resource for resource in resources if resource.type.endswith(f":{kind}")]
    assert found, f"nothing of type {kind} is declared"
    return found


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def statements(resources: list[Resource]) -> Iterator[tuple[Resource, Statement]]:
    """Every statement of every IAM document in any argument of any resource."""
    for resource in resources:
        for value in resource.inputs.values():
            if isinstance(value, str) and '"Statement"' in value:
                for statement in listed(json.loads(value)["Statement"]):
                    yield resource, statement


def allowing(resources: list[Resource]) -> Iterator[tuple[Resource, Statement]]:
    return ((r, s) for r, s in statements(resources) if s["Effect"] == "Allow")


def texts(value: Any) -> Iterator[str]:
    """Every text in an argument, however deep."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner)


# Buckets


@pytest.mark.parametrize(
    "kind",
    [
        "BucketServerSideEncryptionConfiguration",
        "BucketPublicAccessBlock",
        "BucketVersioning",
        "BucketPolicy",
        "BucketLifecycleConfiguration",
    ],
)
def test_every_bucket_is_encrypted_private_versioned_tls_only_and_cleaned(
    kind: str, everything: tuple[Run, ...]
) -> None:
    for run in everything:
        buckets = {r.name for r in of(run.aws, "Bucket")}
        assert {r.inputs["bucket"] for r in of(run.aws, kind)} == buckets


def test_no_bucket_can_be_opened_to_the_public(resources: list[Resource]) -> None:
    for block in of(resources, "BucketPublicAccessBlock"):
        switches = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
        assert [block.inputs[switch] for switch in switches] == [True] * 4
    for bucket in of(resources, "Bucket"):
        assert "acl" not in bucket.inputs


def test_every_bucket_refuses_plain_http(resources: list[Resource]) -> None:
    for policy in of(resources, "BucketPolicy"):
        denied = [s for _, s in statements([policy]) if s["Effect"] == "Deny" and s["Principal"] == "*"]
        assert {"Bool": {"aws:SecureTransport": "false"}} in [s["Condition"] for s in denied]


# Tables


def test_every_table_and_replica_resists_deletion_and_can_be_restored(resources: list[Resource]) -> None:
    for table in of(resources, "Table"):
        assert table.inputs["deletionProtectionEnabled"] is True
        assert table.inputs["pointInTimeRecovery"] == {"enabled": True}
        assert table.options.protect
        for replica in table.inputs.get("replicas", []):
            assert (replica["deletionProtectionEnabled"], replica["pointInTimeRecovery"]) == (True, True)
    for replica in of(resources, "TableReplica"):
        assert replica.inputs["deletionProtectionEnabled"] is True
        assert replica.inputs["pointInTimeRecovery"] is True
        assert replica.options.protect


def test_what_moves_traffic_resists_deletion(resources: list[Resource]) -> None:
    for kind in ("Cluster", "ControlPanel", "RoutingControl", "HealthCheck"):
        assert [r.name for r in of(resources, kind) if not r.options.protect] == []


# Logs, traces and the API


def test_every_log_group_forgets(resources: list[Resource]) -> None:
    assert [g.name for g in of(resources, "LogGroup") if not g.inputs.get("retentionInDays")] == []


def test_every_function_and_stage_is_traced(resources: list[Resource]) -> None:
    for function in of(resources, "Function"):
        assert function.inputs["tracingConfig"] == {"mode": "Active"}, function.name
    assert all(stage.inputs["xrayTracingEnabled"] for stage in of(resources, "Stage"))


def test_the_api_logs_who_came_and_never_what_was_said(resources: list[Resource]) -> None:
    assert all(stage.inputs["accessLogSettings"] for stage in of(resources, "Stage"))
    for settings in of(resources, "MethodSettings"):
        assert settings.inputs["settings"]["dataTraceEnabled"] is False
        assert settings.inputs["settings"]["throttlingRateLimit"] > 0


def test_nobody_calls_the_api_unsigned(resources: list[Resource]) -> None:
    for api in of(resources, "RestApi"):
        body = json.loads(api.inputs["body"])
        methods = {
            (path, method): operation.get("security")
            for path, item in body["paths"].items()
            for method, operation in item.items()
        }
        assert {key for key, security in methods.items() if not security} == {
            (path, "options") for path in body["paths"]
        }
        assert {name for security in methods.values() if security for one in security for name in one} == {
            "sigv4"
        }


def test_clients_need_a_modern_tls(resources: list[Resource]) -> None:
    assert {d.inputs["securityPolicy"] for d in of(resources, "DomainName")} == {"TLS_1_2"}
    assert {c.inputs["validationMethod"] for c in of(resources, "Certificate")} == {"DNS"}


# What runs by itself


def test_every_state_machine_is_logged_and_traced(resources: list[Resource]) -> None:
    for machine in of(resources, "StateMachine"):
        assert machine.inputs["loggingConfiguration"]["level"] == "ALL"
        assert machine.inputs["tracingConfiguration"] == {"enabled": True}


def test_canaries_keep_their_results_in_a_bucket_of_ours_for_a_while(resources: list[Resource]) -> None:
    buckets = {bucket.name for bucket in of(resources, "Bucket")}
    for canary in of(resources, "Canary"):
        assert canary.inputs["artifactS3Location"].removeprefix("s3://").split("/")[0] in buckets
        assert canary.inputs["successRetentionPeriod"] <= 31
        assert canary.inputs["deleteLambda"] is True, "its function would outlive it"


def test_topics_take_what_our_alarms_publish_over_tls_and_nothing_else(everything: tuple[Run, ...]) -> None:
    for run in everything:
        policies = of(run.aws, "TopicPolicy")
        assert len(policies) == len(of(run.aws, "Topic"))
        for policy in policies:
            allowed, denied = (
                [s for _, s in statements([policy]) if s["Effect"] == e] for e in ("Allow", "Deny")
            )
            assert [s["Principal"] for s in allowed] == [{"Service": "cloudwatch.amazonaws.com"}]
            assert all("aws:SourceArn" in json.dumps(s["Condition"]) for s in allowed)
            assert [s["Condition"] for s in denied] == [{"Bool": {"aws:SecureTransport": "false"}}]


# Rights


def test_no_statement_allows_a_pattern_of_actions(resources: list[Resource]) -> None:
    wide = [
        (r.name, action)
        for r, statement in allowing(resources)
        for action in listed(statement["Action"])
        if "*" in action
    ]
    assert wide == []


def test_no_statement_says_what_it_does_not_mean(resources: list[Resource]) -> None:
    inverted = {"NotAction", "NotResource", "NotPrincipal"}
    assert [(r.name, s) for r, s in statements(resources) if inverted & s.keys()] == []


def test_everything_is_allowed_on_named_resources_but_for_the_listed_actions(
    resources: list[Resource],
) -> None:
    wide = {
        action
        for _, statement in allowing(resources)
        if "*" in listed(statement.get("Resource", []))
        for action in listed(statement["Action"])
    }
    assert wide == WHERE_IAM_KNOWS_NO_RESOURCE.keys()


def test_patterns_in_names_of_resources_are_the_listed_ones(resources: list[Resource]) -> None:
    patterns = {
        resource
        for _, statement in allowing(resources)
        for resource in listed(statement.get("Resource", []))
        if "*" in resource and resource != "*"
    }
    assert [p for p in patterns if not any(re.fullmatch(shape, p) for shape in PATTERNS)] == []


def test_metrics_are_put_into_our_own_namespaces_only(resources: list[Resource]) -> None:
    for resource, statement in allowing(resources):
        if "cloudwatch:PutMetricData" in listed(statement["Action"]):
            allowed = statement["Condition"]["StringEquals"]["cloudwatch:namespace"]
            assert set(listed(allowed)) <= {"ResilientOrders", "CloudWatchSynthetics"}, resource.name


def test_no_managed_policy_of_aws_is_attached(resources: list[Resource]) -> None:
    attached = [r.name for r in resources if "Attachment" in r.type or "managedPolicyArns" in r.inputs]
    assert attached == []
    assert [t for r in resources for t in texts(r.inputs) if "arn:aws:iam::aws:policy/" in t] == []


def test_roles_are_trusted_to_services_and_resources_opened_to_nobody(resources: list[Resource]) -> None:
    for resource, statement in allowing(resources):
        if "Principal" not in statement:
            continue
        principal = statement["Principal"]
        assert principal != "*", resource.name
        assert "*" not in [value for values in principal.values() for value in listed(values)], resource.name
        if resource.type.endswith(":Role"):
            assert set(principal) == {"Service"}, resource.name


def test_functions_are_called_by_named_callers_only(resources: list[Resource]) -> None:
    for permission in of(resources, "Permission"):
        assert permission.inputs["principal"] == "apigateway.amazonaws.com"
        assert permission.inputs["sourceArn"].count("*") == 0, permission.name
        assert "functionUrlAuthType" not in permission.inputs


# Secrets


def test_no_secret_is_written_anywhere(resources: list[Resource]) -> None:
    assert [r.name for r in resources for text in texts(r.inputs) if SECRETS.search(text)] == []


def test_no_environment_carries_credentials(resources: list[Resource]) -> None:
    for resource in resources:
        variables = {
            **(resource.inputs.get("environment") or {}).get("variables", {}),
            **(resource.inputs.get("runConfig") or {}).get("environmentVariables", {}),
        }
        assert [name for name in variables if SECRET_NAMES.search(name)] == [], resource.name


def test_nothing_listens_to_the_whole_internet(resources: list[Resource]) -> None:
    assert [r.name for r in resources for text in texts(r.inputs) if text in ("0.0.0.0/0", "::/0")] == []
