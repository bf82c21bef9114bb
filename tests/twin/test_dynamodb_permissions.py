"""Every permission a DynamoDB call needs, removed one at a time; and what a refused transaction says."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from twin.client import TwinClient

pytestmark = pytest.mark.twin

REGION = "us-east-1"
TABLES = ("permissions-customers", "permissions-products", "permissions-orders")
CUSTOMERS, PRODUCTS, ORDERS = TABLES
_ONCE = Config(retries={"total_max_attempts": 1})
USER = "permissions-user"

Statement = tuple[str, str]


@dataclass(frozen=True, kw_only=True)
class Setup:
    """Three tables, and a user whose permissions a test sets."""

    admin: Any
    user: Any
    iam: Any
    account: str

    def allow(self, *statements: Statement, condition: dict[str, Any] | None = None) -> None:
        """Replace the user's policy: pairs of action and table (`*` for all of a table's name)."""
        document = {
            "Version": "2012-10-17",
            "Statement": [
                {"Effect": "Allow", "Action": f"dynamodb:{action}", "Resource": self.arn(table)}
                | ({"Condition": condition} if condition else {})
                for action, table in statements
            ],
        }
        self.iam.put_user_policy(UserName=USER, PolicyName="p", PolicyDocument=json.dumps(document))

    def arn(self, table: str) -> str:
        return f"arn:aws:dynamodb:{REGION}:{self.account}:table/{table}"


@pytest.fixture(scope="module")
def setup(twin: TwinClient) -> Iterator[Setup]:
    admin = twin.boto3_client("dynamodb", REGION, config=_ONCE)
    for table in TABLES:
        admin.create_table(
            TableName=table,
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
    iam = twin.boto3_client("iam", REGION)
    iam.create_user(UserName=USER)
    key = iam.create_access_key(UserName=USER)["AccessKey"]
    make: Any = boto3.client
    user = make(
        "dynamodb",
        region_name=REGION,
        endpoint_url=twin.addresses["endpoint"],
        aws_access_key_id=key["AccessKeyId"],
        aws_secret_access_key=key["SecretAccessKey"],
        config=_ONCE,
    )
    account = twin.boto3_client("sts", REGION).get_caller_identity()["Account"]
    yield Setup(admin=admin, user=user, iam=iam, account=account)
    for table in TABLES:
        admin.delete_table(TableName=table)


def _key(name: str) -> dict[str, Any]:
    return {"id": {"S": name}}


def _order(client: Any) -> None:
    client.transact_write_items(
        TransactItems=[
            {
                "ConditionCheck": {
                    "TableName": CUSTOMERS,
                    "Key": _key("c"),
                    "ConditionExpression": "attribute_exists(id)",
                }
            },
            {
                "Update": {
                    "TableName": PRODUCTS,
                    "Key": _key("p"),
                    "UpdateExpression": "SET sold = :y",
                    "ExpressionAttributeValues": {":y": {"BOOL": True}},
                }
            },
            {"Put": {"TableName": ORDERS, "Item": _key("o")}},
        ]
    )


def _transact_get(client: Any) -> None:
    client.transact_get_items(TransactItems=[{"Get": {"TableName": ORDERS, "Key": _key("o")}}])


def _batch_write(client: Any) -> None:
    requests = [{"PutRequest": {"Item": _key("b")}}]
    client.batch_write_item(RequestItems={CUSTOMERS: requests, PRODUCTS: requests})


def _batch_get(client: Any) -> None:
    keys = {"Keys": [_key("c")]}
    client.batch_get_item(RequestItems={CUSTOMERS: keys, PRODUCTS: keys})


CALLS: dict[str, tuple[Callable[[Any], object], tuple[Statement, ...]]] = {
    "order": (_order, (("ConditionCheckItem", CUSTOMERS), ("UpdateItem", PRODUCTS), ("PutItem", ORDERS))),
    "transact_get": (_transact_get, (("GetItem", ORDERS),)),
    "batch_write": (_batch_write, (("BatchWriteItem", CUSTOMERS), ("BatchWriteItem", PRODUCTS))),
    "batch_get": (_batch_get, (("BatchGetItem", CUSTOMERS), ("BatchGetItem", PRODUCTS))),
    "get": (lambda c: c.get_item(TableName=ORDERS, Key=_key("o")), (("GetItem", ORDERS),)),
    "put": (lambda c: c.put_item(TableName=ORDERS, Item=_key("x")), (("PutItem", ORDERS),)),
    "delete": (lambda c: c.delete_item(TableName=ORDERS, Key=_key("x")), (("DeleteItem", ORDERS),)),
    "update": (lambda c: c.update_item(TableName=ORDERS, Key=_key("x")), (("UpdateItem", ORDERS),)),
    "scan": (lambda c: c.scan(TableName=ORDERS), (("Scan", ORDERS),)),
    "describe": (lambda c: c.describe_table(TableName=ORDERS), (("DescribeTable", ORDERS),)),
    "query": (
        lambda c: c.query(
            TableName=ORDERS,
            KeyConditionExpression="id = :i",
            ExpressionAttributeValues={":i": {"S": "o"}},
        ),
        (("Query", ORDERS),),
    ),
}
MISSING = [(name, index) for name, (_, needed) in CALLS.items() for index in range(len(needed))]


@pytest.mark.parametrize("name", CALLS)
def test_a_call_works_with_exactly_the_permissions_it_needs(setup: Setup, name: str) -> None:
    call, needed = CALLS[name]
    setup.admin.put_item(TableName=CUSTOMERS, Item=_key("c"))
    setup.allow(*needed)
    call(setup.user)


@pytest.mark.parametrize(("name", "missing"), MISSING)
def test_a_call_is_refused_when_one_of_its_permissions_is_missing(
    setup: Setup, name: str, missing: int
) -> None:
    call, needed = CALLS[name]
    setup.admin.put_item(TableName=CUSTOMERS, Item=_key("c"))
    rest = [statement for index, statement in enumerate(needed) if index != missing]
    setup.allow(*rest, ("ListTables", "none"))
    with pytest.raises(ClientError) as caught:
        call(setup.user)
    assert caught.value.response["Error"]["Code"] == "AccessDeniedException"
    assert f"dynamodb:{needed[missing][0]}" in caught.value.response["Error"]["Message"]


@pytest.mark.parametrize(("name", "moved"), MISSING)
def test_a_permission_on_another_table_is_not_enough(setup: Setup, name: str, moved: int) -> None:
    call, needed = CALLS[name]
    other = [(a, "permissions-others") if index == moved else (a, t) for index, (a, t) in enumerate(needed)]
    setup.allow(*other)
    with pytest.raises(ClientError) as caught:
        call(setup.user)
    assert caught.value.response["Error"]["Code"] == "AccessDeniedException"


def test_the_names_of_transactions_are_no_permissions(setup: Setup) -> None:
    setup.allow(*((f"Transact{kind}Items", table) for kind in ("Write", "Get") for table in TABLES))
    for call in (_order, _transact_get):
        with pytest.raises(ClientError) as caught:
            call(setup.user)
        assert caught.value.response["Error"]["Code"] == "AccessDeniedException"


def test_a_refused_transaction_writes_nothing(setup: Setup) -> None:
    setup.admin.delete_item(TableName=ORDERS, Key=_key("o"))
    setup.admin.delete_item(TableName=PRODUCTS, Key=_key("p"))
    setup.allow(("ConditionCheckItem", CUSTOMERS), ("UpdateItem", PRODUCTS))
    with pytest.raises(ClientError):
        _order(setup.user)
    assert "Item" not in setup.admin.get_item(TableName=PRODUCTS, Key=_key("p"))


@pytest.mark.parametrize(
    ("call", "allowed"),
    [
        (lambda c: c.get_item(TableName=ORDERS, Key=_key("mine")), True),
        (lambda c: c.get_item(TableName=ORDERS, Key=_key("yours")), False),
        (lambda c: c.put_item(TableName=ORDERS, Item=_key("yours")), False),
        (lambda c: c.batch_get_item(RequestItems={ORDERS: {"Keys": [_key("mine"), _key("yours")]}}), False),
        (
            lambda c: c.batch_write_item(RequestItems={ORDERS: [{"DeleteRequest": {"Key": _key("yours")}}]}),
            False,
        ),
        (
            lambda c: c.transact_write_items(
                TransactItems=[{"Put": {"TableName": ORDERS, "Item": _key("mine")}}]
            ),
            True,
        ),
        (
            lambda c: c.transact_write_items(
                TransactItems=[{"Put": {"TableName": ORDERS, "Item": _key("yours")}}]
            ),
            False,
        ),
        (
            lambda c: c.query(
                TableName=ORDERS,
                KeyConditionExpression="id = :i",
                ExpressionAttributeValues={":i": {"S": "yours"}},
            ),
            False,
        ),
    ],
)
def test_leading_keys_limit_a_permission_to_items(
    setup: Setup, call: Callable[[Any], object], allowed: bool
) -> None:
    setup.allow(
        *((action, ORDERS) for action in ("*Item", "Query")),
        condition={"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["mine"]}},
    )
    if allowed:
        call(setup.user)
        return
    with pytest.raises(ClientError) as caught:
        call(setup.user)
    assert caught.value.response["Error"]["Code"] == "AccessDeniedException"


def test_reasons_of_a_cancelled_transaction_stand_by_position_with_the_items(setup: Setup) -> None:
    for table, key in ((CUSTOMERS, "here"), (PRODUCTS, "sold"), (ORDERS, "taken")):
        setup.admin.put_item(TableName=table, Item={**_key(key), "state": {"S": f"old {table}"}})
    old = {"ReturnValuesOnConditionCheckFailure": "ALL_OLD"}

    def write(customer: str, product: str, order: str) -> Any:
        return setup.admin.transact_write_items(
            TransactItems=[
                {
                    "ConditionCheck": {
                        "TableName": CUSTOMERS,
                        "Key": _key(customer),
                        "ConditionExpression": "attribute_exists(id)",
                        **old,
                    }
                },
                {
                    "Update": {
                        "TableName": PRODUCTS,
                        "Key": _key(product),
                        "UpdateExpression": "SET buyer = :b",
                        "ConditionExpression": "attribute_not_exists(#s)",
                        "ExpressionAttributeNames": {"#s": "state"},
                        "ExpressionAttributeValues": {":b": {"S": order}},
                        **old,
                    }
                },
                {
                    "Put": {
                        "TableName": ORDERS,
                        "Item": _key(order),
                        "ConditionExpression": "attribute_not_exists(id)",
                        **old,
                    }
                },
            ]
        )

    for arguments, codes in [
        (("gone", "free", "new"), ["ConditionalCheckFailed", "None", "None"]),
        (("here", "sold", "new"), ["None", "ConditionalCheckFailed", "None"]),
        (("here", "free", "taken"), ["None", "None", "ConditionalCheckFailed"]),
        (("gone", "sold", "taken"), ["ConditionalCheckFailed"] * 3),
    ]:
        with pytest.raises(setup.admin.exceptions.TransactionCanceledException) as caught:
            write(*arguments)
        reasons = caught.value.response["CancellationReasons"]
        assert [reason["Code"] for reason in reasons] == codes
        assert ("Item" in reasons[1]) == (arguments[1] == "sold")
        if arguments[1] == "sold":
            assert reasons[1]["Item"]["state"] == {"S": f"old {PRODUCTS}"}
        assert ("Item" in reasons[2]) == (arguments[2] == "taken")
        assert "Item" not in reasons[0]
    write("here", "free", "new")
    assert setup.admin.get_item(TableName=PRODUCTS, Key=_key("free"))["Item"]["buyer"] == {"S": "new"}
