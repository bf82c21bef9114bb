"""What a setup costs, item by item: quantities of a month times the price table.

The quantities are estimates: what a request writes, reads, logs and sends is stated below.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ops.costs.prices import Price
from ops.costs.setup import ALIAS, ARM, CNAME, OWN_METRICS, READINESS_CHECKS, X86, Setup, Usage

HOURS = 730
SECONDS = HOURS * 3600
MINUTES = HOURS * 60
MILLION = 1e6
GB_OF_KB = 1 / (1024 * 1024)
DAYS_OF_A_MONTH = 365 / 12

# A customer, a product and an order are below 1 KB each. A transaction costs two units an item, and each of
# the two items that it writes one more in every other region.
TRANSACTION_UNITS = 6
WRITTEN_ITEMS = 2
# Strong tables: the product is claimed, the order is put, each in every region; before that two reads.
STRONG_READS = 2.0
STRONG_READ, EVENTUAL_READ = 1.0, 0.5
ANSWER_KB = 1.0
FUNCTION_LOG_KB, ACCESS_LOG_KB = 0.7, 0.6
# API Gateway traces the first request of each second in each region, and one in twenty of the others.
TRACED_SHARE = 0.05
# Five metrics for each method that is called: both of /orders, and /health by the canaries.
DETAILED_METRICS = 15
# A canary run: its time as a function of 1 GB on x86_64, its two calls, and what it stores.
RUN_GB_SECONDS, RUN_CALLS, RUN_PUTS = 8.0, 2, 4
LOAD_TRANSITIONS = 3.1


@dataclass(frozen=True, kw_only=True)
class Item:
    """One line: `quantity` units of a price a month."""

    name: str
    price: str
    quantity: float


@dataclass(frozen=True, kw_only=True)
class Line:
    """An item with its price."""

    name: str
    quantity: float
    price: Price
    month: float

    @property
    def hour(self) -> float:
        return self.month / HOURS


@dataclass(frozen=True, kw_only=True)
class Option:
    """A key that could be set otherwise, and what that would save in a month."""

    setting: str
    saves: float


def bill(setup: Setup, usage: Usage, prices: Mapping[str, Price]) -> list[Line]:
    """Every item that is there, the dearest first."""
    lines = [
        Line(
            name=item.name,
            quantity=item.quantity,
            price=prices[item.price],
            month=item.quantity * prices[item.price].usd,
        )
        for item in items(setup, usage)
        if item.quantity
    ]
    return sorted(lines, key=lambda line: (-line.month, line.name))


def total(lines: Sequence[Line]) -> float:
    return sum(line.month for line in lines)


def options(setup: Setup, usage: Usage, prices: Mapping[str, Price]) -> list[Option]:
    """What each key would save by itself, the most first; nothing that saves less than a cent."""
    now = total(bill(setup, usage, prices))
    found = [
        Option(setting=setting, saves=now - total(bill(other, usage, prices)))
        for setting, other in _others(setup)
    ]
    return sorted((one for one in found if one.saves >= 0.01), key=lambda one: -one.saves)


def _others(setup: Setup) -> Iterator[tuple[str, Setup]]:
    yield "arcCluster: <ARN of a cluster that exists>", setup.with_(own_cluster=False)
    yield "readiness: false", setup.with_(readiness=False)
    rate = max(5, setup.canary_rate_minutes)
    yield f"canaryRateMinutes: {rate}", setup.with_(canary_rate_minutes=rate)
    yield "dnsRecord: alias (fails over in 60 s)", setup.with_(dns_record=ALIAS)
    yield "dnsTtl: 60 (fails over later)", setup.with_(dns_ttl=max(60, setup.dns_ttl))
    yield "apiAccessLogs: false", setup.with_(access_logs=False)
    yield "logRetentionDays: 7", setup.with_(log_retention_days=min(7, setup.log_retention_days))
    yield "pointInTimeRecovery: false", setup.with_(point_in_time_recovery=False)
    yield f"lambdaArchitecture: {ARM}", setup.with_(architecture=ARM)
    yield "lambdaMemoryMb: 512 (slower)", setup.with_(memory_mb=min(512, setup.memory_mb))


def items(setup: Setup, usage: Usage) -> Iterator[Item]:
    """What a month takes of everything."""
    yield from _routing(setup, usage)
    yield from _requests(setup, usage)
    yield from _tables(setup, usage)
    yield from _watching(setup, usage)
    yield from _logs(setup, usage)


def _routing(setup: Setup, usage: Usage) -> Iterator[Item]:
    checks = READINESS_CHECKS if setup.readiness else 0
    queries = min(usage.requests_per_second, usage.resolvers / setup.dns_ttl)
    yield Item(name="ARC cluster", price="arcCluster", quantity=HOURS * setup.own_cluster)
    yield Item(name="ARC readiness checks", price="arcReadinessCheck", quantity=HOURS * checks)
    yield Item(name="Route 53 hosted zone", price="hostedZone", quantity=1)
    yield Item(name="Route 53 health checks", price="healthCheck", quantity=setup.regions)
    yield Item(
        name="Route 53 queries",
        price="latencyQueries",
        quantity=queries * SECONDS / MILLION if setup.dns_record == CNAME else 0,
    )


def _requests(setup: Setup, usage: Usage) -> Iterator[Item]:
    calls = _calls(setup, usage)
    seconds = calls * usage.milliseconds / 1000 * setup.memory_mb / 1024
    yield Item(name="API Gateway calls", price="restApiCalls", quantity=calls / MILLION)
    yield Item(name="Lambda requests", price="lambdaRequests", quantity=calls / MILLION)
    yield Item(
        name=f"Lambda time, {setup.architecture}",
        price="lambdaX86" if setup.architecture == X86 else "lambdaArm",
        quantity=seconds,
    )
    yield Item(name="Data to clients", price="transferOut", quantity=calls * ANSWER_KB * GB_OF_KB)


def _tables(setup: Setup, usage: Usage) -> Iterator[Item]:
    creates = usage.requests_per_second * SECONDS * usage.creates
    reads = _calls(setup, usage) - creates
    others = setup.regions - 1
    writes = WRITTEN_ITEMS * setup.regions if setup.strong else TRANSACTION_UNITS + WRITTEN_ITEMS * others
    read_units = reads * (STRONG_READ if setup.strong else EVENTUAL_READ)
    read_units += creates * STRONG_READS * setup.strong
    stored = usage.stored_gb * setup.regions
    yield Item(name="DynamoDB writes", price="replicatedWrites", quantity=creates * writes / MILLION)
    yield Item(name="DynamoDB reads", price="reads", quantity=read_units / MILLION)
    yield Item(name="DynamoDB storage", price="tableStorage", quantity=stored)
    yield Item(
        name="DynamoDB point-in-time recovery",
        price="pointInTimeRecovery",
        quantity=stored * setup.point_in_time_recovery,
    )
    yield Item(
        name="Data between regions",
        price="transferBetweenRegions",
        quantity=creates * WRITTEN_ITEMS * others * GB_OF_KB,
    )


def _watching(setup: Setup, usage: Usage) -> Iterator[Item]:
    runs = _runs(setup)
    first = min(usage.requests_per_second, setup.regions)
    traces = first + TRACED_SHARE * (usage.requests_per_second - first)
    metrics = (OWN_METRICS + DETAILED_METRICS) * setup.regions
    yield Item(name="Canary runs", price="canaryRun", quantity=runs)
    yield Item(name="Canaries' Lambda time", price="lambdaX86", quantity=runs * RUN_GB_SECONDS)
    yield Item(name="Canaries' artifacts", price="s3Puts", quantity=runs * RUN_PUTS / 1000)
    yield Item(name="Alarms", price="alarm", quantity=setup.alarms)
    yield Item(name="Composite alarms", price="compositeAlarm", quantity=setup.composite_alarms)
    yield Item(name="Dashboards", price="dashboard", quantity=setup.dashboards)
    yield Item(name="Metrics of our own and of each method", price="metric", quantity=metrics)
    yield Item(name="X-Ray traces", price="traces", quantity=traces * SECONDS / MILLION)


def _logs(setup: Setup, usage: Usage) -> Iterator[Item]:
    size = FUNCTION_LOG_KB + ACCESS_LOG_KB * setup.access_logs
    written = _calls(setup, usage) * size * GB_OF_KB
    kept = written * setup.log_retention_days / DAYS_OF_A_MONTH
    yield Item(name="Log ingestion", price="logIngestion", quantity=written)
    yield Item(name="Log storage", price="logStorage", quantity=kept)


def _runs(setup: Setup) -> float:
    return setup.canaries * MINUTES / setup.canary_rate_minutes


def _calls(setup: Setup, usage: Usage) -> float:
    """Customers' calls of a month, and the canaries'."""
    return usage.requests_per_second * SECONDS + _runs(setup) * RUN_CALLS
