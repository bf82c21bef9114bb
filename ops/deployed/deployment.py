"""What is deployed, as the stacks' outputs say it. Everything else in this package works on a Deployment."""

import json
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from blueprint import output_names as names
from ops.deployed.stacks import PROJECT
from ops.errors import DeploymentError, MisuseError
from ops.routing.cluster import Endpoint
from ops.routing.switch import Controls

NEEDED = (
    names.REGION,
    names.API_URL,
    names.DOMAIN_URL,
    names.TABLE_NAMES,
    names.FUNCTION_ARNS,
    names.HOSTED_ZONE_ID,
    names.ARC,
)
NEEDED_OF_ARC = (
    names.ARC_CONTROL_PANEL_ARN,
    names.ARC_CLUSTER_ENDPOINTS,
    names.ARC_ROUTING_CONTROLS,
    names.ARC_SAFETY_RULE_ARN,
)

# Seconds for the backend to tell a stack's outputs; an operator in an incident waits no longer.
PULUMI_DEADLINE = 30.0

Outputs = Mapping[str, Any]
Run = Callable[[Sequence[str]], "subprocess.CompletedProcess[str]"]


@dataclass(frozen=True, kw_only=True)
class Stack:
    """One regional stack: its own API and tables."""

    name: str
    region: str
    api_id: str
    api_url: str
    table_names: Mapping[str, str]
    function_arns: Mapping[str, str]
    load_generator_arn: str
    """Empty where there is none."""


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """All deployed stacks, the primary first, and what they share.

    `exported_at` is when the file that it was read from was written; None where it was asked for just now.
    """

    stacks: tuple[Stack, ...]
    domain_url: str
    hosted_zone_id: str
    endpoints: tuple[Endpoint, ...]
    controls: Controls
    alarm_topics: tuple[str, ...]
    source: str
    exported_at: datetime | None = None

    @property
    def primary(self) -> Stack:
        return self.stacks[0]

    @property
    def domain_name(self) -> str:
        """The name that all regions share, without scheme and path."""
        return urlsplit(self.domain_url).netloc

    @property
    def regions(self) -> tuple[str, ...]:
        return tuple(stack.region for stack in self.stacks)

    @property
    def account_id(self) -> str:
        """The account that the stacks are in; the fifth field of every ARN."""
        return next(iter(self.primary.function_arns.values())).split(":")[4]

    def stack_in(self, region: str) -> Stack:
        """The stack of a region; MisuseError when none is deployed there."""
        for stack in self.stacks:
            if stack.region == region:
                return stack
        raise MisuseError(
            f"No stack is deployed in {region}; there are stacks in {', '.join(self.regions)} "
            f"({self.source})."
        )


def parse(outputs: Mapping[str, Outputs], *, source: str, exported_at: datetime | None = None) -> Deployment:
    """The deployment that stack outputs describe: stack name -> outputs, the primary first.

    DeploymentError: no stack, an output that is missing or empty, or a newer schema than this program reads.
    """
    if not outputs:
        raise DeploymentError(f"No stack is deployed ({source}).")
    for stack, values in outputs.items():
        _check(stack, values, source)
    first = next(iter(outputs.values()))
    arc = first[names.ARC]
    return Deployment(
        stacks=tuple(_stack(name, values) for name, values in outputs.items()),
        domain_url=first[names.DOMAIN_URL],
        hosted_zone_id=first[names.HOSTED_ZONE_ID],
        endpoints=tuple(
            Endpoint(region=e[names.ARC_ENDPOINT_REGION], url=e[names.ARC_ENDPOINT_URL])
            for e in arc[names.ARC_CLUSTER_ENDPOINTS]
        ),
        controls=Controls(
            panel_arn=arc[names.ARC_CONTROL_PANEL_ARN],
            safety_rule_arn=arc[names.ARC_SAFETY_RULE_ARN],
            arns=dict(arc[names.ARC_ROUTING_CONTROLS]),
        ),
        alarm_topics=tuple(
            topic
            for values in outputs.values()
            for topic in (values.get(names.ALARM_TOPIC_ARNS) or {}).values()
        ),
        source=source,
        exported_at=exported_at,
    )


