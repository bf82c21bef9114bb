"""Who may call a method: AWS_IAM with SigV4 or SigV4a, and the API's resource policy."""

import hashlib
from typing import Any

from ministack.core import iam_evaluator, sigv4

from twin.aws.apigateway import store
from twin.aws.apigateway.answers import GatewayError
from twin.aws.apigateway.call import ApiCall
from twin.aws.hooks import HookedName, declare
from twin.front.protocol import Scope

_SERVICE = "execute-api"
_EVALUATOR = "ministack.core.iam_evaluator"
declare(
    HookedName(module=_EVALUATOR, attribute="resolve_caller_identity", signature="(access_key_id)"),
    HookedName(
        module="ministack.core.sigv4", attribute="foreign_authorization_failure", signature="(headers)"
    ),
    HookedName(module="ministack.services.apigateway_v1", attribute="_anonymous_policy_error"),
    HookedName(module="ministack.services.apigateway_v1", attribute="_AUTHENTICATION_GATEWAY_ERRORS"),
)


def authorise(call: ApiCall, scope: Scope) -> None:
    """Raise GatewayError unless the caller may invoke the call's method; fills in the caller's identity.

    Works in the API's account and region (`request_scope`).
    """
    call.identity |= {"sourceIp": call.source_ip, "userAgent": call.header("user-agent")}
    if call.route is None:
        raise RuntimeError("a call is authorised after it is routed")
    if call.route.method.get("authorizationType") != "AWS_IAM":
        _check_anonymous(call)
        return
    claim = call.request.claim
    if claim is None:
        _refuse_unsigned(call)
    elif claim.service != _SERVICE:
        message = f"Credential should be scoped to correct service: '{_SERVICE}'. "
        raise _authentication_error("SignatureDoesNotMatch", message)
    _check_payload_hash(call)
    key = claim.access_key if claim else ""
    iam_evaluator.pin_signed_request(call.method, call.request.raw_path, call.query, scope["headers"])
    iam_evaluator.pin_signed_body(call.request.body)
    arn = method_arn(call)
    denied = iam_evaluator.enforce(key, "execute-api:Invoke", "apigateway", call.region, arn, {})
    if denied is not None:
        raise _refusal(denied, arn, call.account)
    _remember_caller(call, key)


def method_arn(call: ApiCall, path: str | None = None) -> str:
    """What execute-api:Invoke is asked on: the path called, or another one such as the resource's."""
    shown = call.path if path is None else path
    return (
        f"arn:aws:execute-api:{call.region}:{call.account}:{call.api_id}/{call.stage_name}/"
        f"{call.method}/{shown.lstrip('/')}"
    )


def _check_anonymous(call: ApiCall) -> None:
    """A method without authorisation is still under the API's resource policy."""
    error = store.emulated._anonymous_policy_error(
        call.api_id, call.stage_name, call.method, call.path, call.account, call.region
    )
    if error is not None:
        raise GatewayError(error.response_type, error.message)


def _refuse_unsigned(call: ApiCall) -> None:
    if not call.header("authorization"):
        raise GatewayError("MISSING_AUTHENTICATION_TOKEN", "Missing Authentication Token")
    failure = sigv4.foreign_authorization_failure(call.request.headers)
    if failure is not None:
        raise _authentication_error(*failure)


def _check_payload_hash(call: ApiCall) -> None:
    """API Gateway hashes the body itself; the emulator would take the header's word for it.

    UNSIGNED-PAYLOAD is S3's alone: elsewhere such signatures do not match (aws/aws-sdk-java-v2, issue 5581).
    """
    claimed = call.header("x-amz-content-sha256")
    if claimed and claimed != hashlib.sha256(call.request.body).hexdigest():
        message = "The request signature we calculated does not match the signature you provided. "
        raise _authentication_error("SignatureDoesNotMatch", message)


def _refusal(denied: Any, arn: str, account: str) -> GatewayError:
    if isinstance(denied, iam_evaluator.AuthError):
        return _authentication_error(denied.code, denied.message)
    if denied.decision == "Deny":
        reason = "with an explicit deny in an identity-based policy"
    else:
        reason = "because no identity-based policy allows the execute-api:Invoke action"
    # API Gateway hides most of the account's number from callers.
    hidden = arn.replace(f":{account}:", f":********{account[-4:]}:", 1)
    return GatewayError(
        "ACCESS_DENIED",
        f"User: {denied.principal_arn} is not authorized to perform: execute-api:Invoke "
        f"on resource: {hidden} {reason}",
    )


def _authentication_error(code: str, message: str) -> GatewayError:
    known = store.emulated._AUTHENTICATION_GATEWAY_ERRORS
    kind, error_type = known.get(code, ("DEFAULT_4XX", "UnrecognizedClientException"))
    return GatewayError(kind, message, status=403, error_type=error_type)


def _remember_caller(call: ApiCall, key: str) -> None:
    found = iam_evaluator.resolve_caller_identity(key) or {}
    call.identity |= {
        "accessKey": found.get("accessKey"),
        "accountId": found.get("accountId"),
        "caller": found.get("userId"),
        "user": found.get("userId"),
        "userArn": found.get("userArn"),
        "principalOrgId": found.get("principalOrgId"),
    }
