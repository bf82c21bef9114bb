"""CloudWatch's query protocol, answered from what the emulator answers in JSON.

By itself it leaves out of its XML most of what an alarm, a metric or an event of the history is made of.
"""

import json
from collections.abc import Awaitable, Callable, Mapping
from functools import cache
from typing import Any
from urllib.parse import parse_qs

import botocore.session
import ministack.services.cloudwatch as emulated
from botocore.model import ServiceModel

from twin.aws.hooks import HookedName, declare, replace
from twin.aws.own.query_protocol import parameters, result_xml
from twin.core import Core

_MODULE = "ministack.services.cloudwatch"
declare(HookedName(module=_MODULE, attribute="_xml", signature="(status, root_tag, inner)"))
Answer = tuple[int, dict[str, str], bytes]
Handler = Callable[..., Awaitable[Answer]]


def install(core: Core) -> None:
    """Hook the service's entrance."""
    del core
    replace(
        HookedName(
            module=_MODULE,
            attribute="handle_request",
            signature="(method, path, headers, body, query_params)",
        ),
        _translating,
    )


@cache
def _model() -> ServiceModel:
    return botocore.session.Session().get_service_model("cloudwatch")


def _translating(original: Handler) -> Handler:
    async def handle_request(
        method: str, path: str, headers: Mapping[str, str], body: bytes, query_params: Mapping[str, Any]
    ) -> Answer:
        named = headers.get("x-amz-target") or "/operation/" in path
        form = dict(query_params) | parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True)
        action = emulated._p(form, "Action")
        if named or action not in _model().operation_names:
            return await original(method, path, headers, body, query_params)
        operation = _model().operation_model(action)
        as_json = {
            "content-type": "application/x-amz-json-1.0",
            "x-amz-target": f"{_model().metadata['targetPrefix']}.{action}",
        }
        document = json.dumps(parameters(operation, form)).encode()
        status, _, answer = await original(method, "/", as_json, document, {})
        found = json.loads(answer or b"{}")
        if status >= 400:
            return tuple(emulated._error(found["__type"], found["message"], status))
        return tuple(emulated._xml(status, f"{action}Response", result_xml(operation, found)))

    return handle_request
