"""Deploys and destroys with the `pulumi` program, as a user would."""

import json
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from ops.deployed.stacks import PROJECT, project_name
from ops.deploying.teardown import StackResource, standing_of
from ops.errors import DeploymentError


class PulumiDeployer:
    """`pulumi up` and `pulumi destroy`, which show their plan and ask, unless `yes`."""

    def __init__(self, *, yes: bool) -> None:
        self._options = ["--yes"] if yes else []

    def up(self, stack: str) -> None:
        self._run(["pulumi", "up", "--stack", stack, *self._options])

    def destroy(self, stack: str) -> None:
        self._run(["pulumi", "destroy", "--stack", stack, *self._options])

    def unprotect(self, stack: str) -> None:
        """From a copy of the stack's file, so that the next deployment from the file is protected again."""
        with tempfile.TemporaryDirectory(prefix="unprotected-") as directory:
            copy = Path(directory, f"Pulumi.{stack}.yaml")
            copy.write_text(unprotected(PROJECT / copy.name), encoding="utf-8")
            self._run(["pulumi", "up", "--stack", stack, "--config-file", str(copy), *self._options])

    def standing(self, stack: str) -> Sequence[StackResource]:
        """By `pulumi stack export`; nothing where Pulumi knows no such stack."""
        done = self._start(["pulumi", "stack", "export", "--stack", stack], capture=True)
        if done.returncode == 0:
            return standing_of(_document(done.stdout, stack))
        said = done.stderr.strip().splitlines()
        if any("no stack named" in line for line in said):
            return []
        raise DeploymentError(
            f"pulumi stack export of {stack} failed: {said[0] if said else done.returncode}"
        )

    def _run(self, command: Sequence[str]) -> None:
        done = self._start(command, capture=False)
        if done.returncode:
            raise DeploymentError(
                f"{' '.join(command[:2])} of {command[command.index('--stack') + 1]} ended with "
                f"{done.returncode}; its output is above. "
                "Mend that and run the same command again: what is done already is left alone."
            )

    def _start(self, command: Sequence[str], *, capture: bool) -> "subprocess.CompletedProcess[str]":
        try:
            return subprocess.run(command, cwd=PROJECT, check=False, capture_output=capture, text=True)
        except FileNotFoundError as error:
            raise DeploymentError("The pulumi program is not on the PATH; install it first.") from error


def unprotected(file: Path) -> str:
    """A stack's file with `protect` set to false."""
    content = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
    content["config"] = {**(content.get("config") or {}), f"{project_name(PROJECT)}:protect": False}
    return str(yaml.safe_dump(content, sort_keys=False))


def _document(text: str, stack: str) -> Mapping[str, Any]:
    try:
        found = json.loads(text)
    except ValueError as error:
        raise DeploymentError(f"pulumi stack export of {stack} is not JSON: {error}") from error
    return found if isinstance(found, dict) else {}
