"""All layers in front of the emulator, put together."""

import logging

from twin.core import Core
from twin.front.allow_list import allow_list_layer
from twin.front.credentials import credentials_layer
from twin.front.data_plane import data_plane_layer, is_in_zone
from twin.front.faults import faults_layer
from twin.front.function_code import function_code_layer
from twin.front.outage import outage_layer
from twin.front.protocol import ASGIApp, ConnectionCutError, Receive, Scope, Send
from twin.front.request import BodyTooLargeError, ClientGoneError, answer, read_request, replay
from twin.front.transport import transport_layer

_log = logging.getLogger(__name__)


def assemble(core: Core, emulator: ASGIApp) -> ASGIApp:
    """The whole stack, from reading over outages, credentials and faults down to the emulator."""
    in_zone = is_in_zone(core.settings.hosted_zone)
    app = transport_layer(emulator)
    for fixup in reversed(core.fixups):
        app = fixup(app)
    app = data_plane_layer(app)
    if core.own_services is not None:
        app = core.own_services(app)
    app = faults_layer(app, core.faults, core.outages.is_up)
    for watcher in core.watchers:
        app = watcher(app)
    app = allow_list_layer(app, in_zone)
    app = credentials_layer(app, in_zone)
    app = function_code_layer(app, lambda token: core.function_code(token))
    app = outage_layer(app, core.settings.regions, core.outages.is_up)
    return reading_layer(app)


def reading_layer(app: ASGIApp) -> ASGIApp:
    """Read each request whole, once, and turn a ConnectionCutError into an aborted connection."""

    async def layer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        try:
            request = await read_request(scope, receive)
        except ClientGoneError:
            return
        except BodyTooLargeError:
            await answer(send, 413, {"connection": "close"}, b"")
            return
        scope["twin.request"] = request
        try:
            await app(scope, replay(request.body, receive), send)
        except ConnectionCutError:
            scope["twin.cut"]()

    return layer
