"""Directories that workers run from: the Lambda runtime, and unpacked code and layers by content."""

import io
import shutil
import sys
import tempfile
import zipfile
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

from twin.aws.lambda_runtime.errors import RuntimeMissingError
from twin.aws.lambda_runtime.function_spec import FunctionSpec, Package

# What a Python function finds on Lambda without shipping it: the runtime client and the SDK.
RUNTIME_DISTRIBUTIONS = ("awslambdaric", "boto3")
HOST_RUNTIME = f"python{sys.version_info.major}.{sys.version_info.minor}"


class RuntimeFiles:
    """Everything on disk below one directory; a package is unpacked once, whatever runs it."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._runtime: Path | None = None

    def runtime(self) -> Path:
        """A directory of symbolic links to the runtime client, boto3 and what they need, nothing else."""
        if self._runtime is None:
            target = self._root / "runtime"
            shutil.rmtree(target, ignore_errors=True)
            target.mkdir(parents=True)
            for name in _closure(RUNTIME_DISTRIBUTIONS):
                _link_distribution(name, target)
            self._runtime = target
        return self._runtime

    def unpacked(self, package: Package) -> Path:
        target = self._root / "packages" / package.digest
        if not target.is_dir():
            target.parent.mkdir(parents=True, exist_ok=True)
            # Unpacked beside its place and renamed, so that a half unpacked package is never run.
            scratch = Path(tempfile.mkdtemp(dir=target.parent))
            with zipfile.ZipFile(io.BytesIO(package.content)) as archive:
                _extract(archive, scratch)
            scratch.rename(target)
        return target

    def python_path(self, spec: FunctionSpec) -> list[str]:
        """Import path in Lambda's order: task root, layers (the last one wins), the runtime."""
        if spec.runtime != HOST_RUNTIME:
            raise RuntimeMissingError(
                f"function {spec.name} is made for {spec.runtime}, the twin runs functions with "
                f"{HOST_RUNTIME} of this machine; deploy it with lambdaRuntime set to {HOST_RUNTIME}"
            )
        layers = [self.unpacked(layer) / "python" for layer in reversed(spec.layers)]
        entries = [self.unpacked(spec.code)]
        for layer in layers:
            entries += [layer / "lib" / HOST_RUNTIME / "site-packages", layer]
        entries.append(self.runtime())
        return [str(entry) for entry in entries if entry.is_dir()]


def _extract(archive: zipfile.ZipFile, target: Path) -> None:
    for member in archive.infolist():
        written = Path(archive.extract(member, target))
        mode = member.external_attr >> 16
        if mode and written.is_file():
            written.chmod(mode & 0o777 | 0o400)


def _closure(names: tuple[str, ...]) -> list[str]:
    """The named distributions and what they require, extras left out."""
    found: dict[str, None] = {}
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found[name] = None
        for line in metadata.requires(name) or ():
            requirement = Requirement(line)
            if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
                waiting.append(requirement.name)
    return list(found)


def _link_distribution(name: str, target: Path) -> None:
    """Link each top-level file or directory that the distribution installed."""
    distribution = metadata.distribution(name)
    for top in {Path(file).parts[0] for file in distribution.files or ()} - {"..", "__pycache__"}:
        source = Path(str(distribution.locate_file(top))).resolve()
        link = target / top
        if source.exists() and not link.exists():
            link.symlink_to(source)
