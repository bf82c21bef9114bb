"""The files that a drill leaves, each drill in a folder of its own."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ops.drill.report.page import page
from ops.drill.report.summary import summary
from ops.drill.report.timeline import timeline

LATEST = "latest"
"""A link beside the folders, to the one that was written last."""
RESULT, LEDGER, TIMELINE, PAGE = "result.json", "ledger.jsonl", "timeline.svg", "report.html"
_WORDS = {
    RESULT: "the numbers",
    LEDGER: "every request",
    TIMELINE: "the picture",
    PAGE: "picture and summary",
}


@dataclass(frozen=True, kw_only=True)
class Report:
    """A result document and its folder."""

    folder: Path
    result: Mapping[str, Any]

    @property
    def ok(self) -> bool:
        """Whether every bound was kept."""
        return bool(self.result["ok"])

    @property
    def text(self) -> str:
        """The summary, and where the files are."""
        files = "\n".join(f"{words:20} {self.folder / name}" for name, words in _WORDS.items())
        return f"{summary(self.result)}\n\n{files}"

    def write(self) -> None:
        """Write the files that are made of the result document, and have LATEST lead to them."""
        (self.folder / RESULT).write_text(json.dumps(self.result, indent=2) + "\n", encoding="utf-8")
        (self.folder / TIMELINE).write_text(timeline(self.result), encoding="utf-8")
        (self.folder / PAGE).write_text(page(self.result), encoding="utf-8")
        _point_to(self.folder.parent / LATEST, self.folder)


def new_folder(directory: Path, name: str) -> Path:
    """A folder that was not there before: `name`, or `name-2` and so on."""
    directory.mkdir(parents=True, exist_ok=True)
    number, folder = 1, directory / name
    while folder.exists():
        number += 1
        folder = directory / f"{name}-{number}"
    folder.mkdir()
    return folder


def _point_to(link: Path, folder: Path) -> None:
    temporary = link.with_name(f".{link.name}.new")
    temporary.unlink(missing_ok=True)
    temporary.symlink_to(folder.name)
    temporary.replace(link)
