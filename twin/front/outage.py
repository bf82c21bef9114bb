"""The layer that knows which region a request is for, and cuts requests for a dead one."""

from collections.abc import Callable
from dataclasses import replace

from twin.front.protocol import ASGIApp, ConnectionCutError, Receive, Scope, Send, current_listener
from twin.front.request import Request, listener_of, request_of
from twin.settings import GLOBAL_SERVICES_REGION, HOME_REGIONS


def outage_layer(app: ASGIApp, regions: tuple[str, ...], is_up: Callable[[str], bool]) -> ASGIApp:
    """Give requests at the global endpoint their region, and cut the connection when it is down.

    A region's own listeners are closed while it is down; what is cut here came through the endpoint for all
    regions, or was under way when the region died.
    """

    async def layer(scope: Scope, receive: Receive, send: Send) -> None:
        listener = listener_of(scope)
        if listener.kind == "global":
            listener = replace(listener, region=_region_of(request_of(scope), regions))
            scope["twin"] = listener
        if listener.kind != "arc" and listener.region is not None and not is_up(listener.region):
            raise ConnectionCutError
        current_listener.set(listener)
        await app(scope, receive, send)

    return layer


def _region_of(request: Request, regions: tuple[str, ...]) -> str:
    """As AWS's names would resolve: a global service's home, else the region that is signed for."""
    if request.claim is None:
        return GLOBAL_SERVICES_REGION
    signed = request.claim.single_region
    here = signed if signed is not None and signed in regions else GLOBAL_SERVICES_REGION
    return HOME_REGIONS.get(request.claim.service, here)
