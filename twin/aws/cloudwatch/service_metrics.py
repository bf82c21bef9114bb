"""Metrics that AWS itself writes, put into the emulator's CloudWatch in the region of the current request.

Values of a few seconds are kept together with how often each occurred: a busy API writes some twenty a
request, and every question about metrics goes through all of them.
"""

import math
import time
from collections.abc import Callable, Mapping
from typing import Any

import ministack.services.cloudwatch as emulated
from ministack.core.responses import get_account_id, get_region

from twin.aws.cloudwatch.embedded_metrics import Datum
from twin.aws.hooks import HookedName, declare, replace
from twin.core import Core

_MODULE = "ministack.services.cloudwatch"
_STORE = "(namespace, name, dims, ts, unit, value, values, counts, stat_values)"
_TOGETHER_SECONDS = 5
_SIGNIFICANT_DIGITS = 3
# The emulator forgets what is older than two weeks at every request; it goes through everything for that.
_FORGETTING_SECONDS = 600.0
declare(
    HookedName(module=_MODULE, attribute="_metric_bucket", signature="(key)"),
    HookedName(module=_MODULE, attribute="_dims_key", signature="(dims)"),
    HookedName(module=_MODULE, attribute="_store_datum", signature=_STORE),
)

Metric = tuple[str, str, str]
Handler = Callable[..., Any]
# What is being counted now, by account, region, metric and rounded value.
_open: dict[tuple[str, str, Metric], tuple[float, dict[float, dict[str, Any]]]] = {}
# Metrics that clients wrote since their alarms were last judged, by region.
_late: dict[str, set[Metric]] = {}


def install(core: Core) -> None:
    """Remember which metrics clients write, and look for what is two weeks old now and then only."""
    del core
    _open.clear()
    _late.clear()
    replace(HookedName(module=_MODULE, attribute="_store_datum", signature=_STORE), _noting)
    replace(HookedName(module=_MODULE, attribute="_evict_old_metrics", signature="()"), _at_most_every_minute)


def current_region() -> str:
    return str(get_region())


def take_late_metrics(region: str) -> set[Metric]:
    """The metrics that clients wrote since the last call: their values may be of any time."""
    return _late.pop(region, set())


def record(namespace: str, name: str, value: float, unit: str, dimensions: Mapping[str, str]) -> None:
    """One value of one metric, now."""
    metric = (namespace, name, emulated._dims_key(dimensions))
    key = (get_account_id(), get_region(), metric)
    began = time.time() // _TOGETHER_SECONDS * _TOGETHER_SECONDS
    since, points = _open.get(key, (0.0, {}))
    bucket = emulated._metric_bucket(metric)
    if since != began or not bucket:
        points = {}
        _open[key] = (began, points)
    rounded = _rounded(value)
    point = points.get(rounded)
    if point is None:
        point = {
            "Timestamp": began,
            "Unit": unit,
            "Dimensions": dict(dimensions),
            "Value": rounded,
            "Count": 0.0,
        }
        points[rounded] = point
        bucket.append(point)
    point["Count"] += 1.0


def store(datum: Datum) -> None:
    """Metrics taken out of log lines."""
    emulated._store_datum(
        datum.namespace,
        datum.name,
        datum.dimensions,
        datum.timestamp,
        datum.unit,
        None,
        datum.values,
        None,
        None,
    )


def _rounded(value: float) -> float:
    if value == 0 or not math.isfinite(value):
        return float(value)
    return round(value, _SIGNIFICANT_DIGITS - 1 - math.floor(math.log10(abs(value))))


def _noting(original: Handler) -> Handler:
    def store_datum(namespace: str, name: str, dims: Mapping[str, str], *rest: Any) -> None:
        original(namespace, name, dims, *rest)
        _late.setdefault(get_region(), set()).add((namespace, name, emulated._dims_key(dims)))

    return store_datum


def _at_most_every_minute(original: Handler) -> Handler:
    last = 0.0

    def evict() -> None:
        nonlocal last
        now = time.monotonic()
        if now - last > _FORGETTING_SECONDS:
            last = now
            original()
            _open.clear()

    return evict
