"""The program under mocks needs no package registry, and writes nothing into the repository."""

from pathlib import Path

import pytest

from components import sources
from tests.fakes import layers


@pytest.fixture(autouse=True)
def no_registry(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Small archives in place of the Lambda layers, and a cache of its own for every test."""
    directory: Path = tmp_path_factory.mktemp("archives")
    layers.install(monkeypatch, directory)
    monkeypatch.setattr(sources, "CACHE", directory / "cache")
