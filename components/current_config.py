"""The running program's configuration: the only reader of `pulumi.Config`."""

import json
import os

import pulumi

from blueprint.stack_config import StackConfig, load


def current() -> StackConfig:
    """The running program's configuration; raises ConfigError before the first resource exists."""
    project = pulumi.get_project()
    return load(pulumi.Config(), project, pulumi.get_stack(), configured_keys=_configured_keys(project))


def _configured_keys(project: str) -> list[str]:
    """The engine hands all configuration over in this variable; without it nothing is seen or refused."""
    prefix = f"{project}:"
    configured = json.loads(os.environ.get("PULUMI_CONFIG") or "{}")
    return [key.removeprefix(prefix) for key in configured if key.startswith(prefix)]
