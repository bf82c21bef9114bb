"""The bodies of the dashboards: pure functions from names to what CloudWatch draws.

Every metric is written out with all its dimensions and its region, without metric maths, searches or the
"..." shorthand, so that a tool can ask for exactly what a widget shows (structure: CloudWatch API Reference,
"Dashboard Body Structure and Syntax").
"""

import dataclasses
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from blueprint import canary_names, order_service
from blueprint.aws_regions import GLOBAL_SERVICES_REGION
from blueprint.canary_names import canary_name
from blueprint.naming import api_name, function_name
from blueprint.stack_config import StackConfig
from functions.orders import contract

Metric = list[Any]
Widget = dict[str, Any]
Body = dict[str, Any]

DYNAMODB: Final = "DynamoDB-Metrics"
CANARY: Final = "Canary-Metrics"
KINDS: Final = (DYNAMODB, CANARY)

_WIDTH: Final = 24
_GRAPH_HEIGHT: Final = 6
_PERIOD_SECONDS: Final = 60
_SHOWN: Final = "-PT3H"

# Those that customers' requests and /fill make, without the orders of /fill, of which most fills make none.
_OPERATIONS: Final[Mapping[str, Mapping[str, Sequence[str]]]] = {
    contract.EVENTUAL: {
        contract.CUSTOMERS: ("TransactWriteItems", "BatchWriteItem"),
        contract.PRODUCTS: ("TransactWriteItems", "BatchWriteItem"),
        contract.ORDERS: ("TransactWriteItems", "GetItem"),
    },
    contract.STRONG: {
        contract.CUSTOMERS: ("GetItem", "BatchWriteItem"),
        contract.PRODUCTS: ("UpdateItem", "BatchWriteItem"),
        contract.ORDERS: ("PutItem", "GetItem"),
    },
}

_HEALTH_NOTE: Final = (
    "**Health checks.** 1 is healthy: the region's routing control is On. AWS publishes this metric in "
    "us-east-1 only, and does not document it for checks of the type RECOVERY_CONTROL. No metric at all "
    "shows the state of a routing control: `python -m ops check` reads it from the cluster's own endpoints."
)
_CANARY_NOTE: Final = (
    "**Viewpoints.** *inside* runs in the region and calls its API, *outside* calls the same API from the "
    "observer region, *domain* calls the shared name like a customer. Outside alone red: the way to the "
    "region. Inside alone red: its Synthetics, or its way out. Everything red: perhaps the observer itself."
)


def as_json(body: Body) -> str:
    """The same text for equal bodies."""
    return json.dumps(body, sort_keys=True)


def dynamodb_metrics(
    config: StackConfig, *, tables: Mapping[str, str], health_checks: Mapping[str, str]
) -> Body:
    """Traffic of all regions side by side, then this region from its API down to its tables.

    `tables` are names by the contract's keys, `health_checks` ids by region.
    """
    rows = [
        [_graph(config, "Requests by region", _requests(config), stat="SampleCount", width=_WIDTH)],
        [
            _graph(config, "Orders created by region", _orders(config), stat="Sum"),
            _graph(config, "What clients of the tables wait", _client_latency(config), unit="ms"),
        ],
        [
            _graph(config, "API errors", _api(config, "4XXError", "5XXError"), stat="Sum"),
            _graph(config, "API latency, p99", _api(config, "Latency", "IntegrationLatency"), stat="p99"),
        ],
        [
            _graph(config, "Errors of functions", _functions(config, "Errors", "Throttles"), stat="Sum"),
            _graph(config, "Duration of functions, p99", _functions(config, "Duration"), stat="p99"),
        ],
        [
            *_replication(config, tables),
            _graph(config, "Latency of table operations", _operations(config, tables), stat="Average"),
        ],
        [
            _graph(config, "Health checks", _health(health_checks), stat="Minimum", height=4),
            _text(_HEALTH_NOTE, height=4),
        ],
    ]
    return _body(rows)


def canary_metrics(config: StackConfig) -> Body:
    """Success and duration of every canary of every region, in one picture each."""
    success = _canaries(config, "SuccessPercent")
    rows = [
        [_graph(config, "Success, %", success, stat="Average", width=_WIDTH, axis={"min": 0, "max": 100})],
        [_graph(config, "Duration", _canaries(config, "Duration"), stat="Average", width=_WIDTH)],
        [_text(_CANARY_NOTE, width=_WIDTH, height=3)],
    ]
    return _body(rows)


def _requests(config: StackConfig) -> list[Metric]:
    """Of Count the number of samples is the number of requests (API Gateway Developer Guide, metrics).

    Stages are taken to have one name everywhere, as in the stack files.
    """
    return [
        _metric(
            "AWS/ApiGateway",
            "Count",
            {"ApiName": api_name(stack.namer), "Stage": config.api_stage},
            region=stack.region,
            label=stack.region,
        )
        for stack in _stacks(config)
    ]


def _orders(config: StackConfig) -> list[Metric]:
    return [_own_metric(contract.ORDERS_CREATED, region=region, label=region) for region in config.regions]


