"""What a stack configuration builds, as far as it costs, and what it is used for."""

from dataclasses import dataclass, replace
from typing import Any

from blueprint import alarm_definitions, dashboard_bodies
from blueprint.canary_names import viewpoints
from blueprint.stack_config import StackConfig
from functions.orders import contract

ARM, X86 = "arm64", "x86_64"
ALIAS, CNAME = "alias", "cname"
# The readiness component has a check for each of its resource sets: API stages, functions, each table.
READINESS_CHECKS = 2 + len(contract.TABLES)
# ReadTime, WriteTime, OrdersCreated, OrdersRejected, and RegionCheck in the observer region.
OWN_METRICS = 5


@dataclass(frozen=True, kw_only=True)
class Usage:
    """The traffic that is assumed. `creates` is the share of requests that create an order.

    `milliseconds` a function runs for one; `resolvers` ask Route 53 on behalf of all clients, each again when
    its answer is as old as the record's TTL.
    """

    requests_per_second: float
    creates: float
    milliseconds: float
    resolvers: float
    stored_gb: float


@dataclass(frozen=True, kw_only=True)
class Setup:
    """All stacks of one deployment."""

    regions: int
    own_cluster: bool
    readiness: bool
    dns_record: str
    dns_ttl: int
    strong: bool
    point_in_time_recovery: bool
    canary_rate_minutes: int
    architecture: str
    memory_mb: int
    access_logs: bool
    log_retention_days: int
    fill_enabled: bool
    canaries: int
    alarms: int
    """Metric alarms; the composite ones are billed otherwise."""
    composite_alarms: int
    dashboards: int

    def with_(self, **fields: Any) -> "Setup":
        return replace(self, **fields)


def setup_of(config: StackConfig) -> Setup:
    """All stacks of the deployment that a stack belongs to."""
    stacks = config.of_every_stack
    return Setup(
        regions=len(stacks),
        own_cluster=config.creates_arc_cluster,
        readiness=config.readiness,
        dns_record=config.dns_record,
        dns_ttl=config.dns_ttl,
        strong=config.is_strong,
        point_in_time_recovery=config.point_in_time_recovery,
        canary_rate_minutes=config.canary_rate_minutes,
        architecture=config.lambda_architecture,
        memory_mb=config.lambda_memory_mb,
        access_logs=config.api_access_logs,
        log_retention_days=config.log_retention_days,
        fill_enabled=config.fill_enabled,
        canaries=sum(len(viewpoints(stack)) for stack in stacks),
        alarms=sum(map(_alarms, stacks)),
        composite_alarms=len(stacks),
        dashboards=len(dashboard_bodies.KINDS) * len(stacks),
    )


def _alarms(config: StackConfig) -> int:
    """Of one stack, in its own region and in the observer's."""
    functions = [key for key in contract.HANDLERS if key != contract.FILL or config.fill_enabled]
    tables = dict.fromkeys(contract.TABLES, "")
    return len(alarm_definitions.regional(config, tables, functions=functions)) + len(
        alarm_definitions.observed(config)
    )
