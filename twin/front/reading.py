"""The outermost layer: reads each request whole, once, and cuts the connections that the twin cuts."""

from twin.front.protocol import ASGIApp, ConnectionCutError, Receive, Scope, Send
from twin.front.request import BodyTooLargeError, ClientGoneError, answer, read_request, replay


def reading_layer(app: ASGIApp) -> ASGIApp:
    """Reads each request whole, once, and turns a ConnectionCutError into an aborted connection."""

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
