"""Could each region alone carry what all regions carried together in their busiest minute?

Limits are what AWS's APIs tell: Lambda's concurrency, API Gateway's throttles, and what DynamoDB says that a
table can do at once. What other programs of the account use in a region is not known here.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from functions.orders.contract import TABLES
from ops.checks.findings import State
from ops.deployed.deployment import Stack
from ops.deployed.target import Target
from ops.parity.api import stage_of
from ops.parity.peaks import Metric, Series, peak, read
from ops.parity.rows import Row

SECTION = "capacity"
WHOLE_STAGE = "*/*"


@dataclass(frozen=True, kw_only=True)
class Need:
    """One limit of one region, and the metrics that say how much of it is used there."""

    item: str
    limit: float | None
    metrics: tuple[Metric, ...]


@dataclass(frozen=True, kw_only=True)
class Used:
    """A limit of a region, and how much of it each of its metrics used, minute by minute."""

    need: Need
    series: tuple[Series, ...]


@dataclass(frozen=True, kw_only=True)
class Limit:
    """What each region that was read has of one thing (None: AWS does not tell), and the peak of them all.

    `needed` is None where nothing was measured.
    """

    item: str
    limits: Mapping[str, float | None]
    needed: float | None


def used(target: Target, stack: Stack, *, start: datetime, end: datetime) -> list[Used]:
    """What a region offers, and what was used of it in that time."""
    needs = list(needs_of(target, stack))
    metrics = [metric for need in needs for metric in need.metrics]
    series = iter(read(target.client("cloudwatch", stack.region), metrics, start=start, end=end))
    return [Used(need=need, series=tuple(next(series) for _ in need.metrics)) for need in needs]


def limits(found: Mapping[str, Sequence[Used]]) -> list[Limit]:
    """Item by item, for the regions that were read."""
    by_item: dict[str, dict[str, Used]] = {}
    for region, every in found.items():
        for one in every:
            by_item.setdefault(one.need.item, {})[region] = one
    return [
        Limit(
            item=item,
            limits={region: had[region].need.limit if region in had else None for region in found},
            needed=peak(series for one in had.values() for series in one.series),
        )
        for item, had in by_item.items()
    ]


def judge(limit: Limit) -> Row:
    """Enough, not enough in some region, or not known."""
    needed, told = limit.needed, {r: value for r, value in limit.limits.items() if value is not None}
    small = sorted(region for region, value in told.items() if needed is not None and value < needed)
    measured = ", ".join(limit.limits)
    state, note = State.OK, f"the last peak of {measured} is {needed:.1f}" if needed else ""
    if needed is None:
        state, note = State.WARNING, "no traffic measured in these days: not judged"
    elif small:
        state, note = State.FAILED, f"{note}: {', '.join(small)} cannot carry it alone"
    return Row(
        section=SECTION,
        item=limit.item,
        values={r: "not told" if value is None else f"{value:g}" for r, value in limit.limits.items()},
        state=state,
        note=note,
    )


def needs_of(target: Target, stack: Stack) -> Iterator[Need]:
    """What a region offers."""
    yield _requests(target.client("apigateway", stack.region), stack)
    yield from _concurrency(target.client("lambda", stack.region), stack)
    dynamodb = target.client("dynamodb", stack.region)
    quotas = dynamodb.describe_limits()
    for table in TABLES:
        yield from _throughput(dynamodb, table, stack.table_names[table], quotas)


def _requests(client: Any, stack: Stack) -> Need:
    api = client.get_rest_api(restApiId=stack.api_id)
    settings = client.get_stage(restApiId=stack.api_id, stageName=stage_of(stack))
    account = client.get_account().get("throttleSettings", {})
    throttles = (
        settings.get("methodSettings", {}).get(WHOLE_STAGE, {}).get("throttlingRateLimit"),
        account.get("rateLimit"),
    )
    count = Metric(
        namespace="AWS/ApiGateway",
        name="Count",
        dimensions={"ApiName": api["name"], "Stage": stage_of(stack)},
        statistic="Sum",
        per_second=True,
    )
    return Need(item="requests a second (throttles)", limit=_least(throttles), metrics=(count,))


def _concurrency(client: Any, stack: Stack) -> Iterator[Need]:
    unreserved = client.get_account_settings()["AccountLimit"]["UnreservedConcurrentExecutions"]
    shared = []
    for name, arn in sorted(stack.function_arns.items()):
        metric = Metric(
            namespace="AWS/Lambda",
            name="ConcurrentExecutions",
            dimensions={"FunctionName": arn.split(":")[6]},
            statistic="Maximum",
            per_second=False,
        )
        reserved = client.get_function_concurrency(FunctionName=arn).get("ReservedConcurrentExecutions")
        if reserved is None:
            shared.append(metric)
        else:
            yield Need(item=f"reserved concurrency of {name}", limit=float(reserved), metrics=(metric,))
    yield Need(item="Lambda concurrency", limit=float(unreserved), metrics=tuple(shared))


def _throughput(client: Any, table: str, name: str, quotas: Mapping[str, Any]) -> Iterator[Need]:
    described = client.describe_table(TableName=name)["Table"]
    warm, most = described.get("WarmThroughput", {}), described.get("OnDemandThroughput", {})
    for kind, word in (("Read", "reads"), ("Write", "writes")):
        limits = (
            warm.get(f"{kind}UnitsPerSecond"),
            most.get(f"Max{kind}RequestUnits"),
            quotas.get(f"TableMax{kind}CapacityUnits"),
        )
        metric = Metric(
            namespace="AWS/DynamoDB",
            name=f"Consumed{kind}CapacityUnits",
            dimensions={"TableName": name},
            statistic="Sum",
            per_second=True,
        )
        yield Need(item=f"{word} a second of {table}", limit=_least(limits), metrics=(metric,))


def _least(limits: Sequence[Any]) -> float | None:
    # -1 and 0 are DynamoDB's words for "no maximum".
    return min((float(one) for one in limits if one is not None and one > 0), default=None)
