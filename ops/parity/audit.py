"""Reads the settings of every region that answers and holds them side by side."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from ops.checks.findings import State
from ops.deployed.deployment import Deployment, Stack
from ops.deployed.target import Target
from ops.parity import api, capacity, certificates, functions, tables
from ops.parity.capacity import Limit
from ops.parity.neutral import RegionNeutral
from ops.parity.reading import Read, Regions, Report
from ops.parity.rows import Facts, Row, compare

REGIONS = "regions"
Reader = Callable[[Any, Stack, RegionNeutral], Facts]


@dataclass(frozen=True, kw_only=True)
class Audit:
    """Every row, and the limits that the capacity was judged by in the regions that were `measured`."""

    rows: Sequence[Row]
    limits: Sequence[Limit]
    measured: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class Part:
    """One section: how a region is read, and what follows from what the regions told."""

    section: str
    read: Callable[[Stack], Any]
    rows: Callable[[Mapping[str, Any]], Sequence[Row]]


def audit(
    target: Target,
    deployment: Deployment,
    *,
    now: datetime,
    days: int,
    silent: Mapping[str, str] | None = None,
    report: Report = lambda _: None,
) -> Audit:
    """The regions that can be read, held side by side; what cannot be read is a row that says so.

    `silent` are the regions that do not answer: they are not called at all.
    """
    regions = Regions(deployment.stacks, silent or {}, report)
    rows = _silent(silent or {}, deployment.regions)
    for part in _parts(target, urlsplit(deployment.domain_url).hostname or "", now):
        found = regions.read(part.section, part.read)
        rows += [*part.rows(found.values), *_not_read(part.section, found)]
    start = now - timedelta(days=days)
    used = regions.read(capacity.SECTION, partial(capacity.used, target, start=start, end=now))
    limits = capacity.limits(used.values)
    rows += [*map(capacity.judge, limits), *_not_read(capacity.SECTION, used)]
    return Audit(rows=rows, limits=limits, measured=tuple(used.values))


def _parts(target: Target, domain_name: str, now: datetime) -> list[Part]:
    readers: Sequence[tuple[str, str, Reader]] = (
        ("functions", "lambda", functions.facts),
        ("API body", "apigateway", api.body),
        ("API settings", "apigateway", api.stage),
        ("domain", "apigateway", lambda client, _, neutral: api.domain(client, domain_name, neutral)),
        (tables.SECTION, "dynamodb", tables.facts),
    )
    compared = [
        Part(section=section, read=partial(_facts, target, service, reader), rows=partial(compare, section))
        for section, service, reader in readers
    ]
    return [
        *compared,
        Part(section=tables.REPLICAS, read=partial(_replicas, target), rows=tables.status),
        Part(
            section=certificates.SECTION,
            read=partial(_certificate, target, domain_name),
            rows=partial(certificates.expiry, now=now),
        ),
    ]


def _facts(target: Target, service: str, reader: Reader, stack: Stack) -> Facts:
    return reader(target.client(service, stack.region), stack, RegionNeutral(stack))


def _replicas(target: Target, stack: Stack) -> Mapping[str, tables.Replicas]:
    return tables.replicas(target.client("dynamodb", stack.region), stack)


def _certificate(target: Target, domain_name: str, stack: Stack) -> Mapping[str, Any]:
    arn = api.certificate_arn(target.client("apigateway", stack.region), domain_name)
    answer = target.client("acm", stack.region).describe_certificate(CertificateArn=arn)
    found: Mapping[str, Any] = answer["Certificate"]
    return found


def _silent(silent: Mapping[str, str], regions: Sequence[str]) -> list[Row]:
    values = {region: "answers" for region in regions if region not in silent}
    return [
        Row(
            section=REGIONS,
            item=region,
            values=values,
            state=State.NOT_READ,
            note=f"{region} does not answer ({seen}), so that nothing can be compared with it",
        )
        for region, seen in silent.items()
    ]


def _not_read(section: str, found: Read[Any]) -> list[Row]:
    """A row for each region in which reading a section failed."""
    values = dict.fromkeys(found.values, "read")
    return [
        Row(section=section, item="(all)", values=values, state=State.NOT_READ, note=why)
        for why in found.missing.values()
    ]
