"""What a canary needs of the emulated services: code from S3, its role, metrics of its runs."""

from collections.abc import Mapping
from typing import Final

import ministack.services.lambda_svc as emulated
from ministack.core.responses import request_scope

from twin.aws.cloudwatch import service_metrics
from twin.aws.hooks import HookedName, declare
from twin.aws.iam.permissions import role_allows, role_trusts
from twin.aws.iam.role_sessions import role_session
from twin.aws.lambda_runtime.function_spec import FunctionSpec
from twin.aws.synthetics.rules import invalid
from twin.aws.synthetics.state import Canary, Run

_MODULE = "ministack.services.lambda_svc"
declare(
    HookedName(module=_MODULE, attribute="_fetch_code_from_s3", signature="(bucket, key, version_id)"),
    HookedName(module=_MODULE, attribute="s3_code_region_message", signature="(bucket, layer)"),
)
_LAMBDA = "lambda.amazonaws.com"
# STS API, AssumeRole: RoleSessionName.
_SESSION_NAME_LENGTH: Final = 64
_NAMESPACE: Final = "CloudWatchSynthetics"


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


def credentials(spec: FunctionSpec) -> Mapping[str, str]:
    """A session of the canary's role, a new one for each run."""
    return role_session(spec.account, spec.role, spec.name[:_SESSION_NAME_LENGTH])


def record_run(canary: Canary, run: Run) -> None:
    """The metrics of one run, which AWS's runtime puts with the canary's role: without the right, none."""
    keys = {"cloudwatch:namespace": _NAMESPACE}
    role = canary.definition.role
    if not role_allows(role, canary.account, canary.region, "cloudwatch:PutMetricData", "*", keys):
        return
    dimensions = {"CanaryName": canary.name}
    with request_scope(canary.account, canary.region):
        service_metrics.record(_NAMESPACE, "SuccessPercent", 100.0 * run.passed, "Percent", dimensions)
        service_metrics.record(_NAMESPACE, "Duration", run.seconds * 1000, "Milliseconds", dimensions)
        service_metrics.record(_NAMESPACE, "Failed", float(not run.passed), "Count", dimensions)
