"""Reads every region's settings and holds them side by side."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from ops.aws_errors import explained
from ops.deployment import Deployment, Stack
from ops.errors import OpsError
from ops.findings import State
from ops.parity import api, capacity, certificates, functions, tables
from ops.parity.neutral import Neutral
from ops.parity.rows import Facts, Row, compare
from ops.target import Target

Reader = Callable[[Any, Stack, Neutral], Facts]


def audit(
    target: Target,
    deployment: Deployment,
    *,
    now: datetime,
    days: int,
    told: Callable[[str], None] = lambda _: None,
) -> list[Row]:
    """Every row; what cannot be read is a row that says so, and does not keep the rest from being read."""
    domain_name = urlsplit(deployment.domain_url).hostname or ""
    readers: Sequence[tuple[str, str, Reader]] = (
        ("functions", "lambda", functions.facts),
        ("API body", "apigateway", api.body),
        ("API settings", "apigateway", api.stage),
        ("domain", "apigateway", lambda client, _, neutral: api.domain(client, domain_name, neutral)),
        (tables.SECTION, "dynamodb", tables.facts),
    )
    parts: list[tuple[str, Callable[[], list[Row]]]] = [
        (section, partial(_compared, target, deployment.stacks, section, service, reader, told))
        for section, service, reader in readers
    ]
    parts += [
        (tables.SECTION, partial(_replicas, target, deployment.stacks)),
        ("domain", partial(_certificates, target, deployment.stacks, domain_name, now)),
        (
            capacity.SECTION,
            partial(capacity.rows, target, deployment.stacks, start=now - timedelta(days=days), end=now),
        ),
    ]
    return [row for section, part in parts for row in _read(section, part, deployment.regions, told)]


def _read(
    section: str, part: Callable[[], list[Row]], regions: Sequence[str], told: Callable[[str], None]
) -> list[Row]:
    told(f"{section} ...")
    try:
        with explained(f"compare the {section}"):
            return part()
    except OpsError as error:
        values = dict.fromkeys(regions, "?")
        return [Row(section=section, item="(not read)", values=values, state=State.FAILED, note=str(error))]


def _compared(
    target: Target,
    stacks: Sequence[Stack],
    section: str,
    service: str,
    reader: Reader,
    told: Callable[[str], None],
) -> list[Row]:
    facts: dict[str, Facts] = {}
    for stack in stacks:
        told(f"{section} in {stack.region} ...")
        with explained(f"read the {section} in {stack.region}"):
            facts[stack.region] = reader(target.client(service, stack.region), stack, Neutral(stack))
    return compare(section, facts)


def _replicas(target: Target, stacks: Sequence[Stack]) -> list[Row]:
    clients: Mapping[str, Any] = {stack.region: target.client("dynamodb", stack.region) for stack in stacks}
    return tables.status(clients, stacks[0])


def _certificates(target: Target, stacks: Sequence[Stack], domain_name: str, now: datetime) -> list[Row]:
    found = {}
    for stack in stacks:
        arn = api.certificate_arn(target.client("apigateway", stack.region), domain_name)
        answer = target.client("acm", stack.region).describe_certificate(CertificateArn=arn)
        found[stack.region] = answer["Certificate"]
    return [certificates.expiry(found, now)]
