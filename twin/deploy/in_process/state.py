"""What earlier deployments of a stack made: one JSON file a stack, written after every resource."""

import json
import os
import threading
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

from twin.deploy.errors import StateError

VERSION = 1


@dataclass(frozen=True, kw_only=True)
class StoredResource:
    """One resource as it was last created or updated."""

    urn: str
    type: str
    name: str
    identity: str
    region: str
    provider: str
    inputs: dict[str, Any]
    outputs: dict[str, Any]
    dependencies: tuple[str, ...] = ()
    protect: bool = False
    retain: bool = False
    half_made: bool = False
    """A call of its creation failed after the resource existed: the next deployment finishes it."""
    obsolete: bool = False
    """Replaced by another and still to be deleted."""


@dataclass(kw_only=True)
class StackState:
    """The resources of one stack in one running twin; safe to change from several threads."""

    path: Path
    twin: str
    """Which run of the twin the resources are in: a twin that was started anew has none of them."""
    resources: dict[str, StoredResource] = field(default_factory=dict)
    providers: dict[str, dict[str, Any]] = field(default_factory=dict)
    configuration: dict[str, str] = field(default_factory=dict)
    """What the last deployment was given in place of the stack file's values."""
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    @classmethod
    def load(cls, path: Path, twin: str) -> "StackState":
        """Empty where there is none, or where it belongs to another run of the twin. Raises StateError."""
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            if content["version"] != VERSION:
                raise StateError(
                    f"{path} has version {content['version']}, this program writes {VERSION}. Remove it."
                )
            if content["twin"] != twin:
                return cls(path=path, twin=twin)
            kept = [_kept(entry) for entry in content["resources"]]
        except FileNotFoundError:
            return cls(path=path, twin=twin)
        except (ValueError, KeyError, TypeError) as error:
            raise StateError(
                f"{path} cannot be read ({type(error).__name__}: {error}). It records what is deployed. "
                f"Restart the twin and remove the file, then deploy again."
            ) from error
        state = cls(
            path=path,
            twin=twin,
            providers=content.get("providers", {}),
            configuration=content.get("configuration", {}),
        )
        state.resources = {_key(resource): resource for resource in kept}
        return state

    def get(self, urn: str) -> StoredResource | None:
        return self.resources.get(urn)

    def put(self, resource: StoredResource) -> None:
        with self._lock:
            self.resources[_key(resource)] = resource
            self._write()

    def remove(self, resource: StoredResource) -> None:
        with self._lock:
            self.resources.pop(_key(resource), None)
            self._write()

    def remember_provider(self, urn: str, inputs: dict[str, Any]) -> None:
        with self._lock:
            self.providers[urn] = inputs

    def configured(self, configuration: dict[str, str]) -> None:
        """Remember what a deployment that has come to its end was given."""
        with self._lock:
            self.configuration = configuration
            self._write()

    def in_deletion_order(self, chosen: set[str]) -> Iterator[StoredResource]:
        """The resources with these keys, dependents before what they depend on."""
        graph = {key: set(kept.dependencies) & self.resources.keys() for key, kept in self.resources.items()}
        try:
            order = list(TopologicalSorter(graph).static_order())
        except CycleError:
            order = list(self.resources)
        for key in reversed(order):
            if key in chosen:
                yield self.resources[key]

    def _write(self) -> None:
        content = {
            "version": VERSION,
            "twin": self.twin,
            "providers": self.providers,
            "configuration": self.configuration,
            "resources": [asdict(resource) for resource in self.resources.values()],
        }
        write_json(self.path, content)


def state_file(home: Path, stack: str) -> Path:
    """Where a stack's state is kept in the twin's home."""
    return home / "state" / f"{stack}.json"


def write_json(path: Path, content: Any) -> None:
    """Replaces the file in one step, so that a reader never sees half of it; readable by its owner only."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(content, file, indent=2, sort_keys=True)
        file.write("\n")
    draft.replace(path)


def _key(resource: StoredResource) -> str:
    return f"{resource.urn}#{resource.identity}" if resource.obsolete else resource.urn


def _kept(entry: dict[str, Any]) -> StoredResource:
    return StoredResource(**{**entry, "dependencies": tuple(entry["dependencies"])})