def _client_latency(config: StackConfig) -> list[Metric]:
    return [
        _own_metric(name, region=config.region, label=f"{name} {stat}", stat=stat)
        for name in (contract.WRITE_TIME, contract.READ_TIME)
        for stat in ("p50", "p99")
    ]


def _api(config: StackConfig, *names: str) -> list[Metric]:
    dimensions = {"ApiName": api_name(config.namer), "Stage": config.api_stage}
    return [_metric("AWS/ApiGateway", name, dimensions, region=config.region, label=name) for name in names]


def _functions(config: StackConfig, *names: str) -> list[Metric]:
    return [
        _metric(
            "AWS/Lambda",
            name,
            {"FunctionName": function_name(config.namer, key)},
            region=config.region,
            label=f"{key} {name}",
        )
        for name in names
        for key in order_service.functions(fill=config.fill_enabled)
    ]


def _replication(config: StackConfig, tables: Mapping[str, str]) -> list[Widget]:
    """None in strong mode: what is acknowledged is everywhere already, and AWS has no such metric."""
    if config.is_strong:
        return []
    metrics = [
        _metric(
            "AWS/DynamoDB",
            "ReplicationLatency",
            {"TableName": tables[table], "ReceivingRegion": other},
            region=config.region,
            label=f"{table} to {other}",
        )
        for table in contract.TABLES
        for other in config.other_regions
    ]
    return [_graph(config, f"Replication from {config.region}", metrics, stat="Average", unit="ms")]


def _operations(config: StackConfig, tables: Mapping[str, str]) -> list[Metric]:
    return [
        _metric(
            "AWS/DynamoDB",
            "SuccessfulRequestLatency",
            {"TableName": tables[table], "Operation": operation},
            region=config.region,
            label=f"{table} {operation}",
        )
        for table, operations in _OPERATIONS[config.consistency].items()
        for operation in operations
    ]


def _health(health_checks: Mapping[str, str]) -> list[Metric]:
    return [
        _metric(
            "AWS/Route53",
            "HealthCheckStatus",
            {"HealthCheckId": check},
            region=GLOBAL_SERVICES_REGION,
            label=region,
        )
        for region, check in sorted(health_checks.items())
    ]


def _canaries(config: StackConfig, name: str) -> list[Metric]:
    return [
        _metric(
            "CloudWatchSynthetics",
            name,
            {"CanaryName": canary_name(stack.namer, viewpoint)},
            region=stack.region if viewpoint == canary_names.INSIDE else config.observer_region,
            label=_canary_label(stack, viewpoint),
        )
        for stack in _stacks(config)
        for viewpoint in canary_names.viewpoints(stack)
    ]


def _canary_label(stack: StackConfig, viewpoint: str) -> str:
    return viewpoint if viewpoint == canary_names.DOMAIN else f"{stack.region} {viewpoint}"


def _stacks(config: StackConfig) -> Iterable[StackConfig]:
    """This configuration as each stack has it: names are made of the stack's."""
    return [dataclasses.replace(config, stack=stack) for stack in config.stacks]


def _own_metric(name: str, *, region: str, label: str, stat: str | None = None) -> Metric:
    dimensions = {contract.REGION_DIMENSION: region}
    return _metric(contract.METRICS_NAMESPACE, name, dimensions, region=region, label=label, stat=stat)


def _metric(
    namespace: str,
    name: str,
    dimensions: Mapping[str, str],
    *,
    region: str,
    label: str,
    stat: str | None = None,
) -> Metric:
    options = {"region": region, "label": label} | ({"stat": stat} if stat else {})
    flat = [part for dimension in dimensions.items() for part in dimension]
    return [namespace, name, *flat, options]


def _graph(
    config: StackConfig,
    title: str,
    metrics: Sequence[Metric],
    *,
    stat: str = "Average",
    width: int = _WIDTH // 2,
    height: int = _GRAPH_HEIGHT,
    unit: str = "",
    axis: Mapping[str, float] | None = None,
) -> Widget:
    return {
        "type": "metric",
        "width": width,
        "height": height,
        "properties": {
            "title": title,
            "metrics": list(metrics),
            "region": config.region,
            "view": "timeSeries",
            "stacked": False,
            "stat": stat,
            "period": _PERIOD_SECONDS,
            "yAxis": {"left": {**(axis or {"min": 0}), **({"label": unit} if unit else {})}},
        },
    }


def _text(markdown: str, *, width: int = _WIDTH // 2, height: int) -> Widget:
    return {"type": "text", "width": width, "height": height, "properties": {"markdown": markdown}}


def _body(rows: Sequence[Sequence[Widget]]) -> Body:
    """Rows from the top down, each filled from the left."""
    placed: list[Widget] = []
    y = 0
    for row in rows:
        x = 0
        for widget in row:
            placed.append({**widget, "x": x, "y": y})
            x += widget["width"]
        y += max(widget["height"] for widget in row)
    return {"start": _SHOWN, "periodOverride": "inherit", "widgets": placed}
