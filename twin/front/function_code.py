"""The addresses that Lambda's GetFunction gives for a function's code: secret, and good for a while."""

from collections.abc import Callable

from twin.front.protocol import ASGIApp, Receive, Scope, Send
from twin.front.request import answer, request_of

PATH_PREFIX = "/_function-code/"
_REFUSED = b"<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>"


def function_code_layer(app: ASGIApp, code_of: Callable[[str], bytes | None]) -> ASGIApp:
    """Answer such an address with the archive; `code_of(token)` is None once the token is no longer good."""

    async def layer(scope: Scope, receive: Receive, send: Send) -> None:
        request = request_of(scope)
        if not request.path.startswith(PATH_PREFIX):
            await app(scope, receive, send)
            return
        code = code_of(request.path.removeprefix(PATH_PREFIX)) if request.method == "GET" else None
        if code is None:
            await answer(send, 403, {"content-type": "application/xml"}, _REFUSED)
        else:
            await answer(send, 200, {"content-type": "application/zip"}, code)

    return layer