def read_directory(directory: Path, stacks: Sequence[str]) -> dict[str, Outputs]:
    """The outputs of those of `stacks` that have a file there: `<stack>.json` each."""
    found = {}
    for stack in stacks:
        file = directory / f"{stack}.json"
        if file.exists():
            found[stack] = json_object(file.read_text(encoding="utf-8"), str(file))
    return found


def read_pulumi(stacks: Sequence[str], run: Run | None = None) -> dict[str, Outputs]:
    """The outputs of those of `stacks` that Pulumi has, by `pulumi stack output --json`."""
    found = {}
    for stack in stacks:
        outputs = pulumi_outputs(stack, run or _run)
        if outputs:
            found[stack] = outputs
    return found


def pulumi_outputs(stack: str, run: Run) -> Outputs:
    """One stack's outputs, empty where it does not exist or was never deployed."""
    try:
        done = run(["pulumi", "stack", "output", "--json", "--stack", stack])
    except FileNotFoundError as error:
        raise DeploymentError(
            "The pulumi program is not on the PATH; install it, or name an exported file: --deployment FILE"
        ) from error
    except subprocess.TimeoutExpired as error:
        raise DeploymentError(
            f"pulumi stack output of {stack} gave no answer in {PULUMI_DEADLINE:g} s; its backend may be "
            "down."
        ) from error
    if done.returncode == 0:
        return json_object(done.stdout, f"pulumi stack output of {stack}")
    message = done.stderr.strip().splitlines()
    if any("no stack named" in line for line in message):
        return {}
    raise DeploymentError(
        f"pulumi stack output of {stack} failed: {message[0] if message else done.returncode}"
    )


def json_object(text: str, where: str) -> Outputs:
    """The JSON object that a text holds; `where` it is from goes into the error."""
    try:
        value = json.loads(text)
    except ValueError as error:
        raise DeploymentError(f"{where} is not JSON: {error}") from error
    if not isinstance(value, dict):
        raise DeploymentError(f"{where} is not a JSON object.")
    return value


def _stack(name: str, values: Outputs) -> Stack:
    return Stack(
        name=name,
        region=values[names.REGION],
        api_id=values.get(names.API_ID) or "",
        api_url=values[names.API_URL],
        table_names=dict(values[names.TABLE_NAMES]),
        function_arns=dict(values[names.FUNCTION_ARNS]),
        load_generator_arn=str(values.get(names.LOAD_GENERATOR_ARN) or ""),
    )


def _check(stack: str, values: Outputs, source: str) -> None:
    version = values.get(names.SCHEMA_VERSION_KEY, 0)
    if version > names.SCHEMA_VERSION:
        raise DeploymentError(
            f"Stack {stack} has outputs of schema version {version}; this program reads up to "
            f"{names.SCHEMA_VERSION}. Use the program that deployed it, or a newer one."
        )
    missing = [key for key in NEEDED if not values.get(key)]
    arc = values.get(names.ARC) or {}
    missing += [
        f"{names.ARC}.{key}" for key in NEEDED_OF_ARC if names.ARC not in missing and not arc.get(key)
    ]
    if missing:
        raise DeploymentError(
            f"Stack {stack} lacks the output{'s' if len(missing) > 1 else ''} {', '.join(missing)} "
            f"({source}): "
            "it was deployed in part, or by an older program. Deploy it again."
        )


def _run(arguments: Sequence[str]) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        arguments, cwd=PROJECT, timeout=PULUMI_DEADLINE, capture_output=True, text=True, check=False
    )


def describe(deployment: Deployment) -> str:
    """The deployment in a few lines."""
    lines = [f"{deployment.domain_url} in account {deployment.account_id} ({deployment.source})"]
    lines += [f"  {stack.name}  {stack.region}  {stack.api_url}" for stack in deployment.stacks]
    lines.append(f"  routing controls for {', '.join(sorted(deployment.controls.arns))}")
    lines += [f"  cluster endpoint  {e.region}  {e.url}" for e in deployment.endpoints]
    return "\n".join(lines)
