"""Projects with other stack files than the repository's own, as a user would write them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from ops.deployed.stacks import PROJECT

STACKS = "resilient-orders:stacks"


def project(directory: Path, stacks: Mapping[str, Mapping[str, Any]]) -> Path:
    """A directory with this program and the given stack files (full keys) in place of the repository's.

    Each file has region1's own values below the given ones.
    """
    for name in ("Pulumi.yaml", "__main__.py"):
        (directory / name).symlink_to(PROJECT / name)
    common = _config(PROJECT / "Pulumi.region1.yaml")
    for stack, values in stacks.items():
        text = yaml.safe_dump({"config": {**common, **values}})
        (directory / f"Pulumi.{stack}.yaml").write_text(text, encoding="utf-8")
    return directory


def three_regions(directory: Path) -> Path:
    """The two stacks and the committed example of a third one, whose `stacks` every file has, as it says."""
    named = _config(PROJECT / "Pulumi.region3.yaml")[STACKS]
    return project(directory, {stack: {STACKS: named} for stack in named})


def _config(file: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))["config"]
    return found
