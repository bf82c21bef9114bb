"""The rights of whoever looks at the regions in an incident: a policy beside the one that moves traffic.

It allows what `ops check`, `ops smoke --read-only` and `ops parity` call, and to look at the alarms and
dashboards that the runbooks name. It changes nothing, and reads no order but through the API. Resources are
those that the Service Authorization Reference has for an action; `*` stands where it has none.

Of what we name ourselves the name is the limit, in any region; of what AWS names, kind and region are. With
every name spelled out in every region, the policy of five stacks would be longer than IAM takes.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from blueprint import order_service, policies
from blueprint.naming import DYNAMODB_TABLE, SNS_TOPIC
from blueprint.policies import PolicyDocument, Statement
from blueprint.stack_config import StackConfig

_WITHOUT_RESOURCE: Final = (
    # On an alarm's ARN AWS tells nothing of composite alarms (CloudWatch API, DescribeAlarms).
    "cloudwatch:DescribeAlarms",
    "cloudwatch:GetMetricData",
    "dynamodb:DescribeLimits",
    "lambda:GetAccountSettings",
    "route53-recovery-cluster:ListRoutingControls",
)


def document(config: StackConfig, *, account_id: str) -> PolicyDocument:
    """Of all stacks, also of those that are deployed later; `config` is the primary's."""
    return policies.document(
        # The shared name's calls are the same resources as those of a region's own URL.
        _allow("CallHealthAndRead", ["execute-api:Invoke"], _routes(config, account_id)),
        _allow("ReadSubscriptions", ["sns:ListSubscriptionsByTopic"], _topics(config, account_id)),
        _allow("ReadDashboards", ["cloudwatch:GetDashboard"], _dashboards(config, account_id)),
        *_what_parity_compares(config, account_id),
        _allow("ReadControlsLimitsMetricsAndAlarms", _WITHOUT_RESOURCE, ["*"]),
    )


def _what_parity_compares(config: StackConfig, account_id: str) -> Iterator[Statement]:
    yield _allow(
        "ReadFunctions",
        ["lambda:GetFunctionConcurrency", "lambda:GetFunctionConfiguration"],
        _of_lambda(config, account_id, "function", "orders-*"),
    )
    # GetLayerVersionByArn has no action of its own.
    yield _allow("ReadLayers", ["lambda:GetLayerVersion"], _of_lambda(config, account_id, "layer", "*"))
    yield _allow(
        "ReadTables",
        ["dynamodb:DescribeContinuousBackups", "dynamodb:DescribeTable", "dynamodb:DescribeTimeToLive"],
        _tables(config, account_id),
    )
    yield _allow("ReadApis", ["apigateway:GET"], _apis(config))
    certificates = [f"arn:aws:acm:{region}:{account_id}:certificate/*" for region in config.regions]
    yield _allow("ReadCertificates", ["acm:DescribeCertificate"], certificates)


def _routes(config: StackConfig, account_id: str) -> list[str]:
    """What the canaries call, too."""
    return [
        policies.invoke_route(
            region=region, account_id=account_id, api_id="*", stage=config.api_stage, route=route
        )
        for region in config.regions
        for route in order_service.canary_routes()
    ]


def _topics(config: StackConfig, account_id: str) -> list[str]:
    """One name a stack, in its own region and in the observer's."""
    topics = [stack.namer.physical("alarms", SNS_TOPIC) for stack in config.of_every_stack]
    return [f"arn:aws:sns:*:{account_id}:{topic}" for topic in topics]


def _dashboards(config: StackConfig, account_id: str) -> list[str]:
    dashboards = [stack.namer.physical("*") for stack in config.of_every_stack]
    return [f"arn:aws:cloudwatch::{account_id}:dashboard/{dashboard}" for dashboard in dashboards]


def _of_lambda(config: StackConfig, account_id: str, kind: str, name: str) -> list[str]:
    return [
        f"arn:aws:lambda:{stack.region}:{account_id}:{kind}:{stack.namer.physical(name)}"
        for stack in config.of_every_stack
    ]


def _tables(config: StackConfig, account_id: str) -> list[str]:
    tables = [f"{table}-{config.consistency}" for table in order_service.TABLES]
    names = [config.namer.physical(table, DYNAMODB_TABLE) for table in tables]
    return [f"arn:aws:dynamodb:*:{account_id}:table/{name}" for name in names]


def _apis(config: StackConfig) -> list[str]:
    """API Gateway's resources are the paths of its own API, of no account."""
    domain = f"/domainnames/{config.domain_name}"
    named = [f"arn:aws:apigateway:*::{path}" for path in ("/account", domain, f"{domain}/basepathmappings")]
    return [*named, *(f"arn:aws:apigateway:{region}::/restapis/*" for region in config.regions)]


def _allow(sid: str, actions: Sequence[str], resources: Sequence[str]) -> Statement:
    return {"Sid": sid, "Effect": "Allow", "Action": list(actions), "Resource": list(resources)}
