"""Lambda layers from pinned requirements, without Docker: the same bytes on every machine.

A layer is what an installer unpacks from hashed wheels for the function's runtime and architecture, less what
the installer itself writes (scripts with this machine's paths, its own records), as a zip with everything
under `python/`. pip does it where there is one, otherwise uv; both leave the same files.

Built layers are kept in a cache under a key of everything that shapes them.
"""

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from components.errors import LayerBuildError, PackagingError
from components.packing.packaging import Archive, describe_archive, tree_members, write_archive

LAYERS: Final = ("powertools", "ulid", "sigv4a")

LAMBDA_UNZIPPED_QUOTA_BYTES: Final = 262_144_000
"""A function's code and all its layers, unzipped: 250 MB (Lambda quotas page)."""

_RECIPE = 1  # raise it when the way of building changes, so that cached layers are built again
_INSTALL_TIMEOUT_SECONDS = 300

_MACHINES: Final = {"arm64": "aarch64", "x86_64": "x86_64"}
_FIRST_PYTHON_ON_AMAZON_LINUX_2023 = 12
# glibc of the runtimes' systems: Amazon Linux 2023 has 2.34, Amazon Linux 2 has 2.26. For the older one, the
# last manylinux policy that both installers know is 2.17.
_GLIBC_MINOR_AL2023 = 34
_GLIBC_MINOR_AL2 = 17
_OLDEST_MANYLINUX_GLIBC_MINOR = 5

_INSTALLER_RECORDS = frozenset({"RECORD", "INSTALLER", "REQUESTED", "direct_url.json", "uv_cache.json"})
_NETWORK_SIGNS = (
    "NewConnectionError",
    "ConnectTimeout",
    "ConnectionError",
    "Connection refused",
    "ReadTimeout",
    "Temporary failure in name resolution",
    "Name or service not known",
    "nodename nor servname",
    "ProxyError",
    "CERTIFICATE_VERIFY_FAILED",
    "SSLError",
    "dns error",
    "error sending request",
    "tcp connect error",
)
_WHEEL_SIGNS = ("No matching distribution", "No solution found", "has no wheels", "from versions:")
_HASH_SIGNS = ("DO NOT MATCH THE HASHES", "Hash mismatch", "must have their versions pinned", "hash mismatch")

Report = Callable[[str], None]
"""Takes one line of progress; called from the caller's own thread only."""


@dataclass(frozen=True, kw_only=True)
class Platform:
    """What the layers must run on, as Lambda names it: `python3.13`, `arm64`."""

    runtime: str
    architecture: str

    @property
    def python_version(self) -> str:
        return self.runtime.removeprefix("python")

    @property
    def machine(self) -> str:
        return _MACHINES[self.architecture]

    @property
    def glibc_minor(self) -> int:
        """The newest glibc 2.x that wheels may ask for on this runtime."""
        minor = int(self.python_version.partition(".")[2])
        return _GLIBC_MINOR_AL2023 if minor >= _FIRST_PYTHON_ON_AMAZON_LINUX_2023 else _GLIBC_MINOR_AL2


