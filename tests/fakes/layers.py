"""Lambda layers that need no package registry: tiny archives instead of built ones."""

from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest

from components.packing.layers import LAYERS, LayerBuilder, Platform
from components.packing.packaging import Archive, Member, write_archive


def install(monkeypatch: pytest.MonkeyPatch, directory: Path) -> list[Platform]:
    """Makes every LayerBuilder return small real zips; the list fills with the targets asked for."""
    asked: list[Platform] = []

    def build(_: LayerBuilder, target: Platform, names: Iterable[str] = LAYERS) -> Mapping[str, Archive]:
        asked.append(target)
        return {name: _archive(directory, name) for name in names}

    monkeypatch.setattr(LayerBuilder, "build", build)
    return asked


def _archive(directory: Path, name: str) -> Archive:
    source = directory / f"{name}.py"
    source.write_text(f"NAME = {name!r}\n")
    return write_archive(
        directory / f"{name}.zip", [Member(path=f"python/{name}_dependency.py", source=source)]
    )
