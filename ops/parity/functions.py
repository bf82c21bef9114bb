"""What one region's Lambda functions are: code, layers and settings."""

from collections.abc import Iterator, Mapping
from typing import Any

from ops.deployed.deployment import Stack
from ops.parity.neutral import RegionNeutral
from ops.parity.rows import Facts

SETTINGS = (
    "Runtime",
    "Architectures",
    "Handler",
    "MemorySize",
    "Timeout",
    "EphemeralStorage",
    "TracingConfig",
    "LoggingConfig",
    "PackageType",
    "SnapStart",
    "State",
)


def facts(client: Any, stack: Stack, neutral: RegionNeutral) -> Facts:
    """By function and setting; `client` is Lambda's."""
    found = {}
    for name, arn in sorted(stack.function_arns.items()):
        for setting, value in _one(client, arn):
            found[f"{name} {setting}"] = neutral.text(value)
    return found


def _one(client: Any, arn: str) -> Iterator[tuple[str, Any]]:
    configuration = client.get_function_configuration(FunctionName=arn)
    yield "code", configuration["CodeSha256"]
    for setting in SETTINGS:
        if configuration.get(setting):
            yield setting, configuration[setting]
    variables: Mapping[str, str] = configuration.get("Environment", {}).get("Variables", {})
    for variable, value in variables.items():
        yield f"variable {variable}", value
    for layer in configuration.get("Layers", []):
        version = client.get_layer_version_by_arn(Arn=layer["Arn"])
        # The version's number counts a region's own deployments; what is in it must be the same.
        yield f"layer {layer['Arn'].split(':')[6].rpartition('-')[2]}", version["Content"]["CodeSha256"]
    concurrency = client.get_function_concurrency(FunctionName=arn)
    yield "reserved concurrency", concurrency.get("ReservedConcurrentExecutions", "none")
