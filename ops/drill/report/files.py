"""Runs a drill and leaves its files: result.json, ledger.jsonl, timeline.svg and report.html."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ops.console import Console
from ops.drill.measure.ledger import Ledger
from ops.drill.report.page import page
from ops.drill.report.result import build
from ops.drill.report.timeline import timeline
from ops.drill.run import Drill, DrillClock
from ops.drill.settings import DrillSettings
from ops.drill.world import World

LATEST = "latest"


def run_drill(
    settings: DrillSettings,
    make: Callable[[Callable[[], float]], World],
    console: Console,
    directory: Path,
) -> tuple[Mapping[str, Any], Path]:
    """The result document and the folder it is in, a new one in `directory`; `make` is given the drill's
    clock.
    """
    clock = DrillClock()
    world = make(clock)
    folder = _folder(directory, f"{clock.started:%Y%m%dT%H%M%SZ}-{world.target}-{settings.scenario.value}")
    with (folder / "ledger.jsonl").open("w", encoding="utf-8") as file:
        ledger = Ledger(file)
        observed = Drill(settings, world, ledger, console, clock=clock).run()
    result = build(settings, world, ledger.entries(), observed, started=clock.started)
    write(folder, result)
    _point_to(directory / LATEST, folder)
    return result, folder


def write(folder: Path, result: Mapping[str, Any]) -> None:
    """The files that are made of the result document."""
    (folder / "result.json").write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    (folder / "timeline.svg").write_text(timeline(result), encoding="utf-8")
    (folder / "report.html").write_text(page(result), encoding="utf-8")


def _folder(directory: Path, name: str) -> Path:
    directory.mkdir(parents=True, exist_ok=True)
    number, folder = 1, directory / name
    while folder.exists():
        number += 1
        folder = directory / f"{name}-{number}"
    folder.mkdir()
    return folder


def _point_to(link: Path, folder: Path) -> None:
    """`latest` always leads to the newest result."""
    temporary = link.with_name(f".{link.name}.new")
    temporary.unlink(missing_ok=True)
    temporary.symlink_to(folder.name)
    temporary.replace(link)
