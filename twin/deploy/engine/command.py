"""The `pulumi` of a shell with the twin's environment: the real one, with the twin's stack configuration.

Pulumi reads a stack's configuration beside Pulumi.yaml, or from the file that --config-file names; no
environment variable says which. So this adds the option, makes the stack where it is new, and writes its
outputs where the operator's commands read them; everything else is the real program's, its exit code too.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from blueprint.errors import ConfigError
from blueprint.project_files import Project
from twin.client import TwinClient
from twin.deploy.engine.find import program
from twin.deploy.engine.workspace import Workspace, workspace
from twin.deploy.errors import DeployError
from twin.deploy.project import ROOT
from twin.errors import TwinError

_WITH_CONFIGURATION = frozenset(
    {"preview", "pre", "up", "update", "refresh", "destroy", "down", "dn", "config", "watch", "import"}
)


@dataclass(frozen=True, kw_only=True)
class PulumiCommand:
    """A command line of the real program; `place` and `stack` where it works on one of our stacks."""

    words: list[str]
    place: Workspace | None = None
    stack: str = ""


def main() -> None:
    """Ends with the real program's exit code, or with 1 and one line where it cannot be called."""
    try:
        call = understand(sys.argv[1:])
        if call.place is None:
            os.execv(call.words[0], call.words)  # noqa: S606 - no shell is wanted
        # The terminal interrupts both; the engine ends what is under way, and is waited for.
        signal.signal(signal.SIGINT, lambda *_: None)
        code = subprocess.call(call.words, env={**os.environ, **call.place.environment(call.stack)})
        call.place.keep_outputs(call.stack)
        sys.exit(code)
    except (DeployError, ConfigError, TwinError) as error:
        print(f"pulumi in the twin's environment: {error}", file=sys.stderr)
        sys.exit(1)


def understand(given: Sequence[str]) -> PulumiCommand:
    """What is to be called for what was typed. Raises DeployError or TwinError."""
    real = str(program())
    as_typed = PulumiCommand(words=[real, *given])
    verb = next((word for word in given if word in _WITH_CONFIGURATION), None)
    if verb is None or _option(given, "--config-file") is not None or {"-h", "--help"} & set(given):
        return as_typed
    project = _project(Path(_option(given, "-C", "--cwd") or "."))
    if project is None or project.name != Project.at(ROOT).name:
        return as_typed
    client = TwinClient.from_home(_twin_home())
    stack = _short(_option(given, "-s", "--stack") or _selected(real))
    if not stack or not project.stack_file(stack).exists():
        return as_typed
    place = workspace(client.home, client.env, project.directory)
    at = list(given).index(verb) + 1
    words = [real, *given[:at], "--config-file", str(place.prepare(stack)), *given[at:]]
    return PulumiCommand(words=words, place=place, stack=stack)


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
