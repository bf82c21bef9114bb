"""Pulumi's files of a project, put together as Pulumi itself does it: no Pulumi needed.

    project = Project.at(directory)
    config = project.stack_config("region1", {"dnsTtl": "30"})

This is the one place where a configuration is merged: the project's defaults, a stack's file, then values
that are given beside them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from blueprint.config_keys import as_text
from blueprint.errors import ConfigError
from blueprint.stack_config import StackConfig, load


@dataclass(frozen=True, kw_only=True)
class Project:
    """Pulumi.yaml and where it lies. Every method raises ConfigError where a file cannot be used."""

    directory: Path
    name: str
    declared: Mapping[str, Any]

    @classmethod
    def at(cls, directory: Path) -> "Project":
        content = _yaml(directory / "Pulumi.yaml")
        if not content.get("name"):
            raise ConfigError(
                "The project has no name.",
                seen=str(directory / "Pulumi.yaml"),
                why="Every configuration key begins with it.",
                do="Write `name:` into the file.",
            )
        return cls(directory=directory, name=str(content["name"]), declared=content.get("config") or {})

    def stack_file(self, stack: str) -> Path:
        return self.directory / f"Pulumi.{stack}.yaml"

    def configuration(self, stack: str, given: Mapping[str, str]) -> dict[str, str]:
        """All values as text by their full keys, the way a program gets them.

        A key of `given` may leave out the project's name. Raises ConfigError for a stack without a file, a
        given key that is not declared, an encrypted value, or a declared key that nothing sets.
        """
        values = {self._full(key): _default(entry) for key, entry in self.declared.items()}
        values.update(self._readable(stack))
        values.update(self._known(given))
        for key, value in sorted(values.items()):
            if value is None:
                raise _unset(self._bare(key), self.stack_file(stack))
        return {key: as_text(value) for key, value in values.items()}

    def stack_configuration(self, stack: str, given: Mapping[str, str]) -> dict[str, Any]:
        """What a stack file for Pulumi itself holds: the file's values with those of `given` on top."""
        self.configuration(stack, given)
        typed = {key: self._typed(key, value) for key, value in self._known(given).items()}
        return {**self._of_file(stack), **typed}

    def stack_config(
        self, stack: str, given: Mapping[str, str] | None = None, *, leave_out_secrets: bool = False
    ) -> StackConfig:
        """The stack's configuration as the program reads it; an unknown or wrong value is refused as there.

        `leave_out_secrets`: an encrypted value, which only Pulumi can read, counts as its default.
        """
        values = {key: _default(entry) for key, entry in self.declared.items()}
        of_file = self._of_file(stack) if leave_out_secrets else self._readable(stack)
        for key, value in {**of_file, **self._known(given or {})}.items():
            if self._is_ours(key) and not _is_encrypted(value):
                values[self._bare(key)] = value
        texts = {key: as_text(value) for key, value in values.items() if value is not None}
        return load(texts, self.name, stack, configured_keys=texts)

    def default_config(self, given: Mapping[str, str] | None = None) -> StackConfig:
        """The configuration of the default deployment's primary stack."""
        return self.stack_config(str(_default(self.declared.get("primaryStack"))), given)

    def _of_file(self, stack: str) -> dict[str, Any]:
        """What the stack's file sets, by full keys."""
        path = self.stack_file(stack)
        if not path.exists():
            raise ConfigError(
                f"There is no stack {stack!r}.",
                seen=str(path),
                why="A stack is a file of that name beside Pulumi.yaml.",
                do=f"Name one of: {', '.join(self._with_files()) or 'none is there'}.",
            )
        return {self._full(key): value for key, value in (_yaml(path).get("config") or {}).items()}

    def _typed(self, key: str, text: str) -> Any:
        """A text in the type that its key is declared with: Pulumi checks it."""
        declared = self.declared.get(self._bare(key))
        kind = declared.get("type") if isinstance(declared, Mapping) else None
        return text if kind in (None, "string") else yaml.safe_load(text)

    def _full(self, key: str) -> str:
        return key if ":" in key else f"{self.name}:{key}"

    def _bare(self, key: str) -> str:
        return key.removeprefix(f"{self.name}:")

    def _is_ours(self, key: str) -> bool:
        return key.startswith(f"{self.name}:")

    def _with_files(self) -> list[str]:
        return sorted(path.name.split(".")[1] for path in self.directory.glob("Pulumi.*.yaml"))

    def _readable(self, stack: str) -> dict[str, Any]:
        values = self._of_file(stack)
        encrypted = sorted(self._bare(key) for key, value in values.items() if _is_encrypted(value))
        if encrypted:
            raise ConfigError(
                f"{self.stack_file(stack).name} has encrypted values, which only Pulumi can read.",
                seen=", ".join(encrypted),
                why="The configuration is put together without Pulumi here.",
                do="Give them beside the file: --config KEY=VALUE.",
            )
        return values

    def _known(self, given: Mapping[str, str]) -> dict[str, str]:
        values = {self._full(key): value for key, value in given.items()}
        unknown = sorted(key for key in values if self._is_ours(key) and self._bare(key) not in self.declared)
        if unknown:
            raise ConfigError(
                f"{self._bare(unknown[0])!r} is not a configuration key of this project.",
                seen=unknown[0],
                why="Pulumi.yaml does not declare it.",
                do=f"Write one of: {', '.join(sorted(self.declared))}.",
            )
        return values


def _unset(key: str, file: Path) -> ConfigError:
    return ConfigError(
        f"`{key}` is not set.",
        seen=None,
        why="It has no default: only you know it.",
        do=f"Set it in {file.name}, or beside it with --config {key}=VALUE.",
    )


def _yaml(path: Path) -> dict[str, Any]:
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise _unreadable(path, error.strerror or error) from error
    except yaml.YAMLError as error:
        raise _unreadable(path, error) from error
    if content is None:
        return {}
    if not isinstance(content, dict) or not isinstance(content.get("config") or {}, dict):
        raise _unreadable(path, "it is no map of names to values")
    return content


def _unreadable(path: Path, reason: object) -> ConfigError:
    return ConfigError(
        f"{path} cannot be used.",
        seen=str(reason),
        why="It says what the stack is made of.",
        do="Compare it with the last good one.",
    )


def _default(entry: Any) -> Any:
    """A declared key's default: the entry itself, or the `default` or `value` of its description."""
    if not isinstance(entry, Mapping):
        return entry
    return entry.get("default", entry.get("value"))


def _is_encrypted(value: Any) -> bool:
    return isinstance(value, Mapping) and "secure" in value
