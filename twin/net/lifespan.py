"""Drives an ASGI application's own start and end (ASGI specification, lifespan protocol)."""

import asyncio
import contextlib
from typing import Any

from twin.errors import StartFailedError

_SHUTDOWN_SECONDS = 5.0


class Lifespan:
    """Start the application before requests reach it, and stop it after the last one."""

    def __init__(self, app: Any) -> None:
        self._to_app: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._from_app: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._app = app
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Raises StartFailedError with the application's own reason."""
        scope = {"type": "lifespan", "asgi": {"version": "3.0"}}
        self._task = asyncio.create_task(self._app(scope, self._to_app.get, self._from_app.put))
        await self._exchange("lifespan.startup")

    async def stop(self) -> None:
        """Ask the application to stop; after some seconds it is cancelled."""
        if self._task is None:
            return
        with contextlib.suppress(StartFailedError, TimeoutError):
            async with asyncio.timeout(_SHUTDOWN_SECONDS):
                await self._exchange("lifespan.shutdown")
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _exchange(self, step: str) -> None:
        await self._to_app.put({"type": step})
        message = await self._from_app.get()
        if message["type"] != step + ".complete":
            reason = message.get("message", "no reason given")
            raise StartFailedError(f"the emulator failed at {step}: {reason}")
