"""The exported deployment: one file with all that moving traffic needs. No secrets, so commit it and copy it.

Outputs alone are in it, sorted, so that two exports of the same deployment differ in their date only.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from blueprint import output_names as names
from ops.deployed import deployment as deployments
from ops.deployed.deployment import Deployment, Outputs
from ops.errors import DeploymentError

SCHEMA_VERSION = 1
"""Rises when a file of before can no longer be read as it is."""

OLD_AFTER = timedelta(days=30)
AGAIN = "Write it again: python -m ops export"
WHERE_FROM = (
    "It is written by each deployment and committed: take it from the repository (git pull), or name any copy"
    " of it: --deployment FILE. Where Pulumi and its backend answer, python -m ops export writes it again."
)


@dataclass(frozen=True, kw_only=True)
class Export:
    """The outputs of all stacks on one target at one moment; `primary` names the stack that goes first."""

    target: str
    primary: str
    exported_at: datetime
    stacks: Mapping[str, Outputs]


def write(export: Export, file: Path) -> None:
    """Put the file there, whole or not at all."""
    document = {
        "schemaVersion": SCHEMA_VERSION,
        "exportedAt": export.exported_at.isoformat(timespec="seconds"),
        "target": export.target,
        "primaryStack": export.primary,
        "stacks": {stack: _kept(outputs) for stack, outputs in export.stacks.items()},
    }
    file.parent.mkdir(parents=True, exist_ok=True)
    temporary = file.with_suffix(".tmp")
    temporary.write_text(json.dumps(document, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    temporary.replace(file)


def load(file: Path, *, target: str, now: datetime | None = None) -> Deployment:
    """The deployment in a file; DeploymentError where there is none, or it was exported on another target."""
    try:
        text = file.read_text(encoding="utf-8")
    except OSError as error:
        raise DeploymentError(f"{file}: {error.strerror}. {WHERE_FROM}") from error
    except UnicodeDecodeError as error:
        raise DeploymentError(f"{file} is not an exported deployment: it is not text. {AGAIN}") from error
    export = _parsed(deployments.json_object(text, str(file)), file)
    _check_target(export, file, target)
    source = f"{file}, exported {age(export.exported_at, now or datetime.now(UTC))}"
    try:
        found = deployments.parse(_primary_first(export), source=source, exported_at=export.exported_at)
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        raise DeploymentError(
            f"{file} is damaged: {type(error).__name__}: {error}. Take the last good one, or: python -m ops "
            "export"
        ) from error
    return found


def contradictions(found: Deployment, *, primary: str, domain_name: str) -> list[str]:
    """What the stack files say otherwise. The file is believed: it says what was deployed."""
    said = (
        ("primary stack", found.primary.name, primary),
        ("domain", urlsplit(found.domain_url).hostname, domain_name),
    )
    return [
        f"{found.source}: its {what} is {seen}, and the stack files say {other}. The file is believed; if it "
        "is of another service, name the right one: --deployment FILE"
        for what, seen, other in said
        if seen != other
    ]


def is_old(exported_at: datetime, now: datetime) -> bool:
    """Is it so long ago that it should be looked at again?"""
    return now - exported_at > OLD_AFTER


def age(exported_at: datetime, now: datetime) -> str:
    """How long ago, in the largest unit that says something, and the date."""
    seconds = max((now - exported_at).total_seconds(), 0)
    for unit, length in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        number = int(seconds // length)
        if number:
            passed = f"{number} {unit}{'s' if number > 1 else ''} ago"
            break
    else:
        passed = "just now"
    return f"{passed} ({exported_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC)"


def _kept(outputs: Outputs) -> dict[str, Any]:
    # By name: whatever else somebody makes the program export, this file stays fit to be committed.
    return {key: outputs[key] for key in names.ALL if key in outputs}


def _parsed(document: Mapping[str, Any], file: Path) -> Export:
    version = document.get("schemaVersion")
    if not isinstance(version, int) or not isinstance(document.get("stacks"), dict):
        raise DeploymentError(
            f"{file} is not an exported deployment: no schemaVersion, or no stacks. {AGAIN}"
        )
    if version != SCHEMA_VERSION:
        raise DeploymentError(
            f"{file} has schema version {version}; this program reads {SCHEMA_VERSION}. "
            + (AGAIN if version < SCHEMA_VERSION else "Use the program that wrote it, or a newer one.")
        )
    try:
        exported_at = datetime.fromisoformat(str(document.get("exportedAt")))
        if exported_at.tzinfo is None:
            raise ValueError("no time zone")
    except ValueError as error:
        raise DeploymentError(
            f"{file} does not say when it was exported ({document.get('exportedAt')!r}): how old it is "
            f"cannot be told. {AGAIN}"
        ) from error
    return Export(
        target=str(document.get("target", "")),
        primary=str(document.get("primaryStack", "")),
        exported_at=exported_at,
        stacks=document["stacks"],
    )


def _check_target(export: Export, file: Path, target: str) -> None:
    if export.target != target:
        raise DeploymentError(
            f"{file} was exported on {export.target or 'no target'}, not on {target}: it would lead to other "
            f"controls. Name another file, or: --target {export.target or target}"
        )
    if export.primary not in export.stacks:
        raise DeploymentError(
            f"{file} is damaged: its primary stack is {export.primary or 'none'}, and it has "
            f"{', '.join(sorted(export.stacks)) or 'no stack'}. Take the last good one, or: python -m ops "
            "export"
        )


def _primary_first(export: Export) -> dict[str, Outputs]:
    others = sorted(stack for stack in export.stacks if stack != export.primary)
    return {stack: export.stacks[stack] for stack in (export.primary, *others)}
