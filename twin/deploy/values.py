"""The plain values that handlers take: JSON, plus local files and secrets, without any Pulumi type."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HIDDEN = "[secret]"


@dataclass(frozen=True, kw_only=True)
class LocalFile:
    """A file that a resource uploads; two with the same bytes are equal wherever they lie."""

    path: Path = field(compare=False)
    sha256: str

    @classmethod
    def at(cls, path: Path) -> "LocalFile":
        """Raises OSError where the file cannot be read."""
        with path.open("rb") as file:
            return cls(path=path, sha256=hashlib.file_digest(file, "sha256").hexdigest())

    def read(self) -> bytes:
        return self.path.read_bytes()


@dataclass(frozen=True, kw_only=True)
class Secret:
    """A value that the program marked secret: used, and never written to a file."""

    value: Any = field(repr=False)


def reveal(value: Any) -> Any:
    """The same value with every secret replaced by what it holds."""
    if isinstance(value, Secret):
        return reveal(value.value)
    if isinstance(value, Mapping):
        return {key: reveal(item) for key, item in value.items()}
    if isinstance(value, list):
        return [reveal(item) for item in value]
    return value


def storable(value: Any) -> Any:
    """The JSON form that is kept between deployments: no secret, and of a file only its hash."""
    if isinstance(value, Secret):
        return HIDDEN
    if isinstance(value, LocalFile):
        return {"fileSha256": value.sha256}
    if isinstance(value, Mapping):
        return {key: storable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [storable(item) for item in value]
    return value


def changed_keys(old: Mapping[str, Any], new: Mapping[str, Any]) -> frozenset[str]:
    """Top-level keys whose storable values differ; a secret always counts as changed: it is not kept."""
    keys = old.keys() | new.keys()
    return frozenset(key for key in keys if old.get(key) != new.get(key) or _holds_secret(new.get(key)))


def _holds_secret(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(_holds_secret(item) for item in value.values())
    if isinstance(value, list):
        return any(_holds_secret(item) for item in value)
    return bool(value == HIDDEN)
