"""The `pulumi` of a shell with the twin's environment: the real one, with the twin's stack configuration.

Pulumi reads a stack's configuration beside Pulumi.yaml, or from the file that --config-file names; no
environment variable says which. So this adds the option, makes the stack where it is new, and becomes the
real program: its output and exit code are its own.
"""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from twin.client import TwinClient
from twin.deploy.errors import DeployError
from twin.deploy.project import ROOT, Project
from twin.errors import TwinError
from twin.pulumi_engine.find import program
from twin.pulumi_engine.workspace import workspace

_WITH_CONFIGURATION = frozenset(
    {"preview", "pre", "up", "update", "refresh", "destroy", "down", "dn", "config", "watch", "import"}
)


def main() -> None:
    """Becomes the real `pulumi`; ends with 1 and one line where that is not possible."""
    try:
        command = command_line(sys.argv[1:])
        os.execv(command[0], command)  # noqa: S606 - no shell is wanted
    except (DeployError, TwinError) as error:
        print(f"pulumi in the twin's environment: {error}", file=sys.stderr)
        sys.exit(1)


def command_line(given: Sequence[str]) -> list[str]:
    """The real program's command line for what was typed. Raises DeployError or TwinError."""
    real = str(program())
    verb = next((word for word in given if word in _WITH_CONFIGURATION), None)
    if verb is None or _option(given, "--config-file") is not None or {"-h", "--help"} & set(given):
        return [real, *given]
    project = _project(Path(_option(given, "-C", "--cwd") or "."))
    if project is None or project.name != Project.at(ROOT).name:
        return [real, *given]
    client = TwinClient.from_home(_twin_home())
    stack = _option(given, "-s", "--stack") or _selected(real)
    if not stack or not project.stack_file(_short(stack)).exists():
        return [real, *given]
    file = workspace(client.home, client.env, project.directory).prepare(_short(stack))
    at = list(given).index(verb) + 1
    return [real, *given[:at], "--config-file", str(file), *given[at:]]


def _twin_home() -> Path:
    """The twin whose environment this is, wherever the shell has gone since."""
    return Path(os.environ["PULUMI_HOME"]).parents[1]


def _project(start: Path) -> Project | None:
    for directory in (start.resolve(), *start.resolve().parents):
        if (directory / "Pulumi.yaml").exists():
            return Project.at(directory)
    return None


def _option(given: Sequence[str], *names: str) -> str | None:
    """The value of an option, in each way of writing it: `-s x`, `-sx`, `--stack x`, `--stack=x`."""
    for number, word in enumerate(given):
        for name in names:
            if word == name:
                return given[number + 1] if number + 1 < len(given) else None
            if word.startswith(f"{name}="):
                return word.partition("=")[2]
            if not name.startswith("--") and word.startswith(name):
                return word[len(name) :]
    return None


def _short(stack: str) -> str:
    """The last part of `organization/project/stack`."""
    return stack.rsplit("/", 1)[-1]


def _selected(real: str) -> str:
    """The stack that `pulumi stack select` chose, empty where none is."""
    done = subprocess.run(
        [real, "stack", "--show-name", "--non-interactive"], capture_output=True, text=True, check=False
    )
    return done.stdout.strip() if done.returncode == 0 else ""
