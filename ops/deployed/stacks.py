"""Which stacks there are, from Pulumi's files beside the program; no Pulumi needed."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from ops.errors import MisuseError

PROJECT = Path(__file__).resolve().parents[2]
NAMESPACE = "resilient-orders"
DEFAULT_STACK = "region1"
# What every stack of a deployment must have alike; the program checks more, once the primary is deployed.
_SAME_EVERYWHERE = ("stacks", "primaryStack", "domainName", "hostedZone", "consistency", "dnsRecord")


@dataclass(frozen=True, kw_only=True)
class StackPlan:
    """Every regional stack (name -> region), the primary first and the others by name, and what else is
    configured for all of them.

    By name, since that is how the program tells which stack is the last one.
    """

    regions: Mapping[str, str]
    domain_name: str
    hosted_zone: str
    hosted_zone_id: str
    account_id: str
    access_logs: bool
    manages_api_gateway_account: bool
    observer_region: str
    dns_record: str
    dns_ttl: int

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self.regions)

    @property
    def primary(self) -> str:
        return self.names[0]

    @property
    def secondaries(self) -> tuple[str, ...]:
        return self.names[1:]


def read_plan(stack: str, directory: Path) -> StackPlan:
    """The stacks that belong together with `stack`, as its configuration file says.

    MisuseError: there is no such stack file, or it does not fit the project.
    """
    file = directory / f"Pulumi.{stack}.yaml"
    if not file.exists():
        known = sorted(
            f.name.removeprefix("Pulumi.").removesuffix(".yaml") for f in directory.glob("Pulumi.*.yaml")
        )
        raise MisuseError(f"--stack {stack}: no file {file}; there are stacks {', '.join(known) or 'none'}.")
    try:
        return _plan(file, directory)
    except (AttributeError, TypeError, ValueError) as error:
        raise MisuseError(f"{file} cannot be used: {error}. Compare it with the last good one.") from error


def _plan(file: Path, directory: Path) -> StackPlan:
    project = _mapping(directory / "Pulumi.yaml")
    settings = _settings(project, _mapping(file))
    regions = settings.get("stacks") or {}
    primary = str(settings.get("primaryStack", ""))
    if primary not in regions:
        raise MisuseError(
            f"{file}: the primary stack {primary!r} is none of stacks: {', '.join(regions) or 'none'}."
        )
    for other in regions:
        _refuse_disagreement(file, settings, directory / f"Pulumi.{other}.yaml", project)
    ordered = [primary, *sorted(name for name in regions if name != primary)]
    return StackPlan(
        regions={name: regions[name] for name in ordered},
        domain_name=str(settings.get("domainName", "")),
        hosted_zone=str(settings.get("hostedZone", "")),
        hosted_zone_id=str(settings.get("hostedZoneId", "")),
        account_id=str(settings.get("accountId", "")),
        access_logs=_true(settings.get("apiAccessLogs", True)),
        manages_api_gateway_account=_true(settings.get("manageApiGatewayAccount", False)),
        observer_region=str(settings.get("observerRegion", "")),
        dns_record=str(settings.get("dnsRecord", "cname")),
        dns_ttl=int(settings.get("dnsTtl", 0)),
    )


def read_settings(stack: str, directory: Path) -> Mapping[str, Any]:
    """Every setting of a stack, defaults included, by key; MisuseError as with `read_plan`."""
    read_plan(stack, directory)
    return _settings(_mapping(directory / "Pulumi.yaml"), _mapping(directory / f"Pulumi.{stack}.yaml"))


def _refuse_disagreement(
    file: Path, settings: Mapping[str, Any], other: Path, project: Mapping[str, Any]
) -> None:
    """MisuseError where two stack files of one plan do not describe the same deployment."""
    if other == file or not other.exists():
        return
    theirs = _settings(project, _mapping(other))
    for key in _SAME_EVERYWHERE:
        if theirs.get(key) != settings.get(key):
            raise MisuseError(
                f"{file.name} and {other.name} have different `{key}`: {settings.get(key)} and "
                f"{theirs.get(key)}. They are stacks of one deployment: write the same into both."
            )


def _settings(project: Mapping[str, Any], stack: Mapping[str, Any]) -> dict[str, Any]:
    """The project's defaults, then the stack's own values, keys without their namespace."""
    values = {}
    for key, declared in (project.get("config") or {}).items():
        if isinstance(declared, dict):
            values[_bare(key)] = declared.get("value", declared.get("default"))
        else:
            values[_bare(key)] = declared
    values |= {_bare(key): value for key, value in (stack.get("config") or {}).items() if _ours(key)}
    return values


def _ours(key: str) -> bool:
    return key.partition(":")[0] == NAMESPACE


def _bare(key: str) -> str:
    return key.removeprefix(f"{NAMESPACE}:")


def _true(value: Any) -> bool:
    return str(value).lower() == "true"


def _mapping(file: Path) -> Mapping[str, Any]:
    try:
        value = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise MisuseError(f"{file} cannot be read: {error}") from error
    return value if isinstance(value, dict) else {}
