"""What the deployed dashboards show, and what of it has no data: read from CloudWatch, not from the program.

    metrics = shown_metrics(target, outputs)
    empty = without_data(target, metrics, since=started)

`outputs` are the stacks' outputs by stack name (`target.outputs(plan)`). A region that does not answer raises
a CallError, so ask when every region is back.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from blueprint import output_names as names
from ops.aws_errors import explained
from ops.deployed.deployment import Outputs
from ops.deployed.target import Target
from ops.errors import DeploymentError

# GetMetricData answers so many queries a call.
_QUERIES = 500
_DEFAULT_PERIOD = 300


@dataclass(frozen=True, kw_only=True)
class ShownMetric:
    """One line of a graph; `dimensions` are (name, value) pairs in the order of the body."""

    dashboard: str
    widget: str
    namespace: str
    name: str
    dimensions: tuple[tuple[str, str], ...]
    region: str
    statistic: str
    period: int

    def __str__(self) -> str:
        of = ", ".join(f"{name} {value}" for name, value in self.dimensions)
        where = f"{self.dashboard}, {self.widget}"
        return f"{where}: {self.namespace} {self.name} ({of}), {self.statistic}, {self.region}"


def dashboard_names(outputs: Outputs) -> list[str]:
    """The physical names of a stack's dashboards, from its outputs."""
    urls: Mapping[str, str] = outputs.get(names.DASHBOARD_URLS) or {}
    return sorted(url.rpartition("/")[2] for url in urls.values())


def shown_metrics(target: Target, outputs: Mapping[str, Outputs]) -> list[ShownMetric]:
    """Every metric that any dashboard of the stacks names, in the order in which they are shown."""
    found: list[ShownMetric] = []
    for stack in outputs.values():
        client = target.client("cloudwatch", stack[names.REGION])
        for name in dashboard_names(stack):
            with explained(f"read the dashboard {name}"):
                body = client.get_dashboard(DashboardName=name)["DashboardBody"]
            found += _metrics(name, json.loads(body))
    return found


def without_data(
    target: Target, metrics: Sequence[ShownMetric], *, since: datetime, until: datetime | None = None
) -> list[ShownMetric]:
    """Those of `metrics` that have no value between two moments (`until` is now by default)."""
    window = {"StartTime": since, "EndTime": until or datetime.now(UTC) + timedelta(minutes=1)}
    empty: list[ShownMetric] = []
    for region in sorted({metric.region for metric in metrics}):
        choice = [metric for metric in metrics if metric.region == region]
        for some in _batches(choice):
            answered = _with_values(target.client("cloudwatch", region), some, window, region)
            empty += [metric for number, metric in enumerate(some) if number not in answered]
    return empty


def _batches(metrics: Sequence[ShownMetric]) -> Iterator[Sequence[ShownMetric]]:
    for start in range(0, len(metrics), _QUERIES):
        yield metrics[start : start + _QUERIES]


def _with_values(
    client: Any, metrics: Sequence[ShownMetric], window: Mapping[str, datetime], region: str
) -> set[int]:
    queries = [_query(number, metric) for number, metric in enumerate(metrics)]
    pages = client.get_paginator("get_metric_data")
    with explained(f"read metrics in {region}"):
        return {
            int(result["Id"].removeprefix("m"))
            for page in pages.paginate(MetricDataQueries=queries, **window)
            for result in page["MetricDataResults"]
            if result["Values"]
        }


def _query(number: int, metric: ShownMetric) -> dict[str, Any]:
    dimensions = [{"Name": name, "Value": value} for name, value in metric.dimensions]
    named = {"Namespace": metric.namespace, "MetricName": metric.name, "Dimensions": dimensions}
    return {
        "Id": f"m{number}",
        "MetricStat": {"Metric": named, "Period": metric.period, "Stat": metric.statistic},
    }


def _metrics(dashboard: str, body: Mapping[str, Any]) -> Iterator[ShownMetric]:
    for widget in body["widgets"]:
        if widget["type"] != "metric":
            continue
        properties = widget["properties"]
        for metric in properties["metrics"]:
            yield _metric(dashboard, properties, metric)


def _metric(dashboard: str, properties: Mapping[str, Any], metric: Sequence[Any]) -> ShownMetric:
    """Graphs of this project name everything in full; one that does not was edited by hand."""
    texts = [part for part in metric if isinstance(part, str)]
    options: Mapping[str, Any] = metric[-1] if isinstance(metric[-1], dict) else {}
    if len(texts) < 2 or len(texts) % 2 or "..." in texts or "." in texts:
        raise DeploymentError(
            f"The dashboard {dashboard} has a line that cannot be checked: {metric}. It was changed by hand; "
            "a deployment (pulumi up --refresh) puts ours back."
        )
    namespace, name, *flat = texts
    return ShownMetric(
        dashboard=dashboard,
        widget=properties.get("title", ""),
        namespace=namespace,
        name=name,
        dimensions=tuple(zip(flat[::2], flat[1::2], strict=True)),
        region=options.get("region") or properties["region"],
        statistic=options.get("stat") or properties.get("stat") or "Average",
        period=int(options.get("period") or properties.get("period") or _DEFAULT_PERIOD),
    )
