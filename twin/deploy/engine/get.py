"""`make engine`: gets a Pulumi program where there is none, and says which: python -m twin.deploy.engine.get

In this order: one on the PATH, one that this command got before, Pulumi's official installer, and a build of
Pulumi's own Go module (tools/pulumi), which takes some minutes, for where the download cannot be reached.
"""

import fcntl
import os
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from twin.deploy.engine.find import HOW_TO_GET_ONE, VERSION, cached_program, find_program
from twin.deploy.project import ROOT

TOOLS = ROOT / "tools" / "pulumi"
_PACKAGE = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
_VERSION_VARIABLE = "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version"
_INSTALLER = "https://get.pulumi.com/install.sh"
_REACH_SECONDS = 10
_LONGEST_SECONDS = 1800
_INSTALL = (
    "import sys; from pulumi.automation import PulumiCommand; from semver import VersionInfo; "
    "PulumiCommand.install(root=sys.argv[1], version=VersionInfo.parse(sys.argv[2]))"
)


def main() -> int:
    found = find_program() or _get()
    if found is None:
        _say(f"there is NO Pulumi engine, and none could be had. {HOW_TO_GET_ONE}.")
        return 1
    _say(f"{found} ({version_of(found)})")
    return 0


def version_of(path: Path) -> str | None:
    """What the program says of itself; None where it does not run."""
    try:
        done = subprocess.run(
            [str(path), "version"],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
            env={**os.environ, "PULUMI_SKIP_UPDATE_CHECK": "true"},
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() or None if done.returncode == 0 else None


def _get() -> Path | None:
    path = cached_program()
    with _alone(path):
        if os.access(path, os.X_OK):
            return path
        for way in (_install, _build):
            if way(path) and version_of(path):
                return path
            shutil.rmtree(path.parent, ignore_errors=True)
    return None


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Two checkouts may ask at the same time."""
    path.parents[1].mkdir(parents=True, exist_ok=True)
    with (path.parents[1] / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _install(path: Path) -> bool:
    """Pulumi's own installer, which brings the language hosts too."""
    try:
        urllib.request.urlopen(_INSTALLER, timeout=_REACH_SECONDS).close()
    except OSError as error:
        _say(f"the official installer cannot be reached ({_reason(error)})")
        return False
    _say(f"installing Pulumi {VERSION} with its official installer ...")
    command = [sys.executable, "-c", _INSTALL, str(path.parents[1]), VERSION]
    return _succeeds(command, ROOT, "the official installer failed")


def _build(path: Path) -> bool:
    if shutil.which("go") is None:
        _say("it cannot be built: there is no Go on the PATH")
        return False
    _say(f"building Pulumi {VERSION} from its Go module, once; about 5 minutes on two processors ...")
    started = time.monotonic()
    path.parent.mkdir(parents=True, exist_ok=True)
    flags = f"-s -w -X {_VERSION_VARIABLE}=v{VERSION}"
    command = ["go", "build", "-mod=readonly", "-buildvcs=false", "-trimpath", "-ldflags", flags]
    done = _succeeds([*command, "-o", str(path), _PACKAGE], TOOLS, "building it failed")
    if done:
        _say(f"built in {time.monotonic() - started:.0f} s")
    return done


def _succeeds(command: list[str], directory: Path, failure: str) -> bool:
    try:
        done = subprocess.run(
            command, cwd=directory, capture_output=True, text=True, check=False, timeout=_LONGEST_SECONDS
        )
    except subprocess.TimeoutExpired:
        _say(f"{failure}: no end after {_LONGEST_SECONDS // 60} minutes")
        return False
    if done.returncode:
        _say(f"{failure}: {(done.stderr or done.stdout).strip()[-2000:]}")
    return done.returncode == 0


def _reason(error: OSError) -> object:
    return error.reason if isinstance(error, urllib.error.URLError) else error


def _say(text: str) -> None:
    print(f"engine: {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
