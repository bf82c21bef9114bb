"""DynamoDB with canned answers, in a process of its own: it takes no turns of the measured interpreter."""

import asyncio
import json
import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import Final

HOST: Final = "127.0.0.1"

_ORDER: Final = {
    "OrderId": {"S": "01K0ORDER0000000000000000C"},
    "ProductId": {"S": "01K0PRODUCT00000000000000B"},
    "CustomerId": {"S": "01K0CUSTOMER0000000000000A"},
    "OrderStatus": {"S": "CONFIRMED"},
    "OrderTotal": {"N": "100"},
    "CreatedAt": {"S": "2026-11-24T12:00:00.000000Z"},
    "Region": {"S": "us-east-1"},
}
_ANSWERS: Final = {
    "DynamoDB_20120810.GetItem": {"Item": _ORDER},
    "DynamoDB_20120810.TransactWriteItems": {},
}


@contextmanager
def running() -> Iterator[str]:
    """The server's URL; it ends with the block."""
    receiver, sender = multiprocessing.Pipe(duplex=False)
    # A fresh interpreter: a forked one would begin with everything that this process has loaded.
    process = multiprocessing.get_context("spawn").Process(target=_serve, args=(sender,), daemon=True)
    process.start()
    try:
        if not receiver.poll(30):
            raise TimeoutError("The server with canned answers did not start within 30 s.")
        yield f"http://{HOST}:{receiver.recv()}"
    finally:
        process.terminate()
        process.join()


def _serve(ready: Connection) -> None:
    asyncio.run(_listen(ready))


async def _listen(ready: Connection) -> None:
    server = await asyncio.start_server(_converse, HOST, 0)
    ready.send(server.sockets[0].getsockname()[1])
    async with server:
        await server.serve_forever()


async def _converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            headers = dict(line.lower().split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line)
            await reader.readexactly(int(headers.get("content-length", "0")))
            writer.write(_answer(headers["x-amz-target"]))
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()


def _answer(target: str) -> bytes:
    answers = {name.lower(): answer for name, answer in _ANSWERS.items()}
    body = json.dumps(answers[target]).encode()
    head = (
        f"HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.0\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
