"""What alarms there are and when each goes off: plain data, from which components make the resources.

The descriptions go out with every notification: what happened, what to look at, which runbook to open.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from blueprint import canary_names
from blueprint.canary_names import canary_name
from blueprint.naming import api_name, function_name
from blueprint.stack_config import StackConfig
from functions.orders import contract

Name: TypeAlias = Any
"""A text, or what the program will know as one: an output of Pulumi."""

MissingData = Literal["breaching", "notBreaching"]
Comparison = Literal["GreaterThanThreshold", "LessThanThreshold"]

ERROR_RATE: Final = 0.05
"""Share of the API's answers, as AWS recommends for 5XXError (CloudWatch User Guide, recommended alarms)."""
SLOW_MS: Final = 3000
"""Above a cold start, below the five seconds that a function gives itself for an order."""
LATE_REPLICATION_MS: Final = 5000

_MINUTE: Final = 60
# Of three: one run that failed by chance wakes nobody, and a region that is down is told after two.
_CANARY_PERIODS: Final = 3
_CANARY_FAILURES: Final = 2

EVACUATE: Final = "docs/runbooks/evacuate-a-region.md"
ROTATE_OUT: Final = "docs/runbooks/rotate-a-region-out.md"

# Which operations customers' requests make on each table: DynamoDB counts its errors by table and operation.
# Those of /fill are left out: it makes test data.
_CUSTOMER_OPERATIONS: Final[Mapping[str, Mapping[str, Sequence[str]]]] = {
    contract.EVENTUAL: {
        contract.CUSTOMERS: ("TransactWriteItems",),
        contract.PRODUCTS: ("TransactWriteItems",),
        contract.ORDERS: ("TransactWriteItems", "GetItem"),
    },
    contract.STRONG: {
        contract.CUSTOMERS: ("GetItem",),
        contract.PRODUCTS: ("UpdateItem",),
        contract.ORDERS: ("PutItem", "GetItem"),
    },
}


@dataclass(frozen=True, kw_only=True)
class AlarmDefinition:
    """One metric alarm. `key` is its name within the stack, `statistic` a plain one or a percentile (p99)."""

    key: str
    description: str
    namespace: str
    metric: str
    dimensions: Mapping[str, Name]
    statistic: str
    threshold: float
    comparison: Comparison = "GreaterThanThreshold"
    period: int = _MINUTE
    periods: int
    """How many periods are looked at."""
    breaching_periods: int
    """In how many of them the threshold must be crossed."""
    missing: MissingData = "notBreaching"


@dataclass(frozen=True, kw_only=True)
class CompositeDefinition:
    """An alarm that goes off while at least one of its views does; those tell nobody by themselves."""

    key: str
    description: str
    views: Sequence[AlarmDefinition]


def regional(
    config: StackConfig, table_names: Mapping[str, Name], *, functions: Sequence[str]
) -> list[AlarmDefinition]:
    """The alarms of a region's own API, functions and tables; `functions` are keys of the contract."""
    return [
        *_api(config),
        *(alarm for function in functions for alarm in _function(config, function)),
        *_system_errors(config, table_names),
        *_replication(config, table_names),
    ]


def observed(config: StackConfig) -> list[AlarmDefinition]:
    """Every alarm of a stack in the observer region."""
    views = [outside_check(config), inside_check(config)]
    return [*views, domain_check(config)] if config.is_primary else views


def outside_check(config: StackConfig) -> AlarmDefinition:
    """In the observer region: what its canary finds when it calls the stack's API."""
    return _canary(
        config,
        canary_names.OUTSIDE,
        key="canary-outside",
        description=f"The observer's canary cannot use the API of {config.region}, or did not run. Part of "
        f"the alarm that the region is unhealthy: see there. Runbook: {EVACUATE}",
    )


def inside_check(config: StackConfig) -> AlarmDefinition:
    """In the observer region: what the region's own canary last told it."""
    return AlarmDefinition(
        key="canary-inside",
        description=f"The canary inside {config.region} failed, or told the observer region nothing. Part of "
        f"the alarm that the region is unhealthy: see there. Runbook: {EVACUATE}",
        namespace=contract.METRICS_NAMESPACE,
        metric=contract.REGION_CHECK,
        dimensions={contract.REGION_DIMENSION: config.region},
        statistic="Minimum",
        threshold=1,
        comparison="LessThanThreshold",
        period=config.canary_rate_minutes * _MINUTE,
        periods=_CANARY_PERIODS,
        breaching_periods=_CANARY_FAILURES,
        missing="breaching",
    )


def domain_check(config: StackConfig) -> AlarmDefinition:
    """In the observer region, of the primary's stack: what a client of the shared name finds."""
    return _canary(
        config,
        canary_names.DOMAIN,
        key="canary-domain",
        description=f"The canary that uses {config.domain_name} like a customer failed, or did not run. If a "
        "region's own alarm is red too, move traffic away from it; if none is, look at the records, the "
        f"certificate and the routing controls (python -m ops check). Runbook: {EVACUATE}",
    )


UNHEALTHY_KEY: Final = "region-unhealthy"


