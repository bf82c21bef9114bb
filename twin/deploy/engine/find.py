"""Finds the Pulumi program: the real engine, which this repository does not contain."""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from twin.deploy.errors import SettingsError

VERSION = "3.259.0"
"""Of the program that `make engine` gets where there is none; tools/pulumi/go.mod names the same."""
PROGRAM = "pulumi"
HOW_TO_GET_ONE = "make engine gets one; so does https://www.pulumi.com/docs/install"


def cached_program(environment: Mapping[str, str] = os.environ) -> Path:
    """Where `make engine` keeps the program that it got, outside every checkout."""
    base = environment.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "resilient-orders" / f"pulumi-{VERSION}" / "bin" / PROGRAM


def find_program(environment: Mapping[str, str] = os.environ) -> Path | None:
    """The program on the PATH, else the one that `make engine` got; None where there is neither."""
    places = environment.get("PATH", os.defpath).split(os.pathsep)
    found = shutil.which(PROGRAM, path=os.pathsep.join(place for place in places if not _is_twins(place)))
    if found:
        return Path(found)
    cached = cached_program(environment)
    return cached if os.access(cached, os.X_OK) else None


def program(environment: Mapping[str, str] = os.environ) -> Path:
    """Raises SettingsError where there is none."""
    found = find_program(environment)
    if found is None:
        raise SettingsError(f"There is no Pulumi program on the PATH or in the cache. {HOW_TO_GET_ONE}.")
    return found


TWINS_MARK = ".of-the-twin"
"""A file in the directory of the twin's own `pulumi`, which only calls the real one."""


def _is_twins(place: str) -> bool:
    return (Path(place) / TWINS_MARK).exists()