@dataclass(frozen=True, kw_only=True)
class LayerBuilder:
    """Builds layers from `<sources>/<name>/requirements.txt` and keeps them in `cache`."""

    sources: Path
    cache: Path
    report: Report

    def build(self, target: Platform, names: Iterable[str] = LAYERS) -> Mapping[str, Archive]:
        """The named layers for a runtime, those that are not in the cache built side by side.

        Raises LayerBuildError: unknown layer, no installer, no network, no wheel, a hash that does not match.
        """
        layers = {name: self._cached_path(name, target) for name in names}
        missing = {name: path for name, path in layers.items() if not zipfile.is_zipfile(path)}
        if missing:
            self._build_missing(missing, target)
        return {name: describe_archive(path) for name, path in layers.items()}

    def _build_missing(self, missing: Mapping[str, Path], target: Platform) -> None:
        self.report(
            f"building Lambda layers {', '.join(missing)} for {target.runtime} on {target.architecture} "
            f"(once; kept in {self.cache.name}/)"
        )
        with ThreadPoolExecutor(max_workers=len(missing), thread_name_prefix="layer") as pool:
            builds = {
                pool.submit(self._build_one, name, path, target): name for name, path in missing.items()
            }
            for build in as_completed(builds):
                archive = build.result()
                self.report(f"built Lambda layer {builds[build]} ({archive.unzipped_bytes / 1e6:.1f} MB)")

    def _build_one(self, name: str, path: Path, target: Platform) -> Archive:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self.cache, prefix=f".{name}-") as directory:
            installed = Path(directory) / "python"
            _install(name, self._requirements(name), installed, target)
            _remove_what_the_installer_wrote(installed)
            try:
                return write_archive(path, tree_members(installed, prefix="python"))
            except PackagingError as error:
                raise LayerBuildError(
                    f"Lambda layer {name!r} came out empty.",
                    seen=str(self._requirements(name)),
                    why="Its requirements name no package that installs files.",
                    do="Name the packages in its requirements.in and run `make lock`.",
                ) from error

    def _cached_path(self, name: str, target: Platform) -> Path:
        requirements = self._requirements(name)
        try:
            content = requirements.read_bytes()
        except OSError as error:
            raise LayerBuildError(
                f"Lambda layer {name!r} has no readable requirements ({error.strerror}).",
                seen=str(requirements),
                why="Each layer is a directory with a pinned requirements.txt.",
                do=f"Restore it from a whole checkout. The layers are {', '.join(LAYERS)}.",
            ) from error
        key = hashlib.sha256()
        for part in (str(_RECIPE).encode(), target.runtime.encode(), target.architecture.encode(), content):
            key.update(len(part).to_bytes(8, "big") + part)
        return self.cache / key.hexdigest()[:32] / f"{name}.zip"

    def _requirements(self, name: str) -> Path:
        return self.sources / name / "requirements.txt"


def check_unzipped_size(what: str, archives: Mapping[str, Archive]) -> None:
    """Raises PackagingError where code and layers together are over Lambda's quota."""
    total = sum(archive.unzipped_bytes for archive in archives.values())
    if total <= LAMBDA_UNZIPPED_QUOTA_BYTES:
        return
    parts = ", ".join(f"{name} {archive.unzipped_bytes / 1e6:.1f} MB" for name, archive in archives.items())
    raise PackagingError(
        f"{what} would be larger than Lambda takes.",
        seen=f"{total:,} bytes unzipped ({parts})",
        why=f"Code and layers together may have {LAMBDA_UNZIPPED_QUOTA_BYTES:,} bytes (250 MB) unzipped.",
        do="Take packages out of a layer's requirements.in and run `make lock`.",
    )


def installer_command(requirements: Path, into: Path, target: Platform) -> list[str]:
    """The installer's command line: pip of this interpreter, or uv where there is no pip.

    Both are held to the hashed list (no dependencies beyond it) and to wheels for the target: nothing of this
    machine's Python or system takes part. Raises LayerBuildError where there is neither.
    """
    if importlib.util.find_spec("pip") is not None:
        return [sys.executable, "-m", "pip", *_pip_arguments(requirements, into, target)]
    uv = _uv()
    if uv is not None:
        return [*uv, *_uv_arguments(requirements, into, target)]
    raise LayerBuildError(
        "There is no pip and no uv to build the Lambda layers with.",
        seen=sys.executable,
        why="This Python has no module pip, and uv is neither a module of it nor on the PATH.",
        do=f"Run `{sys.executable} -m ensurepip`, or install uv.",
    )


def _uv() -> list[str] | None:
    if importlib.util.find_spec("uv") is not None:
        return [sys.executable, "-m", "uv"]
    found = shutil.which("uv")
    return [found] if found else None


