"""IAM documents: pure functions from names and ARNs to what may be done with them.

Every call gives a new document. Resources are named as narrowly as AWS allows; where it allows only `*`, the
function says so.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from functions.orders.contract import table_actions

Statement = dict[str, object]
PolicyDocument = dict[str, object]

_VERSION: Final = "2012-10-17"

LOG_DELIVERY_ACTIONS: Final = (
    "logs:CreateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:DescribeLogGroups",
    "logs:DescribeResourcePolicies",
    "logs:GetLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:UpdateLogDelivery",
)
"""What Step Functions asks of a role before it delivers logs with it."""


def as_json(document: PolicyDocument) -> str:
    """The document as text, the same for equal documents."""
    return json.dumps(document, sort_keys=True)


def document(*statements: Statement) -> PolicyDocument:
    """A document of these statements."""
    return {"Version": _VERSION, "Statement": list(statements)}


def trust(service: str) -> PolicyDocument:
    """Who may take a role: one AWS service. A role can be passed to a service in its own account only."""
    return document({"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"})


def order_function(
    *,
    function: str,
    consistency: str,
    region: str,
    account_id: str,
    tables: Mapping[str, str],
    log_group: str,
) -> PolicyDocument:
    """What an order function may do: its own actions on its own tables, its log, its traces.

    `function` and `consistency` are those of the functions' contract, `tables` maps table keys to names.
    """
    return document(
        *_table_statements(function, consistency, region, account_id, tables),
        write_log_group(region=region, account_id=account_id, log_group=log_group),
        send_traces(),
    )


def load_function(
    *,
    routes: Iterable[tuple[str, str]],
    regions: Iterable[str],
    stage: str,
    region: str,
    account_id: str,
    log_group: str,
) -> PolicyDocument:
    """What a function of the load generator may do: call its own routes, its log, its traces.

    It calls them through the name that all regions share, so whichever region answers must let it. The API's
    id is a wildcard: that of a region deployed later is unknown.
    """
    return document(
        {
            "Sid": "CallOrders",
            "Effect": "Allow",
            "Action": "execute-api:Invoke",
            "Resource": [
                f"arn:aws:execute-api:{where}:{account_id}:*/{stage}/{method}{path}"
                for where in regions
                for method, path in routes
            ],
        },
        write_log_group(region=region, account_id=account_id, log_group=log_group),
        send_traces(),
    )


def load_state_machine(function_arns: Iterable[str]) -> PolicyDocument:
    """What the load generator's state machine may do: run its functions, deliver its log, send traces.

    Log deliveries and sampling know no resource: `*` is all that IAM takes (Step Functions Developer Guide,
    "Using CloudWatch Logs to log execution history" and "Tracing Step Functions with X-Ray").
    """
    return document(
        {
            "Sid": "RunOwnFunctions",
            "Effect": "Allow",
            "Action": "lambda:InvokeFunction",
            "Resource": list(function_arns),
        },
        {
            "Sid": "DeliverLog",
            "Effect": "Allow",
            "Action": list(LOG_DELIVERY_ACTIONS),
            "Resource": "*",
        },
        {
            "Sid": "SendTraces",
            "Effect": "Allow",
            "Action": [
                "xray:GetSamplingRules",
                "xray:GetSamplingTargets",
                "xray:PutTelemetryRecords",
                "xray:PutTraceSegments",
            ],
            "Resource": "*",
        },
    )


def canary(
    *, calls: Sequence[str], results_bucket_arn: str, results_prefix: str, namespaces: Sequence[str]
) -> PolicyDocument:
    """What a canary may do, but for its log: call its API, keep its results, put its metrics.

    `calls` are the routes' ARNs; `results_prefix` has no slash at its end. ListAllMyBuckets and PutMetricData
    know no resource: `*` is all that IAM takes. The S3 actions are those that AWS names for the role of a
    canary (CloudWatch User Guide, "Required roles and permissions for canaries").
    """
    return document(
        {"Sid": "CallApi", "Effect": "Allow", "Action": "execute-api:Invoke", "Resource": list(calls)},
        {
            "Sid": "KeepResults",
            "Effect": "Allow",
            "Action": ["s3:GetObject", "s3:PutObject"],
            "Resource": f"{results_bucket_arn}/{results_prefix}/*",
        },
        {
            "Sid": "FindResultsBucket",
            "Effect": "Allow",
            "Action": "s3:GetBucketLocation",
            "Resource": results_bucket_arn,
        },
        {"Sid": "ListBuckets", "Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*"},
        {
            "Sid": "PutMetrics",
            "Effect": "Allow",
            "Action": "cloudwatch:PutMetricData",
            "Resource": "*",
            "Condition": {"StringEquals": {"cloudwatch:namespace": list(namespaces)}},
        },
    )


def log_writer(*, region: str, account_id: str, log_group: str) -> PolicyDocument:
    """Nothing but writing one log group."""
    return document(write_log_group(region=region, account_id=account_id, log_group=log_group))


def invoke_route(*, region: str, account_id: str, api_id: str, stage: str, route: str) -> str:
    """The ARN of a call of an API: `route` is a method and a path, `GET /health`."""
    method, _, path = route.partition(" ")
    return f"arn:aws:execute-api:{region}:{account_id}:{api_id}/{stage}/{method}{path}"


def write_log_group(*, region: str, account_id: str, log_group: str) -> Statement:
    """Streams and events of one log group; not the group, which the program itself makes and removes."""
    return {
        "Sid": "WriteOwnLog",
        "Effect": "Allow",
        "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
        "Resource": f"arn:aws:logs:{region}:{account_id}:log-group:{log_group}:*",
    }


def send_traces() -> Statement:
    """X-Ray's write actions know no resource: `*` is all that IAM takes (Service Authorization Reference)."""
    return {
        "Sid": "SendTraces",
        "Effect": "Allow",
        "Action": ["xray:PutTelemetryRecords", "xray:PutTraceSegments"],
        "Resource": "*",
    }


