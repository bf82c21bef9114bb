"""KMS, as far as the AWS provider asks for the key that AWS keeps for DynamoDB in a replica's region."""

import uuid
from datetime import UTC, datetime

from twin.aws.own.contract import CallContext, Params, Permission, Result
from twin.aws.own.errors import ServiceError

ALIAS = "alias/aws/dynamodb"
_KEY_ID = str(uuid.uuid5(uuid.NAMESPACE_URL, ALIAS))
"""AWS has another one in each region; here it is the same."""


class Kms:
    """The service `kms`: each region has one key, which AWS manages."""

    botocore_service = "kms"

    def __init__(self, account_id: str) -> None:
        self._account = account_id

    @property
    def operations(self) -> frozenset[str]:
        """The operations that are implemented."""
        return frozenset({"DescribeKey"})

    def permissions(self, operation: str, params: Params) -> list[Permission]:  # noqa: ARG002 - one key
        """On the key, by whatever name it is called (KMS guide, "Controlling access to aliases")."""
        return [Permission(action=f"kms:{operation}", resource=self._arn("{region}", f"key/{_KEY_ID}"))]

    def call(self, operation: str, params: Params, ctx: CallContext) -> Result:  # noqa: ARG002 - one operation
        """Answer DescribeKey. Raises ServiceError NotFoundException."""
        key = f"key/{_KEY_ID}"
        arn = self._arn(ctx.region, key)
        if params["KeyId"] not in (ALIAS, _KEY_ID, arn, self._arn(ctx.region, ALIAS)):
            message = f"{params['KeyId']} is not found: the twin has {ALIAS} only."
            raise ServiceError("NotFoundException", message)
        return {"KeyMetadata": {"AWSAccountId": self._account, "KeyId": _KEY_ID, "Arn": arn, **_METADATA}}

    def _arn(self, region: str, name: str) -> str:
        return f"arn:aws:kms:{region}:{self._account}:{name}"


_METADATA = {
    "CreationDate": datetime(2018, 1, 1, tzinfo=UTC),
    "Enabled": True,
    "Description": "Default key that protects my DynamoDB data when no other key is defined",
    "KeyUsage": "ENCRYPT_DECRYPT",
    "KeyState": "Enabled",
    "Origin": "AWS_KMS",
    "KeyManager": "AWS",
    "KeySpec": "SYMMETRIC_DEFAULT",
    "CustomerMasterKeySpec": "SYMMETRIC_DEFAULT",
    "EncryptionAlgorithms": ["SYMMETRIC_DEFAULT"],
    "MultiRegion": False,
}
