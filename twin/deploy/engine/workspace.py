"""What the engine works with besides the program, all of it under the twin's home.

pulumi/backend/    the stacks' state
pulumi/home/       PULUMI_HOME, with a placeholder for the AWS provider's plugin, or Pulumi's own one
pulumi/project/    Pulumi.yaml, the stacks' configuration for the twin, and which provider each stack has; the
                   committed files stay the same
pulumi/bin/        the `pulumi` that is first on the PATH of a shell with the twin's environment
"""

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import yaml

from blueprint.project_files import Project
from twin.client import TwinClient
from twin.deploy.engine import official, plugin, wire
from twin.deploy.engine.backend import kept_resources
from twin.deploy.engine.find import PROGRAM, TWINS_MARK, program
from twin.deploy.errors import SettingsError
from twin.deploy.in_process.state import write_json
from twin.deploy.project import ROOT, twin_overrides
from twin.deploy.values import HIDDEN
from twin.home import Home

Provider = Literal["twin", "official"]
"""Which AWS provider the engine uses: the twin's own handlers, or Pulumi's own plugin."""

_STACK_TYPE = "pulumi:pulumi:Stack"
_SHIM = """\
#!/bin/sh
# Pulumi with the twin's configuration of the stacks in place of the committed one: docs/engine.md
exec {python} -c {code} "$@"
"""
_CODE = "import sys; sys.path.insert(0, {root!r}); from twin.deploy.engine import command; command.main()"


