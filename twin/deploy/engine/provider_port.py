"""The provider's address in a running twin: the provider's own process starts at the first connection.

Most twins never see the engine, and the provider takes half a second and 100 MB to start.
"""

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from contextlib import suppress
from typing import IO

from twin.core import Core
from twin.errors import StartFailedError
from twin.net.ports import LOOPBACK

_CHUNK = 65536
_STOP_SECONDS = 5.0
_SERVER = "twin.deploy.engine.provider_server"


def install(core: Core) -> None:
    """Open the port with the twin and close it with the twin."""
    port = ProviderPort(core)
    core.at_start.append(port.open)
    core.at_stop.append(port.close)


class ProviderPort:
    """Passes connections on to the provider's process."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._server: asyncio.Server | None = None
        self._starting = asyncio.Lock()
        self._process: Process | None = None
        self._port = 0

    async def open(self) -> None:
        """Listen. Raises StartFailedError."""
        address = self._core.ports.provider
        try:
            self._server = await asyncio.start_server(self._connected, address.host, address.port)
        except OSError as error:
            raise StartFailedError(
                f"cannot listen on {address}: {error.strerror}. Choose other ports: python -m twin up "
                "--port-base N (TWIN_PORT_BASE)"
            ) from error

    async def close(self) -> None:
        """Stop listening, and end the provider."""
        if self._server is not None:
            self._server.close()
        process = self._process
        if process is None or process.returncode is not None:
            return
        process.terminate()
        with suppress(TimeoutError):
            async with asyncio.timeout(_STOP_SECONDS):
                await process.wait()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with self._starting:
                port = await self._running()
            to_provider = await asyncio.open_connection(LOOPBACK, port)
        except (OSError, ValueError):
            writer.close()
            return
        await asyncio.gather(_pass_on(reader, to_provider[1]), _pass_on(to_provider[0], writer))

    async def _running(self) -> int:
        """The port of the provider's process, which is started where none runs."""
        if self._process is None or self._process.returncode is not None:
            log = await asyncio.to_thread((self._core.home.log / "provider.log").open, "ab")
            with log:
                self._process = await self._start(log)
            assert self._process.stdout is not None  # noqa: S101 - it was asked for
            self._port = int(await self._process.stdout.readline())
        return self._port

    async def _start(self, log: IO[bytes]) -> Process:
        from twin.deploy.process import program_environment
        from twin.deploy.project import ROOT  # not needed by a twin that no engine uses

        known = self._core.home.description() or {}
        environment = program_environment(known.get("environment", {}))
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", _SERVER),
            cwd=ROOT,
            env=environment,
            stdin=PIPE,  # never written to: its end is the twin's
            stdout=PIPE,
            stderr=log,
        )


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while chunk := await reader.read(_CHUNK):
            writer.write(chunk)
            await writer.drain()
    writer.close()
