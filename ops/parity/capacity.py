"""Could each region alone carry what all regions carried together in their busiest minute?

Limits are what AWS's APIs tell: Lambda's concurrency, API Gateway's throttles, and what DynamoDB says that a
table can do at once. What other programs of the account use in a region is not known here.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from functions.orders.contract import TABLES
from ops.deployment import Stack
from ops.findings import State
from ops.parity.api import stage_of
from ops.parity.peaks import Metric, peak, read
from ops.parity.rows import Row
from ops.target import Target

SECTION = "capacity"
WHOLE_STAGE = "*/*"


@dataclass(frozen=True, kw_only=True)
class Need:
    """One limit of one region, and the metrics that say how much of it is used there."""

    item: str
    limit: float | None
    metrics: tuple[Metric, ...]


def rows(target: Target, stacks: Sequence[Stack], *, start: datetime, end: datetime) -> list[Row]:
    """A row for each limit: what each region has of it, held against the peak of all."""
    needs = {stack.region: list(needs_of(target, stack)) for stack in stacks}
    used: dict[str, list[Mapping[datetime, float]]] = {}
    for region, found in needs.items():
        metrics = [metric for need in found for metric in need.metrics]
        series = iter(read(target.client("cloudwatch", region), metrics, start=start, end=end))
        for need in found:
            used.setdefault(need.item, []).extend(next(series) for _ in need.metrics)
    items = dict.fromkeys(need.item for found in needs.values() for need in found)
    limits = {region: {need.item: need.limit for need in found} for region, found in needs.items()}
    return [
        judge(item, {region: limits[region].get(item) for region in limits}, peak(used[item]))
        for item in items
    ]


def judge(item: str, limits: Mapping[str, float | None], needed: float | None) -> Row:
    """Enough, not enough in some region, or not known."""
    told = {region: limit for region, limit in limits.items() if limit is not None}
    small = sorted(region for region, limit in told.items() if needed is not None and limit < needed)
    state, note = State.OK, f"the last peak of all regions together is {needed:.1f}" if needed else ""
    if needed is None:
        state, note = State.WARNING, "no traffic measured in these days: not judged"
    elif small:
        state, note = State.FAILED, f"{note}: {', '.join(small)} cannot carry it alone"
    return Row(
        section=SECTION,
        item=item,
        values={region: "not told" if limit is None else f"{limit:g}" for region, limit in limits.items()},
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
