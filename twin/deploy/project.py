"""The program that is deployed, and what makes its configuration fit the running twin."""

import platform
import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ORGANIZATION = "organization"
"""What Pulumi calls the organisation of a stack that is kept in no Pulumi account."""


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
