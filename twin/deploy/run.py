"""Deploys a stack into the running twin, in a process of its own."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from json import loads
from pathlib import Path
from typing import Any

from blueprint.project_files import Project
from twin.client import TwinClient
from twin.deploy.errors import DeployError, SettingsError
from twin.deploy.in_process.state import StackState, state_file
from twin.deploy.project import ROOT, twin_overrides
from twin.home import Home

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


def deploy_stack(
    stack: str,
    client: TwinClient,
    overrides: Mapping[str, str] | None = None,
    *,
    project_directory: Path = ROOT,
    quiet: bool = False,
) -> DeployResult:
    """Runs the program of `stack` and writes `<home>/outputs/<stack>.json`.

    `overrides` go on top of the stack's committed configuration, which is never changed, and of what the twin
    needs (its endpoint, the host's Lambda runtime). Progress is printed unless `quiet`. Raises DeployError
    with what went wrong; what was done until then is kept and the next call goes on from there.
    """
    configuration = {**twin_overrides(client.env), **(overrides or {})}
    arguments = [
        argument for key, value in configuration.items() for argument in ("--config", f"{key}={value}")
    ]
    refuse_other_way(client, stack, project_directory)
    return _run(stack, client, [*arguments, "--project-directory", str(project_directory)], quiet=quiet)


def unprotect_stack(
    stack: str, client: TwinClient, *, project_directory: Path = ROOT, quiet: bool = False
) -> DeployResult:
    """Deploys the stack as it was last deployed, but with `protect` false. Raises DeployError."""
    last = state_of(stack, client).configuration
    return deploy_stack(
        stack, client, {**last, "protect": "false"}, project_directory=project_directory, quiet=quiet
    )


def destroy_stack(stack: str, client: TwinClient, *, quiet: bool = False) -> DeployResult:
    """Deletes what was deployed, dependents first. Raises DeployError, for protected resources too."""
    return _run(stack, client, ["--destroy"], quiet=quiet, done="destroyed")


def refuse_other_way(client: TwinClient, stack: str, project_directory: Path) -> None:
    """Raises SettingsError where Pulumi's engine deployed the stack: its state is the engine's."""
    if engine_resources(client.home, Project.at(project_directory).name, stack):
        raise SettingsError(
            f"{stack} was deployed into this twin by Pulumi's engine, whose state it is in. "
            f"Go on with it: python -m twin deploy --engine --stack {stack}"
        )


def engine_resources(home: Path, project: str, stack: str) -> list[dict[str, Any]]:
    """The resources of a stack in the state that Pulumi's engine keeps for a twin."""
    path = Home(home).pulumi / "backend" / ".pulumi" / "stacks" / project / f"{stack}.json"
    try:
        content = loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return []
    latest = (content.get("checkpoint") or {}).get("latest") or {}
    return list(latest.get("resources") or [])


def state_of(stack: str, client: TwinClient) -> StackState:
    """What the stack has in the running twin, whether or not its deployment came to an end."""
    return StackState.load(state_file(client.home, stack), str(client.description["instance"]))


def _run(
    stack: str, client: TwinClient, arguments: list[str], *, quiet: bool, done: str = "deployed"
) -> DeployResult:
    command = [
        "twin.deploy.in_process.runner",
        "--stack",
        stack,
        "--instance",
        str(client.description["instance"]),
    ]
    return run_process(stack, client, [*command, *arguments], quiet=quiet, done=done)


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
