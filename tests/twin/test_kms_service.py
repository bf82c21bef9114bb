"""KMS's one key: what AWS keeps for DynamoDB, by each of its names."""

from typing import Any

import pytest

from tests.fakes.own_services import ACCOUNT_ID, InProcess
from twin.aws.kms.service import ALIAS, Kms

REGION = "us-west-2"


@pytest.fixture
def served() -> InProcess:
    return InProcess(Kms(ACCOUNT_ID))


@pytest.fixture
def kms(served: InProcess) -> Any:
    return served.client("kms", REGION)


def test_the_key_for_dynamodb_is_found_by_alias_id_and_arn(kms: Any) -> None:
    found = kms.describe_key(KeyId=ALIAS)["KeyMetadata"]
    assert (found["KeyManager"], found["KeyState"], found["Enabled"]) == ("AWS", "Enabled", True)
    assert found["Arn"] == f"arn:aws:kms:{REGION}:{ACCOUNT_ID}:key/{found['KeyId']}"
    for name in (found["KeyId"], found["Arn"], f"arn:aws:kms:{REGION}:{ACCOUNT_ID}:{ALIAS}"):
        assert kms.describe_key(KeyId=name)["KeyMetadata"] == found


def test_another_key_is_not_found(kms: Any) -> None:
    with pytest.raises(kms.exceptions.NotFoundException, match="alias/other is not found"):
        kms.describe_key(KeyId="alias/other")


def test_the_permission_is_on_the_key_and_not_on_its_alias(served: InProcess, kms: Any) -> None:
    arn = kms.describe_key(KeyId=ALIAS)["KeyMetadata"]["Arn"]
    assert [(asked.action, asked.resource) for asked in served.asked] == [("kms:DescribeKey", arn)]