def unhealthy(config: StackConfig) -> CompositeDefinition:
    """In the observer region: either of the two views of the stack's region."""
    return CompositeDefinition(
        key=UNHEALTHY_KEY,
        description=f"{config.region} fails its customers: the canary outside, the one inside, or both, "
        f"failed in {_CANARY_FAILURES} of {_CANARY_PERIODS} runs. Look at both in the dashboard "
        f"Canary-Metrics-{config.region}, and at the other regions' alarms: if all of them are red, suspect "
        f"the observer region {config.observer_region}. To move customers: python -m ops controls off "
        f"{config.region}. Runbook: {EVACUATE}",
        views=(outside_check(config), inside_check(config)),
    )


def any_of(names: Iterable[str]) -> str:
    """The rule of a composite alarm over alarms' names."""
    return " OR ".join(f'ALARM("{name}")' for name in names)


def _api(config: StackConfig) -> list[AlarmDefinition]:
    dimensions = {"ApiName": api_name(config.namer), "Stage": config.api_stage}
    return [
        AlarmDefinition(
            key="api-5xx",
            description=f"More than {ERROR_RATE:.0%} of the answers of the API in {config.region} are 5xx. "
            "Look at the access log's errorType, then at the functions' logs. If it lasts, move customers "
            f"away. Runbook: {EVACUATE}",
            namespace="AWS/ApiGateway",
            metric="5XXError",
            dimensions=dimensions,
            # Of 5XXError the average is the rate (API Gateway Developer Guide, metrics).
            statistic="Average",
            threshold=ERROR_RATE,
            periods=3,
            breaching_periods=2,
        ),
        AlarmDefinition(
            key="api-latency",
            description=f"One of a hundred requests takes over {SLOW_MS / 1000:g} s in {config.region}. "
            "Compare the latency of API, functions and tables in the dashboard DynamoDB-Metrics-"
            f"{config.region}; large calls of /fill count too. Runbook: {ROTATE_OUT}",
            namespace="AWS/ApiGateway",
            metric="Latency",
            dimensions=dimensions,
            statistic="p99",
            threshold=SLOW_MS,
            periods=5,
            breaching_periods=3,
        ),
    ]


def _function(config: StackConfig, function: str) -> list[AlarmDefinition]:
    name = function_name(config.namer, function)
    meanings = {
        "Errors": "crashed or ran into its time limit; what it answers itself, 5xx too, is not counted. Look "
        f"at its log /aws/lambda/{name}.",
        "Throttles": "was refused for want of concurrency. Look at the account's concurrency quota in the "
        "region and at who else uses it; the other region needs as much when it carries everything.",
    }
    return [
        AlarmDefinition(
            key=f"{function}-{metric.lower()}",
            description=f"The function {function} in {config.region} {meaning} Runbook: {ROTATE_OUT}",
            namespace="AWS/Lambda",
            metric=metric,
            dimensions={"FunctionName": name},
            statistic="Sum",
            threshold=0,
            periods=5,
            breaching_periods=2,
        )
        for metric, meaning in meanings.items()
    ]


def _system_errors(config: StackConfig, table_names: Mapping[str, Name]) -> list[AlarmDefinition]:
    # The metric has data while there are errors only. In this namespace CloudWatch ignores missing data
    # unless told otherwise, and such an alarm would never be OK again.
    return [
        AlarmDefinition(
            key=f"{table}-{operation}-errors".lower(),
            description=f"DynamoDB fails {operation} on {table} in {config.region} by its own fault. Look at "
            "the AWS Health dashboard. If it lasts, move customers away: their data is in the other region. "
            f"Runbook: {EVACUATE}",
            namespace="AWS/DynamoDB",
            metric="SystemErrors",
            dimensions={"TableName": table_names[table], "Operation": operation},
            statistic="Sum",
            threshold=0,
            periods=5,
            breaching_periods=2,
        )
        for table, operations in _CUSTOMER_OPERATIONS[config.consistency].items()
        for operation in operations
    ]


def _replication(config: StackConfig, table_names: Mapping[str, Name]) -> list[AlarmDefinition]:
    if config.is_strong:
        return []  # written everywhere before it is acknowledged: there is no such metric
    return [
        AlarmDefinition(
            key=f"{table}-to-{region}-lag",
            description=f"Changes of {table} made in {config.region} reach {region} more than "
            f"{LATE_REPLICATION_MS / 1000:g} s late: so much would be missing there after a failover now. Do "
            f"not move customers without need; if {config.region} is failing, move them, and run "
            f"python -m ops reconcile afterwards. Runbook: {EVACUATE}",
            namespace="AWS/DynamoDB",
            metric="ReplicationLatency",
            dimensions={"TableName": table_names[table], "ReceivingRegion": region},
            statistic="Average",
            threshold=LATE_REPLICATION_MS,
            periods=5,
            breaching_periods=3,
        )
        for table in contract.TABLES
        for region in config.other_regions
    ]


def _canary(config: StackConfig, viewpoint: str, *, key: str, description: str) -> AlarmDefinition:
    return AlarmDefinition(
        key=key,
        description=description,
        namespace="CloudWatchSynthetics",
        metric="SuccessPercent",
        dimensions={"CanaryName": canary_name(config.namer, viewpoint)},
        statistic="Average",
        threshold=100,
        comparison="LessThanThreshold",
        period=config.canary_rate_minutes * _MINUTE,
        periods=_CANARY_PERIODS,
        breaching_periods=_CANARY_FAILURES,
        missing="breaching",
    )
