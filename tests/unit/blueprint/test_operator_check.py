"""The policy that looks at the regions, word for word: a permission more or less is a failed test."""

import dataclasses
import json
import re
from typing import Any

from blueprint import operator_check
from blueprint.stack_config import StackConfig, load

ACCOUNT = "111122223333"
REGIONS = (
    "us-east-1",
    "us-west-2",
    "eu-west-1",
    "eu-west-3",
    "ap-northeast-1",
    "ap-southeast-2",
    "sa-east-1",
)
READS = re.compile(r"\w[\w-]*:(Get|List|Describe)\w+|apigateway:GET|execute-api:Invoke")


def configured(**settings: str) -> StackConfig:
    given = {"domainName": "orders.example.com", "hostedZone": "example.com", **settings}
    return load(given, "shop", "region1")


def statements(config: StackConfig) -> dict[str, dict[str, Any]]:
    found: Any = operator_check.document(config, account_id=ACCOUNT)["Statement"]
    return {one.pop("Sid"): one for one in found}


def test_it_allows_what_checking_calls_and_nothing_else() -> None:
    region = {"east": f"us-east-1:{ACCOUNT}", "west": f"us-west-2:{ACCOUNT}"}
    expected = {
        "CallHealthAndRead": (
            ["execute-api:Invoke"],
            [
                f"arn:aws:execute-api:{where}:*/live/GET/{path}"
                for where in region.values()
                for path in ("health", "orders")
            ],
        ),
        "ReadSubscriptions": (
            ["sns:ListSubscriptionsByTopic"],
            [f"arn:aws:sns:*:{ACCOUNT}:shop-region1-alarms", f"arn:aws:sns:*:{ACCOUNT}:shop-region2-alarms"],
        ),
        "ReadDashboards": (
            ["cloudwatch:GetDashboard"],
            [f"arn:aws:cloudwatch::{ACCOUNT}:dashboard/shop-region{n}-*" for n in (1, 2)],
        ),
        "ReadFunctions": (
            ["lambda:GetFunctionConcurrency", "lambda:GetFunctionConfiguration"],
            [
                f"arn:aws:lambda:{region['east']}:function:shop-region1-orders-*",
                f"arn:aws:lambda:{region['west']}:function:shop-region2-orders-*",
            ],
        ),
        "ReadLayers": (
            ["lambda:GetLayerVersion"],
            [
                f"arn:aws:lambda:{region['east']}:layer:shop-region1-*",
                f"arn:aws:lambda:{region['west']}:layer:shop-region2-*",
            ],
        ),
        "ReadTables": (
            ["dynamodb:DescribeContinuousBackups", "dynamodb:DescribeTable", "dynamodb:DescribeTimeToLive"],
            [
                f"arn:aws:dynamodb:*:{ACCOUNT}:table/shop-region1-{table}-eventual"
                for table in ("customers", "products", "orders")
            ],
        ),
        "ReadApis": (
            ["apigateway:GET"],
            [
                "arn:aws:apigateway:*::/account",
                "arn:aws:apigateway:*::/domainnames/orders.example.com",
                "arn:aws:apigateway:*::/domainnames/orders.example.com/basepathmappings",
                "arn:aws:apigateway:us-east-1::/restapis/*",
                "arn:aws:apigateway:us-west-2::/restapis/*",
            ],
        ),
        "ReadCertificates": (
            ["acm:DescribeCertificate"],
            [f"arn:aws:acm:{where}:certificate/*" for where in region.values()],
        ),
        "ReadControlsLimitsMetricsAndAlarms": (
            [
                "cloudwatch:DescribeAlarms",
                "cloudwatch:GetMetricData",
                "dynamodb:DescribeLimits",
                "lambda:GetAccountSettings",
                "route53-recovery-cluster:ListRoutingControls",
            ],
            ["*"],
        ),
    }
    assert statements(configured()) == {
        sid: {"Effect": "Allow", "Action": actions, "Resource": resources}
        for sid, (actions, resources) in expected.items()
    }


def test_it_can_only_look() -> None:
    actions = [action for one in statements(configured()).values() for action in one["Action"]]
    assert [action for action in actions if not READS.fullmatch(action)] == []


def test_strong_tables_are_named_as_strong() -> None:
    resources = statements(configured(consistency="strong"))["ReadTables"]["Resource"]
    assert {arn.rpartition("-")[2] for arn in resources} == {"strong"}


def test_that_of_seven_stacks_fits_into_a_managed_policy() -> None:
    """IAM takes 6,144 characters (IAM User Guide, "IAM and AWS STS quotas")."""
    stacks = {f"region{number}": region for number, region in enumerate(REGIONS, start=1)}
    config = dataclasses.replace(
        configured(), project="resilient-orders", stacks=stacks, domain_name=f"orders.{'x' * 40}.example.com"
    )
    document = operator_check.document(config, account_id=ACCOUNT)
    assert len(json.dumps(document, separators=(",", ":"))) <= 6144
