"""Whether IAM lets a caller do something, asked for services that the emulator does not have."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from ministack.core import iam_evaluator, responses

from twin.aws.hooks import HookedName, declare
from twin.aws.own.contract import Permission
from twin.front.protocol import Scope
from twin.front.request import Request

_EVALUATOR = "ministack.core.iam_evaluator"
declare(
    HookedName(module=_EVALUATOR, attribute="find_iam_access_key_account", signature="(access_key_id)"),
    HookedName(
        module=_EVALUATOR,
        attribute="pin_signed_request",
        signature="(method, raw_path, query_params, raw_headers, handshake)",
    ),
    HookedName(module=_EVALUATOR, attribute="pin_signed_body", signature="(body)"),
    HookedName(
        module=_EVALUATOR,
        attribute="enforce",
        signature="(access_key_id, iam_action, service, region, resource_arn, service_context)",
    ),
    HookedName(
        module=_EVALUATOR, attribute="resolve_principal", signature="(access_key_id, account_id, credential)"
    ),
    HookedName(
        module="ministack.core.responses", attribute="set_request_account_id", signature="(access_key_id)"
    ),
    HookedName(module="ministack.core.responses", attribute="set_request_region", signature="(region)"),
    HookedName(module="ministack.core.responses", attribute="get_account_id", signature="()"),
)


@dataclass(frozen=True, kw_only=True)
class Caller:
    """Who made a request."""

    account_id: str
    arn: str


class RefusedError(Exception):
    """The signature is wrong or IAM does not allow the call; `code` and `status` are AWS's."""

    def __init__(self, code: str, message: str, status: int) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status


def authorise(scope: Scope, request: Request, region: str, permissions: list[Permission]) -> Caller:
    """Check a request's signature and each permission; raises RefusedError."""
    key = request.claim.access_key if request.claim else ""
    service = request.claim.service if request.claim else ""
    responses.set_request_account_id(iam_evaluator.find_iam_access_key_account(key) or key)
    responses.set_request_region(region)
    query = parse_qs(request.query_string, keep_blank_values=True)
    iam_evaluator.pin_signed_request(request.method, request.raw_path, query, scope["headers"])
    iam_evaluator.pin_signed_body(request.body)
    for permission in permissions:
        denied = iam_evaluator.enforce(
            key, permission.action, service, region, permission.resource, dict(permission.context or {})
        )
        if denied is not None:
            raise _refusal(denied, permission)
    account = responses.get_account_id()
    return Caller(account_id=account, arn=iam_evaluator.resolve_principal(key, account).arn)


def _refusal(denied: Any, permission: Permission) -> RefusedError:
    if isinstance(denied, iam_evaluator.AuthError):
        return RefusedError(denied.code, denied.message, 403)
    reason = (
        "with an explicit deny in an identity-based policy"
        if denied.decision == "Deny"
        else f"because no identity-based policy allows the {permission.action} action"
    )
    return RefusedError(
        "AccessDeniedException",
        f"User: {denied.principal_arn} is not authorized to perform: {permission.action} "
        f"on resource: {permission.resource} {reason}",
        403,
    )