def tls_only(bucket_arn: str) -> PolicyDocument:
    """Nobody reaches the bucket or an object in it without TLS."""
    return document(
        {
            "Sid": "RefusePlainHttp",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": [bucket_arn, f"{bucket_arn}/*"],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        },
    )


def alarm_topic(*, topic_arn: str, region: str, account_id: str, alarms: str) -> PolicyDocument:
    """Alarms of this account and region whose names match `alarms` may publish; nobody may without TLS.

    It replaces the policy that SNS gives a new topic. The account's own identities need no more than their
    IAM policies (SNS Developer Guide, "Example cases for Amazon SNS access control").
    """
    return document(
        {
            "Sid": "PublishOwnAlarms",
            "Effect": "Allow",
            "Principal": {"Service": "cloudwatch.amazonaws.com"},
            "Action": "sns:Publish",
            "Resource": topic_arn,
            "Condition": {
                "StringEquals": {"aws:SourceAccount": account_id},
                "ArnLike": {"aws:SourceArn": f"arn:aws:cloudwatch:{region}:{account_id}:alarm:{alarms}"},
            },
        },
        {
            "Sid": "RefusePlainHttp",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "sns:Publish",
            "Resource": topic_arn,
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        },
    )


def api_gateway_logs(*, region: str, account_id: str) -> PolicyDocument:
    """What API Gateway needs to write the logs of every REST API of a region.

    One role serves the region and its groups are not known, so it names all of the account's there. The
    actions are those that API Gateway asks for (its Developer Guide, "Permissions for CloudWatch logging").
    """
    return document(
        {
            "Sid": "WriteApiLogs",
            "Effect": "Allow",
            "Action": [
                "logs:CreateLogGroup",
                "logs:CreateLogStream",
                "logs:DescribeLogGroups",
                "logs:DescribeLogStreams",
                "logs:FilterLogEvents",
                "logs:GetLogEvents",
                "logs:PutLogEvents",
            ],
            "Resource": f"arn:aws:logs:{region}:{account_id}:*",
        }
    )


def operator(*, routing_controls: Sequence[str]) -> PolicyDocument:
    """What moves traffic in an incident: see the states, change those of these controls, and nothing else.

    What looking at the regions takes is in blueprint/operator_check.py.

    Listing knows no resource, so that `*` is all that IAM takes. A safety rule is not passed over by whoever
    has only this (both: Service Authorization Reference, Amazon Route 53 Recovery Cluster).
    """
    service = "route53-recovery-cluster"
    arns = sorted(routing_controls)
    return document(
        {
            "Sid": "ListRoutingControls",
            "Effect": "Allow",
            "Action": f"{service}:ListRoutingControls",
            "Resource": "*",
        },
        {
            "Sid": "ReadOwnControls",
            "Effect": "Allow",
            "Action": f"{service}:GetRoutingControlState",
            "Resource": arns,
        },
        {
            "Sid": "SwitchOwnControls",
            "Effect": "Allow",
            "Action": [f"{service}:UpdateRoutingControlState", f"{service}:UpdateRoutingControlStates"],
            "Resource": arns,
            "Condition": {"Bool": {f"{service}:AllowSafetyRulesOverrides": "false"}},
        },
    )


def _table_statements(
    function: str, consistency: str, region: str, account_id: str, tables: Mapping[str, str]
) -> Sequence[Statement]:
    return [
        {
            "Sid": f"Use{table.capitalize()}",
            "Effect": "Allow",
            "Action": sorted(actions),
            "Resource": f"arn:aws:dynamodb:{region}:{account_id}:table/{tables[table]}",
        }
        for table, actions in table_actions(function, consistency).items()
    ]
