"""Metrics that AWS itself writes, put into the emulator's CloudWatch in the region of the current request."""

import time
from collections.abc import Mapping

import ministack.services.cloudwatch as emulated

from twin.emulator.hooks import HookedName, declare
from twin.metrics import Datum

declare(
    HookedName(
        module="ministack.services.cloudwatch",
        attribute="_store_datum",
        signature="(namespace, name, dims, ts, unit, value, values, counts, stat_values)",
    )
)


def record(namespace: str, name: str, value: float, unit: str, dimensions: Mapping[str, str]) -> None:
    """One value of one metric, now."""
    emulated._store_datum(namespace, name, dict(dimensions), time.time(), unit, value, None, None, None)


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
