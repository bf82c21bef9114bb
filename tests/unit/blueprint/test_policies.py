"""The IAM documents, word for word: a permission more or less is a failed test."""

from typing import Any

import pytest

from blueprint import policies
from functions.orders.contract import HANDLERS

TABLES = {"customers": "shop-customers", "products": "shop-products", "orders": "shop-orders"}
REGION = "us-west-2"
ACCOUNT = "111122223333"
TABLE_ARN = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table"

LOGS = {
    "Sid": "WriteOwnLog",
    "Effect": "Allow",
    "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
    "Resource": f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/aws/lambda/shop:*",
}
TRACES = {
    "Sid": "SendTraces",
    "Effect": "Allow",
    "Action": ["xray:PutTelemetryRecords", "xray:PutTraceSegments"],
    "Resource": "*",
}


def of(function: str, consistency: str) -> dict[str, Any]:
    return policies.order_function(
        function=function,
        consistency=consistency,
        region=REGION,
        account_id=ACCOUNT,
        tables=TABLES,
        log_group="/aws/lambda/shop",
    )


def on(table: str, *actions: str) -> dict[str, Any]:
    return {
        "Sid": f"Use{table.capitalize()}",
        "Effect": "Allow",
        "Action": [f"dynamodb:{action}" for action in actions],
        "Resource": f"{TABLE_ARN}/shop-{table}",
    }


def test_an_operator_may_see_and_switch_the_given_controls_and_nothing_else() -> None:
    service = "route53-recovery-cluster"
    assert policies.operator(routing_controls=["arn:west", "arn:east"])["Statement"] == [
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
            "Resource": ["arn:east", "arn:west"],
        },
        {
            "Sid": "SwitchOwnControls",
            "Effect": "Allow",
            "Action": [f"{service}:UpdateRoutingControlState", f"{service}:UpdateRoutingControlStates"],
            "Resource": ["arn:east", "arn:west"],
            "Condition": {"Bool": {f"{service}:AllowSafetyRulesOverrides": "false"}},
        },
    ]


def only_statement(document: dict[str, Any]) -> dict[str, Any]:
    (statement,) = document["Statement"]
    assert isinstance(statement, dict)
    return statement


READ = [on("orders", "GetItem")]
FILL = [on(table, "BatchWriteItem") for table in ("customers", "products", "orders")]
EXPECTED = {
    ("create", "eventual"): [
        on("customers", "ConditionCheckItem"),
        on("products", "UpdateItem"),
        on("orders", "PutItem"),
    ],
    ("create", "strong"): [
        on("customers", "GetItem"),
        on("products", "UpdateItem"),
        on("orders", "GetItem", "PutItem"),
    ],
    ("read", "eventual"): READ,
    ("read", "strong"): READ,
    ("fill", "eventual"): FILL,
    ("fill", "strong"): FILL,
}


@pytest.mark.parametrize(("function", "consistency"), sorted(EXPECTED))
def test_a_function_may_do_exactly_this(function: str, consistency: str) -> None:
    assert of(function, consistency) == {
        "Version": "2012-10-17",
        "Statement": [*EXPECTED[function, consistency], LOGS, TRACES],
    }


def test_every_function_in_every_mode_is_held_to_a_document() -> None:
    assert {function for function, _ in EXPECTED} == set(HANDLERS)


def test_a_document_can_be_changed_without_changing_the_next_one() -> None:
    of("read", "eventual")["Statement"].clear()
    assert of("read", "eventual")["Statement"] != []


def test_a_role_is_taken_by_one_service_alone() -> None:
    assert policies.trust("lambda.amazonaws.com") == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "lambda.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ],
    }


def test_the_bucket_and_its_objects_are_refused_without_tls() -> None:
    assert only_statement(policies.tls_only("arn:aws:s3:::b")) == {
        "Sid": "RefusePlainHttp",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }


def test_api_gateways_log_role_is_limited_to_its_region_and_account() -> None:
    statement = only_statement(policies.api_gateway_logs(region=REGION, account_id=ACCOUNT))
    assert statement["Resource"] == f"arn:aws:logs:{REGION}:{ACCOUNT}:*"
    assert all(action.startswith("logs:") for action in statement["Action"])


def test_equal_documents_are_equal_texts() -> None:
    assert policies.as_json({"b": 1, "a": 2}) == policies.as_json({"a": 2, "b": 1})


def test_a_function_of_the_load_generator_may_call_its_routes_wherever_the_name_may_lead() -> None:
    document = policies.load_function(
        routes=[("POST", "/fill")],
        regions=["us-east-1", REGION],
        stage="live",
        region=REGION,
        account_id=ACCOUNT,
        log_group="/aws/lambda/shop",
    )
    calls = {
        "Sid": "CallOrders",
        "Effect": "Allow",
        "Action": "execute-api:Invoke",
        "Resource": [
            f"arn:aws:execute-api:us-east-1:{ACCOUNT}:*/live/POST/fill",
            f"arn:aws:execute-api:{REGION}:{ACCOUNT}:*/live/POST/fill",
        ],
    }
    assert document["Statement"] == [calls, LOGS, TRACES]


def test_the_load_generator_may_run_nothing_but_its_functions() -> None:
    document: Any = policies.load_state_machine(["arn:one", "arn:two"])
    run, deliver, trace = document["Statement"]
    assert (run["Action"], run["Resource"]) == ("lambda:InvokeFunction", ["arn:one", "arn:two"])
    assert deliver["Action"] == list(policies.LOG_DELIVERY_ACTIONS)
    assert all(action.startswith("xray:") for action in trace["Action"])
