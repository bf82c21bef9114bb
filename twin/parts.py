"""The parts a twin is made of, in the order they are installed."""

import importlib
import importlib.util

from twin.core import Core

PARTS = (
    "twin.emulator.identity",
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
        if importlib.util.find_spec(name) is None:
            missing.append(name)
            continue
        importlib.import_module(name).install(core)
    return missing
