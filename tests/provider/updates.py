"""One field of each resource type that can be updated in place, and another value for it."""

import copy
from collections.abc import Callable, Mapping
from typing import Any

Another = Callable[[Any], Any]
Json = dict[str, Any]


def _tagged(tags: Mapping[str, str]) -> dict[str, str]:
    return {**tags, "Updated": "yes"}


def _with_id(policy: str) -> str:
    """A policy with another text and the same meaning."""
    return policy.replace('"Version": "2012-10-17"', '"Id": "updated", "Version": "2012-10-17"')


def _more(number: int) -> int:
    return number + 1


def _words(text: str | None) -> str:
    return f"{text or ''} updated".strip()


def _no(_: bool) -> bool:
    return False


UPDATES: Mapping[str, tuple[str, Another]] = {
    "aws_acm_certificate": ("tags", _tagged),
    "aws_api_gateway_deployment": ("description", _words),
    "aws_api_gateway_domain_name": ("tags", _tagged),
    "aws_api_gateway_method_settings": ("settings.0.throttling_burst_limit", _more),
    "aws_api_gateway_rest_api": ("description", _words),
    "aws_api_gateway_stage": ("description", _words),
    "aws_cloudwatch_composite_alarm": ("alarm_description", _words),
    "aws_cloudwatch_dashboard": ("dashboard_body", lambda _: '{"widgets": []}'),
    "aws_cloudwatch_log_group": ("retention_in_days", lambda _: 14),
    "aws_cloudwatch_metric_alarm": ("alarm_description", _words),
    "aws_dynamodb_table": ("deletion_protection_enabled", _no),
    "aws_dynamodb_table_item": ("item", lambda item: item.replace("{", '{"Updated": {"BOOL": true}, ', 1)),
    "aws_dynamodb_table_replica": ("deletion_protection_enabled", _no),
    "aws_iam_policy": ("policy", _with_id),
    "aws_iam_role": ("description", _words),
    "aws_iam_role_policy": ("policy", _with_id),
    "aws_lambda_function": ("timeout", _more),
    "aws_route53_health_check": ("tags", _tagged),
    "aws_route53_record": ("ttl", _more),
    "aws_route53recoverycontrolconfig_control_panel": ("name", lambda name: f"{name}-2"),
    "aws_route53recoverycontrolconfig_routing_control": ("name", lambda name: f"{name}-2"),
    "aws_s3_bucket": ("tags", _tagged),
    "aws_s3_bucket_lifecycle_configuration": (
        "rule.0.abort_incomplete_multipart_upload.0.days_after_initiation",
        _more,
    ),
    "aws_s3_bucket_policy": ("policy", _with_id),
    "aws_s3_bucket_public_access_block": ("ignore_public_acls", _no),
    "aws_s3_bucket_server_side_encryption_configuration": ("rule.0.bucket_key_enabled", lambda _: True),
    "aws_s3_bucket_versioning": ("versioning_configuration.0.status", lambda _: "Suspended"),
    "aws_s3_object": ("tags", _tagged),
    "aws_sfn_state_machine": ("definition", lambda text: text.replace('"Creates', '"Updated: creates')),
    "aws_sns_topic": ("display_name", _words),
    "aws_sns_topic_policy": ("policy", _with_id),
    "aws_synthetics_canary": ("success_retention_period", lambda _: 30),
}
"""By type: the path of the field, and what makes another value of the one that it has."""


def updated(configuration: Json) -> Json:
    """The configuration with that field changed in every resource."""
    changed = copy.deepcopy(configuration)
    for kind, resources in changed["resource"].items():
        if kind in UPDATES:
            path, another = UPDATES[kind]
            for block in resources.values():
                _change(block, path.split("."), another)
    return changed


def _change(block: Any, path: list[str], another: Another) -> None:
    first, *rest = path
    key: Any = int(first) if isinstance(block, list) else first
    if rest:
        _change(block[key], rest, another)
    else:
        block[key] = another(block.get(key))
