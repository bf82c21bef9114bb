"""Condition keys that IAM has for a call and the emulator leaves out: the namespace of metrics."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import cbor2

from twin.aws.hooks import HookedName, replace
from twin.core import Core

_CONTEXT = HookedName(
    module="ministack.core.iam_actions",
    attribute="request_tag_context",
    signature="(service, iam_action, body, params)",
)
_PUT_METRICS = "cloudwatch:PutMetricData"


def install(core: Core) -> None:
    """Give PutMetricData the condition key cloudwatch:namespace (Service Authorization Reference)."""
    del core
    replace(_CONTEXT, _with_namespace)


def _with_namespace(original: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    def request_tag_context(
        service: str, iam_action: str, body: bytes, params: dict[str, Any]
    ) -> dict[str, Any]:
        found = original(service, iam_action, body, params)
        if iam_action == _PUT_METRICS:
            found["cloudwatch:namespace"] = _namespace(body, params)
        return found

    return request_tag_context


def _namespace(body: bytes, params: Mapping[str, Any]) -> str:
    """In any of CloudWatch's three protocols: form, JSON, CBOR."""
    if "Namespace" in params:
        value = params["Namespace"]
        return str(value[0] if isinstance(value, list) else value)
    try:
        request = json.loads(body) if body.startswith(b"{") else cbor2.loads(body)
    except (ValueError, cbor2.CBORDecodeError):
        return ""
    return str(request.get("Namespace", "")) if isinstance(request, dict) else ""
