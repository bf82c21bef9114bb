"""The code that a run needs, as packages to unpack: the stand-in for AWS's library, the canary's own."""

import io
import platform
import sys
import zipfile
from collections.abc import Iterable
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Final

from twin.aws.lambda_runtime.function_spec import Package

ENTRY: Final = "canary_entry.handler"
_RUNTIME: Final = Path(__file__).resolve().parents[1] / "canary_runtime"
# The one compiled dependency; its wheels are for every Python from 3.11 on, but for one kind of machine.
_COMPILED: Final = "awscrt"
_CANARIES_MACHINE: Final = ("linux", "x86_64")


@cache
def runtime_package() -> Package:
    """What AWS's runtime adds to a canary's code."""
    files = [file for file in _RUNTIME.rglob("*.py") if file.parent != _RUNTIME or file.name != "__init__.py"]
    return _package((str(file.relative_to(_RUNTIME)), file) for file in files)


def code_packages(code: Package, machine: tuple[str, str] | None = None) -> tuple[Package, ...]:
    """A canary's code as layers, which fits its own runtime's machine: Linux on x86_64.

    On another `machine` (sys.platform and platform.machine() when None) this host's build of the compiled
    dependency stands before the canary's own.
    """
    here = machine or (sys.platform, platform.machine())
    return (code,) if here == _CANARIES_MACHINE else (code, _host_package())


@cache
def _host_package() -> Package:
    distribution = metadata.distribution(_COMPILED)
    files = [file for file in distribution.files or () if file.suffix != ".pyc" and ".." not in file.parts]
    return _package((f"python/{file}", Path(str(distribution.locate_file(file)))) for file in files)


def _package(files: Iterable[tuple[str, Path]]) -> Package:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, file in sorted(files):
            archive.writestr(zipfile.ZipInfo(name), file.read_bytes())
    return Package.of(buffer.getvalue())
