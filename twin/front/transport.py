"""Plain HTTP addresses of the twin stand for AWS's HTTPS endpoints."""

from twin.front.protocol import ASGIApp, Receive, Scope, Send


def transport_layer(app: ASGIApp) -> ASGIApp:
    """Tell the emulator that a request came over TLS.

    Policies that allow TLS only (condition `aws:SecureTransport`) then decide as they do on AWS, where
    clients have no other endpoint. Nothing leaves the loopback network either way.
    """

    async def layer(scope: Scope, receive: Receive, send: Send) -> None:
        scope["scheme"] = "https"
        await app(scope, receive, send)

    return layer
