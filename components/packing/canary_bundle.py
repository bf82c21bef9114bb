"""The canaries' code as AWS wants it: the script and what the runtime lacks, under `python/` in one zip."""

import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pulumi

from blueprint.canary_runtimes import CANARY_ARCHITECTURE, CANARY_PYTHON
from components.packing import sources
from components.packing.layers import LayerBuilder, Platform
from components.packing.packaging import Archive, python_members, tree_members, write_named_archive

ORDER_READ: Final = "order_read"

_TARGET: Final = Platform(runtime=CANARY_PYTHON, architecture=CANARY_ARCHITECTURE)


@dataclass(frozen=True, kw_only=True)
class CanaryScript:
    """What a canary runs."""

    name: str
    handler: str
    bundle: Archive


def order_read_script() -> CanaryScript:
    """The script that reads the canaries' order. Raises LayerBuildError."""
    return CanaryScript(name=ORDER_READ, handler=f"{ORDER_READ}.handler", bundle=order_read_bundle())


def order_read_bundle() -> Archive:
    """Always for the canaries' runtime, whatever the Lambda settings are. Raises LayerBuildError.

    boto3 is left out: every Python function of Lambda has it, and a canary is one.
    """
    cache = sources.CACHE / "canaries"
    builder = LayerBuilder(sources=sources.CANARIES, cache=cache, report=pulumi.log.info)
    dependencies = builder.build(_TARGET, names=(ORDER_READ,))[ORDER_READ]
    with tempfile.TemporaryDirectory(prefix=f"{ORDER_READ}-") as directory:
        unpacked = Path(directory)
        with zipfile.ZipFile(dependencies.path) as archive:
            archive.extractall(unpacked)
        members = [
            *tree_members(unpacked / "python", prefix="python"),
            *python_members(sources.CANARIES / ORDER_READ / "python", prefix="python"),
        ]
        return write_named_archive(cache, ORDER_READ, members)
