"""The project's own files: a stack's configuration as Pulumi itself would put it together."""

import json
import platform
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from twin.deploy.errors import SettingsError

ROOT = Path(__file__).resolve().parents[2]
ORGANIZATION = "organization"
"""What Pulumi calls the organisation of a stack that is kept in no Pulumi account."""


@dataclass(frozen=True, kw_only=True)
class Project:
    """Pulumi.yaml and where it lies."""

    directory: Path
    name: str
    declared: Mapping[str, Any]

    @classmethod
    def at(cls, directory: Path) -> "Project":
        """Raises SettingsError where there is no usable Pulumi.yaml."""
        content = _yaml(directory / "Pulumi.yaml")
        if not content.get("name"):
            raise SettingsError(f"{directory / 'Pulumi.yaml'} has no name. It must name the project.")
        return cls(directory=directory, name=str(content["name"]), declared=content.get("config") or {})

    def stack_file(self, stack: str) -> Path:
        return self.directory / f"Pulumi.{stack}.yaml"

    def stacks(self, overrides: Mapping[str, str] | None = None) -> list[str]:
        """The stacks of the default deployment, the primary one first and the others by name.

        They are those that `stacks` names in the primary's configuration; other stack files may belong
        to other environments.
        """
        primary = str(_default(self.declared.get("primaryStack")) or "")
        named = json.loads(self.configuration(primary, overrides or {})[self._full("stacks")])
        return sorted(named, key=lambda name: (name != primary, name))

    def _with_files(self) -> list[str]:
        return sorted(path.name.split(".")[1] for path in self.directory.glob("Pulumi.*.yaml"))

    def configuration(self, stack: str, overrides: Mapping[str, str]) -> dict[str, str]:
        """All values as text, the way a program gets them: defaults, the stack's file, then `overrides`.

        An override's key may leave out the project's name. Raises SettingsError for a stack without a file,
        an undeclared override, an encrypted value, or a declared key that nothing sets.
        """
        values = {self._full(key): _default(entry) for key, entry in self.declared.items()}
        values.update(self._stack_values(stack))
        values.update(self._checked(overrides))
        missing = sorted(key for key, value in values.items() if value is None)
        if missing:
            raise SettingsError(
                f"Stack {stack!r} is missing configuration value {missing[0]!r}. "
                f"Set it in {self.stack_file(stack).name} or with --config {missing[0].split(':')[-1]}=VALUE."
            )
        return {key: _text(value) for key, value in values.items()}

    def stack_configuration(self, stack: str, overrides: Mapping[str, str]) -> dict[str, Any]:
        """What a stack file for Pulumi itself holds: the committed file's values with `overrides` on top.

        Raises SettingsError as `configuration` does.
        """
        self.configuration(stack, overrides)
        typed = {key: self._typed(key, value) for key, value in self._checked(overrides).items()}
        return {**self._stack_values(stack), **typed}

    def _typed(self, key: str, text: str) -> Any:
        """An override in the type that its key is declared with: Pulumi checks it."""
        declared = self.declared.get(key.removeprefix(f"{self.name}:"))
        kind = declared.get("type") if isinstance(declared, Mapping) else None
        return text if kind in (None, "string") else yaml.safe_load(text)

    def _stack_values(self, stack: str) -> dict[str, Any]:
        path = self.stack_file(stack)
        if not path.exists():
            raise SettingsError(
                f"There is no stack {stack!r}: {path} does not exist. "
                f"Known stacks: {', '.join(self._with_files())}."
            )
        values = {self._full(key): value for key, value in (_yaml(path).get("config") or {}).items()}
        encrypted = sorted(
            key for key, value in values.items() if isinstance(value, Mapping) and "secure" in value
        )
        if encrypted:
            raise SettingsError(
                f"{path.name} has encrypted values ({', '.join(encrypted)}), which only Pulumi can read. "
                f"Give them for this deployment with --config KEY=VALUE."
            )
        return values

    def _checked(self, overrides: Mapping[str, str]) -> dict[str, str]:
        known = {self._full(key) for key in self.declared}
        values = {self._full(key): value for key, value in overrides.items()}
        unknown = sorted(key for key in values if key not in known and key.startswith(f"{self.name}:"))
        if unknown:
            raise SettingsError(
                f"{unknown[0]!r} is not a configuration key of this project. "
                f"Known: {', '.join(sorted(self.declared))}."
            )
        return values

    def _full(self, key: str) -> str:
        return key if ":" in key else f"{self.name}:{key}"


def host_overrides() -> dict[str, str]:
    """The Lambda runtime and architecture that the code built for this very interpreter runs on as it is."""
    return {
        "lambdaRuntime": f"python{sys.version_info.major}.{sys.version_info.minor}",
        "lambdaArchitecture": "arm64" if platform.machine().lower() in ("arm64", "aarch64") else "x86_64",
    }


def twin_overrides(environment: Mapping[str, str]) -> dict[str, str]:
    """What makes a configuration fit the running twin, from the environment that it prints."""
    zone = environment["TWIN_HOSTED_ZONE"]
    return {
        **host_overrides(),
        "awsEndpointUrl": environment["AWS_ENDPOINT_URL"],
        "hostedZone": zone,
        "domainName": f"orders.{zone}",
        # Nobody else has made API Gateway's log role in a twin that was just started.
        "manageApiGatewayAccount": "true",
    }


def _yaml(path: Path) -> dict[str, Any]:
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {error.strerror}.") from error
    except yaml.YAMLError as error:
        raise SettingsError(f"{path} is not YAML: {error}") from error
    return content if isinstance(content, dict) else {}


def _default(entry: Any) -> Any:
    """A declared key's default: the entry itself, or the `default` or `value` of its description."""
    if not isinstance(entry, Mapping):
        return entry
    return entry.get("default", entry.get("value"))


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value)
