"""The layer that names the operation of every request, and answers 501 for those the twin does not have."""

import json
from collections.abc import Callable

from twin.front.aws_errors import AwsError, not_in_the_twin, not_json, render
from twin.front.data_plane import is_data_plane
from twin.front.identify import AwsCall, identify
from twin.front.operations import is_in_the_twin
from twin.front.protocol import ASGIApp, Receive, Scope, Send
from twin.front.request import answer, listener_of, request_of

ARC_CLUSTER = "route53-recovery-cluster"


def allow_list_layer(app: ASGIApp, domain_of: Callable[[str], bool]) -> ASGIApp:
    """Fill in a request's service and operation; pass on what the twin has, refuse the rest by name."""

    async def layer(scope: Scope, receive: Receive, send: Send) -> None:
        request = request_of(scope)
        if is_data_plane(request, domain_of):
            request.service, request.operation, request.protocol = "execute-api", "Invoke", "rest-json"
            await app(scope, receive, send)
            return
        call = identify(request)
        if call is not None:
            request.service, request.operation, request.protocol = call.service, call.operation, call.protocol
            served_here = (call.service == ARC_CLUSTER) == (listener_of(scope).kind == "arc")
            if served_here and is_in_the_twin(call.service, call.operation):
                if call.protocol == "json" and not _is_json_object(request.body):
                    await answer(send, *render(call.service, call.protocol, not_json()))
                    return
                await app(scope, receive, send)
                return
        service = call.service if call else _claimed_service(scope)
        error = _refusal(call) or not_in_the_twin(service, request.operation, request.method, request.path)
        await answer(send, *render(service, call.protocol if call else "rest-json", error))

    return layer


def _is_json_object(body: bytes) -> bool:
    try:
        return isinstance(json.loads(body or b"{}"), dict)
    except ValueError:
        return False


def _refusal(call: AwsCall | None) -> AwsError | None:
    """What the twin has, but not where it was asked for."""
    if call is None or call.service != ARC_CLUSTER or not is_in_the_twin(call.service, call.operation):
        return None
    message = (
        f"not in the twin at this address: {call.service}.{call.operation}; a cluster answers at its own "
        "endpoints only, which DescribeCluster lists (the SDKs' endpoint_url, the AWS CLI's --endpoint-url)"
    )
    return AwsError(code="NotImplemented", message=message, status=501)


def _claimed_service(scope: Scope) -> str:
    claim = request_of(scope).claim
    return claim.service if claim else "unknown"
