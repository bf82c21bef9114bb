"""Metrics inside log lines: CloudWatch's embedded metric format (CloudWatch User Guide).

Pure: what takes them out of log lines is here, who keeps them is the emulator's business.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

# The specification's limits.
_MAX_VALUES = 100
_MAX_DIMENSIONS = 30


@dataclass(frozen=True, kw_only=True)
class Datum:
    """One metric of one dimension set, as PutMetricData takes it; `timestamp` in seconds since the epoch."""

    namespace: str
    name: str
    unit: str
    dimensions: dict[str, str]
    timestamp: float
    values: list[float]


def embedded_metrics(message: str) -> list[Datum]:
    """The metrics in a log line; none when it is not of the format, and none of what is malformed in it."""
    if '"_aws"' not in message or not message.startswith("{"):
        return []
    try:
        document = json.loads(message)
    except ValueError:
        return []
    metadata = document.get("_aws") if isinstance(document, dict) else None
    if not isinstance(metadata, dict) or not isinstance(metadata.get("Timestamp"), int | float):
        return []
    directives = metadata.get("CloudWatchMetrics")
    if not isinstance(directives, list):
        return []
    timestamp = metadata["Timestamp"] / 1000
    return [
        datum
        for directive in directives
        if isinstance(directive, dict)
        for datum in _of_directive(directive, document, timestamp)
    ]


def _of_directive(directive: dict[str, Any], document: dict[str, Any], timestamp: float) -> Iterator[Datum]:
    namespace = directive.get("Namespace")
    if not isinstance(namespace, str) or not namespace:
        return
    for dimensions in _dimension_sets(directive, document):
        for metric in directive.get("Metrics") or []:
            values = _values(document.get(str(metric.get("Name")))) if isinstance(metric, dict) else []
            if values:
                yield Datum(
                    namespace=namespace,
                    name=metric["Name"],
                    unit=metric.get("Unit") or "None",
                    dimensions=dimensions,
                    timestamp=timestamp,
                    values=values,
                )


def _dimension_sets(directive: dict[str, Any], document: dict[str, Any]) -> Iterator[dict[str, str]]:
    """A set that names a member which is not there, or not text, is left out."""
    for names in directive.get("Dimensions") or [[]]:
        found = {name: document.get(name) for name in names}
        if len(found) <= _MAX_DIMENSIONS and all(isinstance(value, str) for value in found.values()):
            yield {name: str(value) for name, value in found.items()}


def _values(target: Any) -> list[float]:
    values = target if isinstance(target, list) else [target]
    if len(values) > _MAX_VALUES:
        return []
    numbers = [float(v) for v in values if isinstance(v, int | float) and not isinstance(v, bool)]
    return numbers if len(numbers) == len(values) else []
