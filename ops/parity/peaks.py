"""The busiest minute of all regions together, from CloudWatch: what one region must carry alone."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

# Points of a minute are kept for 15 days (CloudWatch User Guide, "Metrics retention").
PERIOD_SECONDS = 60
RETAINED_DAYS = 15

Series = Mapping[datetime, float]


@dataclass(frozen=True, kw_only=True)
class Metric:
    """One metric; with `per_second` the sum of a minute becomes a rate."""

    namespace: str
    name: str
    dimensions: Mapping[str, str]
    statistic: str
    per_second: bool


def read(client: Any, metrics: Sequence[Metric], *, start: datetime, end: datetime) -> list[Series]:
    """The points of each metric, in order; `client` is CloudWatch's of one region."""
    queries = [_query(number, metric) for number, metric in enumerate(metrics)]
    found: dict[str, dict[datetime, float]] = {query["Id"]: {} for query in queries}
    pages = client.get_paginator("get_metric_data").paginate(
        MetricDataQueries=queries, StartTime=start, EndTime=end
    )
    for page in pages:
        for result in page["MetricDataResults"]:
            found[result["Id"]] |= zip(result["Timestamps"], result["Values"], strict=True)
    return [
        {when: value / (PERIOD_SECONDS if metric.per_second else 1) for when, value in points.items()}
        for metric, points in zip(metrics, found.values(), strict=True)
    ]


def peak(series: Iterable[Series]) -> float | None:
    """The greatest sum of all series in one minute; None where none has a point."""
    sums: dict[datetime, float] = defaultdict(float)
    for one in series:
        for when, value in one.items():
            sums[when] += value
    return max(sums.values(), default=None)


def _query(number: int, metric: Metric) -> dict[str, Any]:
    dimensions = [{"Name": name, "Value": value} for name, value in metric.dimensions.items()]
    return {
        "Id": f"m{number}",
        "MetricStat": {
            "Metric": {
                "Namespace": metric.namespace,
                "MetricName": metric.name,
                "Dimensions": dimensions,
            },
            "Period": PERIOD_SECONDS,
            "Stat": metric.statistic,
        },
    }
