"""A deployment's own process: how it is started, what it may see, and what it says at its end."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from json import loads
from pathlib import Path
from typing import Any

from twin.client import TwinClient
from twin.deploy.errors import DeployError
from twin.deploy.project import ROOT

INTERRUPTED = 130
_TWIN_VARIABLES = frozenset(
    {
        "AWS_ENDPOINT_URL",
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_DEFAULT_REGION",
        "AWS_REGION",
        "AWS_EC2_METADATA_DISABLED",
    }
)


@dataclass(frozen=True, kw_only=True)
class DeployResult:
    """`resources` counts what was done: created, updated, replaced, unchanged, deleted."""

    outputs: dict[str, Any]
    resources: dict[str, int]
    seconds: float
    steps: list[dict[str, str]] = field(default_factory=list)
    """Under Pulumi's engine: each resource that was not left as it is, with `op`, `type` and `name`."""


def run_process(
    stack: str, client: TwinClient, module: Sequence[str], *, quiet: bool, done: str = "deployed"
) -> DeployResult:
    """Runs a module with its arguments in a process of its own. Raises DeployError with what it said."""
    with tempfile.TemporaryDirectory(prefix="twin-deploy-") as directory:
        result = Path(directory, "result.json")
        command = [sys.executable, "-m", *module, "--home", str(client.home), "--result", str(result)]
        code, errors = _finish(command, program_environment(client.env), quiet=quiet)
        if code == INTERRUPTED:
            raise KeyboardInterrupt
        if code != 0:
            raise DeployError(f"{stack} was not {done}: {errors.strip() or 'its process was ended'}")
        return DeployResult(**loads(result.read_text(encoding="utf-8")))


def _finish(command: list[str], environment: Mapping[str, str], *, quiet: bool) -> tuple[int, str]:
    """The exit code and what was said on standard error."""
    output = subprocess.DEVNULL if quiet else None
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=output, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            _, errors = process.communicate()
        except KeyboardInterrupt:
            # The terminal interrupts both: the deployment ends what is under way and writes it down.
            if process.stderr:
                sys.stderr.write(process.stderr.read())
            process.wait()
            raise
    return process.returncode, errors


def program_environment(twin: Mapping[str, str]) -> dict[str, str]:
    """This process's environment with the twin's endpoint and credentials, less the user's own for AWS.

    Trust and name resolution stay the user's: all calls go to one plain address, and the program may have to
    reach a package index to build its layers.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "PULUMI_"))}
    local = ",".join(filter(None, [kept.get("NO_PROXY") or kept.get("no_proxy"), "127.0.0.1", "localhost"]))
    given = {name: value for name, value in twin.items() if name in _TWIN_VARIABLES}
    if kept.pop("PYTHONDONTWRITEBYTECODE", ""):
        # Compiling the provider's classes is half of the start: kept, but not beside the sources.
        kept["PYTHONPYCACHEPREFIX"] = str(ROOT / ".cache" / "bytecode")
    return {**kept, **given, "NO_PROXY": local, "no_proxy": local}
