"""What a stack configuration builds, as far as it costs, and what it is used for."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from functions.orders import contract
from ops.errors import MisuseError

T = TypeVar("T")
ARM, X86 = "arm64", "x86_64"
CREATE = "create"
ALIAS, CNAME = "alias", "cname"
# The readiness component has a check for each of its resource sets: API stages, functions, each table.
READINESS_CHECKS = 2 + len(contract.TABLES)
FUNCTION_ALARMS = 2
API_ALARMS = 2
# Of each stack: its canaries inside and outside, seen from the observer region.
REGION_CANARIES = 2
# Operations that customers' requests make on the tables, each with an alarm, in either consistency.
TABLE_ALARMS = 4
DASHBOARDS = 2
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

    @property
    def canaries(self) -> int:
        """A pair a region, and one for the shared name."""
        return REGION_CANARIES * self.regions + 1

    @property
    def alarms(self) -> int:
        """Metric alarms; one a canary that is looked at from the observer region."""
        functions = len(contract.HANDLERS) - (0 if self.fill_enabled else 1)
        lags = 0 if self.strong else len(contract.TABLES) * (self.regions - 1)
        of_a_region = API_ALARMS + FUNCTION_ALARMS * functions + TABLE_ALARMS + lags
        return of_a_region * self.regions + self.canaries

    @property
    def composite_alarms(self) -> int:
        return self.regions

    @property
    def dashboards(self) -> int:
        return DASHBOARDS * self.regions

    def with_(self, **fields: Any) -> "Setup":
        return replace(self, **fields)


def setup_of(settings: Mapping[str, Any]) -> Setup:
    """From a stack's settings; MisuseError for a value that the program would refuse too."""
    regions = settings.get("stacks")
    if not isinstance(regions, Mapping) or not regions:
        raise MisuseError(f"`stacks` is {regions!r}: it must name every stack and its region.")
    return Setup(
        regions=len(regions),
        own_cluster=str(settings.get("arcCluster")) == CREATE,
        readiness=_read(settings, "readiness", _truth),
        dns_record=_read(settings, "dnsRecord", _one_of(CNAME, ALIAS)),
        dns_ttl=_read(settings, "dnsTtl", _number),
        strong=_read(settings, "consistency", _one_of(contract.EVENTUAL, contract.STRONG)) == contract.STRONG,
        point_in_time_recovery=_read(settings, "pointInTimeRecovery", _truth),
        canary_rate_minutes=_read(settings, "canaryRateMinutes", _number),
        architecture=_read(settings, "lambdaArchitecture", _one_of(ARM, X86)),
        memory_mb=_read(settings, "lambdaMemoryMb", _number),
        access_logs=_read(settings, "apiAccessLogs", _truth),
        log_retention_days=_read(settings, "logRetentionDays", _number),
        fill_enabled=_read(settings, "fillEnabled", _truth),
    )


def _read(settings: Mapping[str, Any], key: str, parse: Callable[[str], T]) -> T:
    try:
        return parse(str(settings.get(key)))
    except ValueError as error:
        raise MisuseError(f"`{key}` is {settings.get(key)!r} in the stack file: {error}.") from error


def _number(text: str) -> int:
    if not text.isdecimal() or int(text) == 0:
        raise ValueError("it must be a whole number above 0")
    return int(text)


def _truth(text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise ValueError("it must be true or false")
    return text.lower() == "true"


def _one_of(*choices: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text not in choices:
            raise ValueError(f"it must be one of {', '.join(choices)}")
        return text

    return parse
