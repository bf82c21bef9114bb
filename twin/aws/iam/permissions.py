"""What IAM lets a service do for a customer: with a role, or by a resource's policy naming the service."""

import json
from collections.abc import Mapping
from typing import Any

import ministack.services.iam as iam
from ministack.core import iam_evaluator

from twin.aws.hooks import HookedName, declare

_EVALUATOR = "ministack.core.iam_evaluator"
declare(
    HookedName(module=_EVALUATOR, attribute="_gather_role_policies", signature="(role_name, account_id)"),
    HookedName(module=_EVALUATOR, attribute="evaluate", signature="(ctx, policies, *limits)"),
    HookedName(
        module=_EVALUATOR,
        attribute="evaluate_resource_policy",
        signature="(doc, ctx, service, named_only, direct_only)",
    ),
    HookedName(module=_EVALUATOR, attribute="EvalContext"),
    HookedName(module=_EVALUATOR, attribute="_service_principal_matches", signature="(principal, service)"),
    HookedName(module="ministack.services.iam", attribute="_roles"),
)


def role_allows(
    role_arn: str,
    account: str,
    region: str,
    action: str,
    resource: str,
    keys: Mapping[str, str] | None = None,
) -> bool:
    """Whether a role's policies allow an action; a role that is gone allows nothing.

    `keys` are condition keys of the request, in lower case.
    """
    name = role_arn.rpartition("/")[2]
    policies = iam_evaluator._gather_role_policies(name, account)
    arn = f"arn:aws:sts::{account}:assumed-role/{name}/service"
    context = _context(arn, "AssumedRole", account, region, action, resource, keys or {})
    return bool(iam_evaluator.evaluate(context, policies).decision == "Allow")


def policy_allows_service(
    policy: Any, service: str, account: str, region: str, action: str, resource: str, source_arn: str
) -> bool:
    """Whether a resource's policy lets a service act for `source_arn`."""
    keys = {"aws:sourcearn": source_arn, "aws:sourceaccount": account}
    context = _context(service, "Service", account, region, action, resource, keys)
    return bool(iam_evaluator.evaluate_resource_policy(policy, context, service).decision == "Allow")


def _context(
    arn: str, kind: str, account: str, region: str, action: str, resource: str, keys: Mapping[str, str]
) -> Any:
    return iam_evaluator.EvalContext(
        principal_arn=arn,
        principal_type=kind,
        principal_account=account,
        action=action,
        resource_arn=resource,
        region=region,
        secure_transport=True,  # AWS's services call each other over TLS
        service_context=dict(keys),
    )


def role_trusts(role_name: str, service: str) -> bool:
    """Whether a role of the current account exists and lets a service assume it."""
    role = iam._roles.get(role_name)
    if role is None:
        return False
    document = role.get("AssumeRolePolicyDocument") or "{}"
    policy = json.loads(document) if isinstance(document, str) else document
    statements = policy.get("Statement") or []
    return any(
        statement.get("Effect") == "Allow"
        and "sts:AssumeRole" in _listed(statement.get("Action"))
        and iam_evaluator._service_principal_matches(statement.get("Principal"), service)
        for statement in _listed(statements)
    )


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