@dataclass(frozen=True, kw_only=True)
class Workspace:
    """Of one running twin, for one checkout's program."""

    home: Path
    twin_environment: Mapping[str, str]
    project: Project

    @property
    def directory(self) -> Path:
        return Home(self.home).pulumi / "project"

    @property
    def bin(self) -> Path:
        return Home(self.home).pulumi / "bin"

    def config_file(self, stack: str) -> Path:
        return self.directory / f"Pulumi.{stack}.yaml"

    def environment(self, stack: str) -> dict[str, str]:
        """What makes the engine use this workspace and the stack's provider."""
        own = {name: value for name, value in self.twin_environment.items() if name.startswith("PULUMI_")}
        if self.provider(stack) == "twin":
            return own
        return {**own, **official.environment(self.twin_environment["AWS_ENDPOINT_URL"])}

    def provider(self, stack: str) -> Provider:
        """Through which provider the stack was last deployed, or is about to be."""
        return "official" if self._official_mark(stack).exists() else "twin"

    def choose(self, stack: str, wanted: Provider | None) -> None:
        """Sets the stack's provider; None means the one that it has resources of, else the twin's.

        Raises SettingsError where the stack has resources of the other one, or Pulumi's plugin is not there.
        """
        kept = self.provider(stack)
        begun = bool(kept_resources(self.home, self.project.name, stack))
        chosen = wanted or (kept if begun else "twin")
        if begun and chosen != kept:
            raise SettingsError(_other_provider(stack, kept, chosen))
        self.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._official_mark(stack).unlink(missing_ok=True)
        if chosen == "official":
            plugin.link_official(self._pulumi_home)
            self._official_mark(stack).touch()

    def lay_out(self) -> None:
        """Makes the directories and what is the same for all stacks."""
        for directory in (Home(self.home).pulumi / "backend", self.directory, self.bin):
            directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        plugin.hold_place(self._pulumi_home)
        code = shlex.quote(_CODE.format(root=str(ROOT)))
        _write_executable(self.bin / PROGRAM, _SHIM.format(python=shlex.quote(sys.executable), code=code))
        (self.bin / TWINS_MARK).touch()
        declared = (self.project.directory / "Pulumi.yaml").read_text(encoding="utf-8")
        (self.directory / "Pulumi.yaml").write_text(declared, encoding="utf-8")

    def configured(self, stack: str) -> dict[str, str]:
        """The whole configuration that the stack was last deployed with, as text."""
        content = yaml.safe_load(self.config_file(stack).read_text(encoding="utf-8")) or {}
        values: dict[str, Any] = content.get("config") or {}
        return {key: value if isinstance(value, str) else json.dumps(value) for key, value in values.items()}

    def prepare(self, stack: str, overrides: Mapping[str, str] | None = None) -> Path:
        """Writes the stack's configuration, makes the stack where it is new, and returns the file.

        What `pulumi config set` put there stays. Raises SettingsError.
        """
        self.lay_out()
        own = twin_overrides(self.project, stack, overrides or {}, self.twin_environment)
        if self.provider(stack) == "official":
            own["awsEndpointUrl"] = official.endpoint(own["awsEndpointUrl"])
        self._write_configuration(stack, {**own, **(overrides or {})})
        if not self._state(stack).exists():
            self._make(stack)
        return self.config_file(stack)

    def keep_outputs(self, stack: str) -> None:
        """Writes the stack's outputs where the operator's commands read them, or removes the file."""
        path = Home(self.home).outputs / f"{stack}.json"
        outputs = self.outputs(stack)
        if outputs is None:
            path.unlink(missing_ok=True)
        else:
            write_json(path, outputs)

    def outputs(self, stack: str) -> dict[str, Any] | None:
        """From the state; None where nothing is deployed."""
        state = self._state(stack)
        content = json.loads(state.read_text(encoding="utf-8")) if state.exists() else {}
        latest = (content.get("checkpoint") or {}).get("latest") or {}
        for resource in latest.get("resources") or ():
            if resource["type"] == _STACK_TYPE and "outputs" in resource:
                return {
                    name: HIDDEN if isinstance(value, Mapping) and wire.SIGNATURE in value else value
                    for name, value in resource["outputs"].items()
                }
        return None

    def _write_configuration(self, stack: str, overrides: Mapping[str, str]) -> None:
        wanted = self.project.stack_configuration(stack, overrides)
        path, record = self.config_file(stack), self.directory / f".{stack}.json"
        content: dict[str, Any] = {}
        if path.exists():
            content = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
        last = json.loads(record.read_text(encoding="utf-8")) if record.exists() else {}
        present = content.get("config") or {}
        own = {key: value for key, value in present.items() if key not in last or last[key] != value}
        content["config"] = {**wanted, **own}
        path.write_text(yaml.safe_dump(content, sort_keys=True), encoding="utf-8")
        record.write_text(json.dumps(wanted), encoding="utf-8")

    @property
    def _pulumi_home(self) -> Path:
        return Home(self.home).pulumi / "home"

    def _official_mark(self, stack: str) -> Path:
        return self.directory / f".{stack}.official"

    def _state(self, stack: str) -> Path:
        stacks = Home(self.home).pulumi / "backend" / ".pulumi" / "stacks"
        return stacks / self.project.name / f"{stack}.json"

    def _make(self, stack: str) -> None:
        """Here, and not in the checkout: it writes the salt of the stack's secrets beside Pulumi.yaml."""
        done = subprocess.run(
            [str(program()), "stack", "init", stack, "--non-interactive", "--no-select"],
            cwd=self.directory,
            env={**os.environ, **self.environment(stack)},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise SettingsError(f"The stack {stack!r} cannot be made: {(done.stderr or done.stdout).strip()}")


def lay_out(client: TwinClient) -> Path:
    """Makes a twin's workspace; the directory that a shell's PATH begins with. Raises SettingsError."""
    place = workspace(client.home, client.env)
    place.lay_out()
    return place.bin


def workspace(home: Path, twin_environment: Mapping[str, str], directory: Path = ROOT) -> Workspace:
    """The workspace of the twin in `home`, for the program in `directory`. Raises SettingsError."""
    environment = {**twin_environment}
    if "PULUMI_HOME" not in environment:
        raise SettingsError("This twin is of an earlier version: restart it (python -m twin down, then up).")
    return Workspace(home=home, twin_environment=environment, project=Project.at(directory))


def _other_provider(stack: str, kept: Provider, chosen: Provider) -> str:
    return (
        f"The stack {stack!r} cannot go on with another provider.\n "
        f" value seen: --provider {chosen}; its resources were made with --provider {kept}\n "
        f" why: what one provider keeps in Pulumi's state, the other one does not understand.\n "
        f" what to do: leave --provider out, or destroy the stack: python -m twin destroy --stack {stack}"
    )


def _write_executable(path: Path, text: str) -> None:
    """In one step: another command may be running it."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_text(text, encoding="utf-8")
    draft.chmod(0o755)
    draft.replace(path)
