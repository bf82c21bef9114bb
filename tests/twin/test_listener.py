"""One listener: what its requests carry, how it is closed and opened again."""

import asyncio
import socket
from collections.abc import Awaitable, Callable

import pytest

from twin.front.protocol import ListenerInfo, Receive, Scope, Send
from twin.front.request import answer
from twin.net.listener import Listener, bind, reset
from twin.net.ports import Address

INFO = ListenerInfo(region="us-west-2", tls=False, kind="region")
REQUEST = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
Scenario = Callable[[Listener], Awaitable[None]]


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["path"] == "/cut":
        scope["twin.cut"]()
        return
    await answer(send, 200, {}, str(scope["twin"].region).encode())


def free_address() -> Address:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return Address(host="127.0.0.1", port=probe.getsockname()[1])


def with_listener(scenario: Scenario) -> None:
    async def run() -> None:
        listener = Listener(free_address(), INFO)
        listener.bind()
        await listener.serve(app)
        try:
            async with asyncio.timeout(10):
                await scenario(listener)
        finally:
            await listener.close()

    asyncio.run(run())


async def connect(listener: Listener) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await asyncio.open_connection(listener.address.host, listener.address.port)


def test_requests_carry_the_listener_they_came_by() -> None:
    async def scenario(listener: Listener) -> None:
        reader, writer = await connect(listener)
        writer.write(REQUEST)
        assert await reader.readuntil(b"us-west-2")
        writer.close()

    with_listener(scenario)


def test_answers_are_not_held_back_by_nagle_s_algorithm() -> None:
    sock = bind(free_address())
    sock.setblocking(True)
    with sock, socket.create_connection(sock.getsockname()), sock.accept()[0] as accepted:
        assert accepted.proto == socket.IPPROTO_TCP  # what asyncio looks at before it sets TCP_NODELAY


def test_a_cut_connection_is_reset_without_an_answer() -> None:
    async def scenario(listener: Listener) -> None:
        reader, writer = await connect(listener)
        writer.write(b"GET /cut HTTP/1.1\r\nHost: x\r\n\r\n")
        with pytest.raises(ConnectionResetError):
            await reader.read()
        writer.close()

    with_listener(scenario)


class ForgottenTransport(asyncio.Transport):
    """As asyncio's TLS transport after a second close."""

    def get_extra_info(self, name: str, default: object = None) -> object:
        raise AttributeError("'NoneType' object has no attribute '_get_extra_info'")


def test_a_connection_that_is_gone_already_is_not_reset() -> None:
    reset(ForgottenTransport())


def test_closing_resets_open_connections_and_refuses_new_ones() -> None:
    async def scenario(listener: Listener) -> None:
        reader, writer = await connect(listener)
        writer.write(REQUEST)
        await reader.readuntil(b"us-west-2")
        await listener.close()
        with pytest.raises(ConnectionResetError):
            await reader.read()
        with pytest.raises(ConnectionRefusedError):
            await connect(listener)
        await listener.reopen()
        await listener.reopen()  # open already
        reader, writer = await connect(listener)
        writer.write(REQUEST)
        await reader.readuntil(b"us-west-2")
        writer.close()

    with_listener(scenario)


def test_a_listener_gives_way_only_when_it_is_optional() -> None:
    async def scenario(listener: Listener) -> None:
        for optional in (True, False):
            other = Listener(listener.address, INFO, optional=optional)
            if optional:
                await other.reopen()
                continue
            with pytest.raises(OSError, match="in use"):
                await other.reopen()

    with_listener(scenario)
