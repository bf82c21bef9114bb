"""Tables restored to a second of the past, through boto3."""

import time
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.waiting import until
from twin.client import TwinClient

pytestmark = pytest.mark.twin
_numbers = count()


@pytest.fixture
def dynamodb(twin: TwinClient) -> Any:
    return twin.boto3_client("dynamodb", "us-east-1")


@pytest.fixture
def table(dynamodb: Any) -> str:
    name = f"restorable-{next(_numbers)}"
    dynamodb.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    return name


def recoverable(dynamodb: Any, table: str, *, enabled: bool = True) -> None:
    specification = {"PointInTimeRecoveryEnabled": enabled}
    dynamodb.update_continuous_backups(TableName=table, PointInTimeRecoverySpecification=specification)


def put(dynamodb: Any, table: str, key: str, text: str) -> None:
    dynamodb.put_item(TableName=table, Item={"id": {"S": key}, "text": {"S": text}})


def texts(dynamodb: Any, table: str) -> dict[str, str]:
    return {item["id"]["S"]: item["text"]["S"] for item in dynamodb.scan(TableName=table)["Items"]}


def full_second() -> datetime:
    """A second that has begun: everything before this call is older, everything after it younger."""
    moment = int(time.time()) + 1
    until(lambda: time.time() > moment, "the next second")
    return datetime.fromtimestamp(moment, UTC)


def restore(dynamodb: Any, table: str, **when: Any) -> str:
    target = f"{table}-before"
    dynamodb.restore_table_to_point_in_time(SourceTableName=table, TargetTableName=target, **when)
    return target


def test_a_restored_table_has_what_there_was_at_the_second_and_nothing_younger(
    dynamodb: Any, table: str
) -> None:
    recoverable(dynamodb, table)
    for key in ("kept", "changed", "removed"):
        put(dynamodb, table, key, "before")
    moment = full_second()
    put(dynamodb, table, "changed", "after")
    put(dynamodb, table, "new", "after")
    dynamodb.delete_item(TableName=table, Key={"id": {"S": "removed"}})

    before = restore(dynamodb, table, RestoreDateTime=moment)

    assert texts(dynamodb, before) == {"kept": "before", "changed": "before", "removed": "before"}
    assert texts(dynamodb, table) == {"kept": "before", "changed": "after", "new": "after"}
    description = dynamodb.describe_table(TableName=before)["Table"]
    assert description["ItemCount"] == 3
    assert not description.get("Replicas")
    assert not description.get("StreamSpecification")


def test_the_latest_moment_is_now(dynamodb: Any, table: str) -> None:
    recoverable(dynamodb, table)
    put(dynamodb, table, "one", "now")
    assert texts(dynamodb, restore(dynamodb, table, UseLatestRestorableTime=True)) == {"one": "now"}


@pytest.mark.parametrize(
    ("when", "code"),
    [
        ({}, "ValidationException"),
        ({"RestoreDateTime": datetime.now(UTC) - timedelta(days=1)}, "InvalidRestoreTimeException"),
        ({"RestoreDateTime": datetime.now(UTC) + timedelta(days=1)}, "InvalidRestoreTimeException"),
    ],
    ids=["no time", "before recovery was on", "in the future"],
)
def test_a_time_that_cannot_be_restored_to_is_refused(
    dynamodb: Any, table: str, when: dict[str, Any], code: str
) -> None:
    recoverable(dynamodb, table)
    with pytest.raises(ClientError) as refused:
        restore(dynamodb, table, **when)
    assert refused.value.response["Error"]["Code"] == code
    assert f"{table}-before" not in dynamodb.list_tables()["TableNames"]


def test_without_recovery_nothing_is_restored(dynamodb: Any, table: str) -> None:
    recoverable(dynamodb, table)
    recoverable(dynamodb, table, enabled=False)
    with pytest.raises(ClientError) as refused:
        restore(dynamodb, table, UseLatestRestorableTime=True)
    assert refused.value.response["Error"]["Code"] == "PointInTimeRecoveryUnavailableException"
