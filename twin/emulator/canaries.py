"""What a canary needs of the emulated services: its code from S3, a role that Lambda may assume."""

import ministack.services.lambda_svc as emulated
from ministack.core.responses import request_scope

from twin.emulator.hooks import HookedName, declare
from twin.emulator.permissions import role_trusts
from twin.services.synthetics_rules import invalid

_MODULE = "ministack.services.lambda_svc"
declare(
    HookedName(module=_MODULE, attribute="_fetch_code_from_s3", signature="(bucket, key, version_id)"),
    HookedName(module=_MODULE, attribute="s3_code_region_message", signature="(bucket, layer)"),
)
_LAMBDA = "lambda.amazonaws.com"


def code_in_s3(account: str, region: str, bucket: str, key: str) -> bytes:
    """The bytes of an object in a bucket of the region; raises ValidationException."""
    with request_scope(account, region):
        elsewhere = emulated.s3_code_region_message(bucket)
        found = None if elsewhere else emulated._fetch_code_from_s3(bucket, key, None)
    if elsewhere:
        raise invalid(str(elsewhere))
    if found is None:
        raise invalid(f"The canary's code was not found in S3: {bucket}/{key}")
    return bytes(found)


def role_refusal(account: str, role: str) -> str:
    """Why Lambda cannot take a role, "" when it can."""
    with request_scope(account, "us-east-1"):
        trusted = role_trusts(role.rpartition("/")[2], _LAMBDA)
    return "" if trusted else "The role defined for the function cannot be assumed by Lambda."
