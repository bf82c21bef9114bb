"""The parts a twin is made of, in the order they are installed."""

import importlib
import importlib.util
from collections.abc import Callable

from twin.core import Core

PARTS = (
    "twin.emulator.identity",
    "twin.emulator.route53_rules",
    "twin.emulator.dynamodb",
    "twin.services.dispatch",
    "twin.emulator.apigateway",
    "twin.emulator.lambda_",
    "twin.emulator.logs",
    "twin.metrics",
)


def install_all(core: Core) -> list[str]:
    """Install every part; returns the names of those that are not there."""
    missing = []
    for name in PARTS:
        install = _install(name)
        if install is None:
            missing.append(name)
        else:
            install(core)
    return missing


def _install(name: str) -> Callable[[Core], None] | None:
    if importlib.util.find_spec(name) is None:
        return None
    return getattr(importlib.import_module(name), "install", None)