def _pip_arguments(requirements: Path, into: Path, target: Platform) -> list[str]:
    abi = f"cp{target.python_version.replace('.', '')}"
    platforms = [
        f"manylinux_2_{minor}_{target.machine}"
        for minor in range(target.glibc_minor, _OLDEST_MANYLINUX_GLIBC_MINOR - 1, -1)
    ]
    return [
        "install",
        *("--quiet", "--no-input", "--disable-pip-version-check", "--no-compile", "--no-deps"),
        *("--require-hashes", "--only-binary=:all:", "--implementation", "cp"),
        *("--python-version", target.python_version),
        *(word for tag in (abi, "abi3", "none") for word in ("--abi", tag)),
        *(
            word
            for platform in (*platforms, f"manylinux2014_{target.machine}")
            for word in ("--platform", platform)
        ),
        *("--target", str(into), "--requirement", str(requirements)),
    ]


def _uv_arguments(requirements: Path, into: Path, target: Platform) -> list[str]:
    return [
        *("pip", "install", "--quiet", "--no-deps", "--require-hashes", "--only-binary", ":all:"),
        *("--python-version", target.python_version),
        *("--python-platform", f"{target.machine}-manylinux_2_{target.glibc_minor}"),
        *("--target", str(into), "--requirement", str(requirements)),
    ]


def _install(name: str, requirements: Path, into: Path, target: Platform) -> None:
    # Against settings of this machine that pip refuses together with --target, or that add files.
    environment = os.environ | {"PIP_USER": "0", "PIP_REQUIRE_VIRTUALENV": "0", "PIP_NO_COMPILE": "1"}
    command = installer_command(requirements, into, target)
    try:
        done = subprocess.run(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_INSTALL_TIMEOUT_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise LayerBuildError(
            f"Lambda layer {name!r} could not be built in time.",
            seen=f"the installer ran longer than {_INSTALL_TIMEOUT_SECONDS} s",
            why="The connection to the package registry is very slow or hangs.",
            do="Check the connection and run again; layers that are built are kept.",
        ) from error
    if done.returncode != 0:
        raise _build_error(name, target, done.stderr or done.stdout)


def _build_error(name: str, target: Platform, output: str) -> LayerBuildError:
    why, do = _explain(output)
    what = f"Lambda layer {name!r} could not be built for {target.runtime} on {target.architecture}."
    return LayerBuildError(what, seen=_last_words(output), why=why, do=do)


def _explain(output: str) -> tuple[str, str]:
    """Why an installer failed, and what to do.

    Asks for the network first: without one, pip says too that no version matches.
    """
    if _any_in(_NETWORK_SIGNS, output):
        return (
            "The package registry was not reached.",
            "Check the connection, the proxy and the index that pip uses (PIP_INDEX_URL), and run again. "
            "Layers that are built are kept and need no network.",
        )
    if _any_in(_HASH_SIGNS, output):
        return (
            "A download does not have the hash that the layer's requirements.txt holds for it.",
            "If you changed a version, run `make lock`. If not, the package was replaced on the registry or "
            "changed on the way: do not use it.",
        )
    if _any_in(_WHEEL_SIGNS, output):
        return (
            "The index has no wheel of a pinned package for this runtime and architecture; none is compiled.",
            "Choose another version in the layer's requirements.in and run `make lock`, or set another "
            "lambdaRuntime or lambdaArchitecture.",
        )
    return ("The installer failed.", "See what it said above, mend it and run again.")


def _any_in(signs: Sequence[str], text: str) -> bool:
    return any(sign in text for sign in signs)


def _last_words(output: str) -> str:
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line for line in lines if line.lower().startswith("error")] or lines[-1:]
    words = re.sub(r"//[^/\s@]*@", "//", " ".join(errors[:3]))  # an index's address may hold a password
    return words[:500] if words else "nothing"


def _remove_what_the_installer_wrote(installed: Path) -> None:
    """Scripts begin with this machine's interpreter; records name the installer and list those scripts."""
    shutil.rmtree(installed / "bin", ignore_errors=True)
    (installed / ".lock").unlink(missing_ok=True)
    for file in installed.glob("*.dist-info/*"):
        if file.name in _INSTALLER_RECORDS:
            file.unlink()
    for directory in installed.rglob("__pycache__"):
        shutil.rmtree(directory)
