"""The layer that names the operation of every request, and answers 501 for those the twin does not have."""

from collections.abc import Callable

from twin.front.aws_errors import not_in_the_twin, render
from twin.front.data_plane import is_data_plane
from twin.front.identify import identify
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
                await app(scope, receive, send)
                return
        service = call.service if call else _claimed_service(scope)
        error = not_in_the_twin(service, request.operation, request.method, request.path)
        await answer(send, *render(service, call.protocol if call else "rest-json", error))

    return layer


def _claimed_service(scope: Scope) -> str:
    claim = request_of(scope).claim
    return claim.service if claim else "unknown"
