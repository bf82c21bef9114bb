"""The canaries' script, loaded as AWS does it: by its file, with the Synthetics library beside it."""

import importlib.util
import sys
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import pytest

from components.packing import sources
from components.packing.canary_bundle import ORDER_READ


@dataclass
class Log:
    """What the script wrote, by level."""

    infos: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def info(self, message: str) -> None:
        self.infos.append(message)

    def error(self, message: str) -> None:
        self.errors.append(message)


def load(monkeypatch: pytest.MonkeyPatch) -> tuple[Any, Log]:
    """The script's module and its log; credentials are those of the environment."""
    log = Log()
    library, common = ModuleType("aws_synthetics"), ModuleType("aws_synthetics.common")
    common.synthetics_logger = log  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "aws_synthetics", library)
    monkeypatch.setitem(sys.modules, "aws_synthetics.common", common)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    file = sources.CANARIES / ORDER_READ / "python" / f"{ORDER_READ}.py"
    spec = importlib.util.spec_from_file_location(ORDER_READ, file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module, log
