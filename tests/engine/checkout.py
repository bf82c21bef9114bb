"""A copy of the program that a test may edit, deployed in place of the checkout's own."""

import shutil
import zipfile
from pathlib import Path

from components.packing import sources
from components.packing.layers import LAYERS, LayerBuilder, Platform
from twin.deploy.project import ROOT

_PARTS = ("blueprint", "components", "functions", "canaries", "openapi", "__main__.py", "Pulumi.yaml")


class Checkout:
    """Everything that `pulumi up` reads, with the layers that are built already."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        directory.mkdir()
        for part in (*_PARTS, *(path.name for path in ROOT.glob("Pulumi.*.yaml"))):
            if (ROOT / part).is_dir():
                shutil.copytree(ROOT / part, directory / part, ignore=shutil.ignore_patterns("__pycache__"))
            elif (ROOT / part).exists():
                shutil.copy(ROOT / part, directory / part)
        # Found by their contents, so shared; layers are this copy's own, since tests change them.
        shared = sources.CACHE / "canaries"
        shared.mkdir(parents=True, exist_ok=True)
        (directory / ".cache").mkdir()
        (directory / ".cache" / "canaries").symlink_to(shared)

    def edit(self, file: str, old: str, new: str) -> None:
        """Replaces a text that is there exactly once."""
        path = self.directory / file
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1, (file, old, text.count(old))
        path.write_text(text.replace(old, new), encoding="utf-8")

    def take_layers(self, built_for: Platform, use_for: Platform) -> None:
        """Puts the layers that are built for one target where the program looks for another's."""
        built = LayerBuilder(
            sources=sources.LAYER_REQUIREMENTS, cache=sources.CACHE / "layers", report=lambda _: None
        ).build(built_for)
        for layer in LAYERS:
            path = self._layer(layer, use_for)
            path.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(built[layer].path, path)

    def change_layer(self, layer: str, target: Platform) -> None:
        """As a new version of a package would: the built layer has other contents."""
        with zipfile.ZipFile(self._layer(layer, target), "a") as archive:
            archive.writestr(zipfile.ZipInfo("python/edited.py"), "EDITED = True\n")

    def _layer(self, layer: str, target: Platform) -> Path:
        builder = LayerBuilder(
            sources=self.directory / "functions" / "layers",
            cache=self.directory / ".cache" / "layers",
            report=lambda _: None,
        )
        return builder._cached_path(layer, target)
