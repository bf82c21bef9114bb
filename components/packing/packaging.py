"""Zip archives whose bytes depend on their contents alone.

A deployment must not change because it was planned on another machine. Order, dates, modes and the system
that wrote an entry are fixed here, and entries are stored, not compressed: compressed bytes differ between
versions of zlib.
"""

import base64
import hashlib
import os
import stat
import tempfile
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from components.errors import PackagingError

_EARLIEST_ZIP_DATE = (1980, 1, 1, 0, 0, 0)
_FILE_MODE = stat.S_IFREG | 0o644
_UNIX = 3  # "version made by" of an entry, by the zip format's list of systems
_HASH_IN_NAME = 16


@dataclass(frozen=True, kw_only=True)
class Member:
    """One file of an archive: its path inside, with slashes, and where its bytes come from."""

    path: str
    source: Path


@dataclass(frozen=True, kw_only=True)
class Archive:
    """A zip file on disk."""

    path: Path
    sha256: str
    """Of the zip's bytes, in hexadecimal."""
    unzipped_bytes: int

    @property
    def base64_sha256(self) -> str:
        """As Lambda reports it (CodeSha256)."""
        return base64.b64encode(bytes.fromhex(self.sha256)).decode()

    @property
    def short_hash(self) -> str:
        """Enough of the hash to tell two contents apart in a name."""
        return self.sha256[:_HASH_IN_NAME]


def python_members(root: Path, *, prefix: str) -> list[Member]:
    """Every Python source below `root`, under `prefix`; nothing else of what may lie there.

    Raises PackagingError where there is none: a function without code would be deployed.
    """
    return _members(root, prefix, (file for file in root.rglob("*.py") if file.is_file()))


def tree_members(root: Path, *, prefix: str) -> list[Member]:
    """Every file below `root`, under `prefix`. Raises PackagingError where there is none."""
    return _members(root, prefix, (file for file in root.rglob("*") if file.is_file()))


def write_archive(target: Path, members: Iterable[Member]) -> Archive:
    """Write the members to `target` and describe it.

    The file appears whole or not at all, so two processes may write the same archive at once.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    unfinished = Path(name)
    try:
        with os.fdopen(handle, "wb") as file, zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
            for member in sorted(members, key=lambda member: member.path):
                archive.writestr(_entry(member.path), member.source.read_bytes())
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)
    return describe_archive(target)


def write_named_archive(directory: Path, name: str, members: Iterable[Member]) -> Archive:
    """As write_archive, under a file name that carries the contents: `<name>-<hash>.zip`."""
    written = write_archive(directory / f".{name}-{os.getpid()}.zip", members)
    final = directory / f"{name}-{written.short_hash}.zip"
    written.path.replace(final)
    return Archive(path=final, sha256=written.sha256, unzipped_bytes=written.unzipped_bytes)


def describe_archive(path: Path) -> Archive:
    """Raises PackagingError where the file is no whole zip."""
    try:
        with zipfile.ZipFile(path) as archive:
            unzipped = sum(entry.file_size for entry in archive.infolist())
    except zipfile.BadZipFile as error:
        raise PackagingError(
            f"{path} is not a whole zip file.",
            seen=str(error),
            why="It was cut short or changed by hand.",
            do="Delete it and run again.",
        ) from error
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Archive(path=path, sha256=digest, unzipped_bytes=unzipped)


def _members(root: Path, prefix: str, files: Iterable[Path]) -> list[Member]:
    members = [
        Member(path=f"{prefix}/{file.relative_to(root).as_posix()}", source=file)
        for file in files
        if "__pycache__" not in file.relative_to(root).parts
    ]
    if not members:
        raise PackagingError(
            f"There is nothing to pack for {prefix!r}.",
            seen=str(root),
            why="The archive would be empty, and the function would fail at its first call.",
            do="Restore the directory from a whole checkout and run again.",
        )
    return members


def _entry(path: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(path, _EARLIEST_ZIP_DATE)
    entry.create_system = _UNIX
    entry.external_attr = _FILE_MODE << 16
    entry.compress_type = zipfile.ZIP_STORED
    return entry
