"""The page's routes at the administration address: its files, its state, its switches."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from twin.admin import AdminError
from twin.core import AdminHandler, Core, Document, Json
from twin.page.clients import Clients
from twin.page.controls import switch
from twin.page.state import PageState, view_of

STATIC = Path(__file__).parent / "static"
INDEX = "index.html"
_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


def install(core: Core) -> None:
    """Serve the page."""
    files = {file.name: _document(file) for file in STATIC.iterdir()}
    core.admin_route("GET", "/", _file(files[INDEX]))
    for name, document in files.items():
        core.admin_route("GET", f"/_twin/page/{name}", _file(document))
    page = _Page(core)
    core.admin_route("GET", "/_twin/page/state", page.show)
    core.admin_route("POST", "/_twin/page/controls", page.switch)


def _document(file: Path) -> Document:
    return Document(content_type=_TYPES[file.suffix], body=file.read_bytes())


def _file(document: Document) -> AdminHandler:
    async def serve(_path: Mapping[str, str], _body: Json) -> Document:
        return document

    return serve


class _Page:
    """What the page's scripts ask for."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._clients: Clients | None = None
        self._state: PageState | None = None

    async def show(self, _path: Mapping[str, str], query: Json) -> Json:
        """Everything, for one view."""
        view = view_of(query)
        if self._state is None:
            self._state = PageState(self._core, self._ready_clients())
        return await self._state.show(view)

    async def switch(self, _path: Mapping[str, str], body: Json) -> Json:
        """Set one routing control. A refusal of the cluster is an answer too."""
        arn, on = body.get("arn"), body.get("on")
        if not isinstance(arn, str) or not isinstance(on, bool):
            raise AdminError(400, 'send {"arn": "...", "on": true or false}')
        arc: Any = self._core.status_sections["arc"]()
        refused = await asyncio.to_thread(switch, self._ready_clients(), arc["endpoints"], arn, on=on)
        return {"refused": refused}

    def _ready_clients(self) -> Clients:
        if self._core.client is None:
            raise AdminError(503, "the twin is still starting")
        if self._clients is None:
            self._clients = Clients(self._core.client)
        return self._clients
