"""The program that is deployed, and what makes its configuration fit the running twin."""

import platform
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from blueprint.errors import ConfigError
from blueprint.project_files import Project
from blueprint.stack_config import StackConfig
from twin.deploy.errors import SettingsError

ROOT = Path(__file__).resolve().parents[2]
ORGANIZATION = "organization"
"""What Pulumi calls the organisation of a stack that is kept in no Pulumi account."""


def host_overrides() -> dict[str, str]:
    """The Lambda runtime and architecture that the code built for this very interpreter runs on as it is."""
    return {
        "lambdaRuntime": f"python{sys.version_info.major}.{sys.version_info.minor}",
        "lambdaArchitecture": "arm64" if platform.machine().lower() in ("arm64", "aarch64") else "x86_64",
    }


def fitting(
    project: Project, stack: str, given: Mapping[str, str], environment: Mapping[str, str]
) -> dict[str, str]:
    """`given`, and what else makes the stack's configuration fit the twin that prints this environment.

    Raises SettingsError where the program would refuse it, and for a region that the twin does not have.
    """
    try:
        values = {**twin_overrides(project, stack, given, environment), **given}
        config = project.stack_config(stack, values)
    except ConfigError as error:
        raise SettingsError(f"{stack} was not deployed: {error}") from error
    _refuse_missing_regions(config, environment["TWIN_REGIONS"].split(","))
    return values


def twin_overrides(
    project: Project, stack: str, given: Mapping[str, str], environment: Mapping[str, str]
) -> dict[str, str]:
    """What the twin changes of a stack's configuration, on top of which `given` comes. Raises ConfigError."""
    configured = project.configuration(stack, given)
    domain, own_zone = (configured[f"{project.name}:{key}"] for key in ("domainName", "hostedZone"))
    zone = environment["TWIN_HOSTED_ZONE"]
    return {
        **host_overrides(),
        "awsEndpointUrl": environment["AWS_ENDPOINT_URL"],
        "hostedZone": zone,
        "domainName": in_zone(domain, own_zone, zone),
        # Nobody else has made API Gateway's log role in a twin that was just started.
        "manageApiGatewayAccount": "true",
    }


def in_zone(domain: str, configured_zone: str, zone: str) -> str:
    """The domain name itself, or the same name in the twin's zone where it is in the configured one."""
    if domain.endswith(f".{zone}") or not domain.endswith(f".{configured_zone}"):
        return domain
    return domain.removesuffix(configured_zone) + zone


def needed_regions(config: StackConfig) -> tuple[str, ...]:
    """Every region that a deployment of all stacks has something in."""
    witness = [config.witness_region] if config.is_strong and config.witness_region else []
    return tuple(dict.fromkeys([*config.regions, config.observer_region, *witness]))


def _refuse_missing_regions(config: StackConfig, regions: Sequence[str]) -> None:
    missing = [region for region in needed_regions(config) if region not in regions]
    if missing:
        raise SettingsError(
            f"{config.stack} was not deployed: this twin has no {', '.join(missing)}.\n"
            f"  value seen: {', '.join(regions)}\n"
            "  why: The configuration names more regions (stacks, observerRegion, witnessRegion) than the "
            "twin was started with.\n"
            "  what to do: Start it anew: python -m twin down; python -m twin up --detach --regions "
            f"{','.join([*regions, *missing])}"
        )
