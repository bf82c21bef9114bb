"""CloudWatch's rules for a dashboard's body, as far as this project uses them.

From the CloudWatch API Reference, "Dashboard Body Structure and Syntax". The twin has rules of its own; these
are written apart from them, so that one mistake does not confirm itself.
"""

from collections.abc import Iterator, Mapping
from typing import Any

_WIDGET_KEYS = {"type", "x", "y", "width", "height", "properties"}
_METRIC_KEYS = {
    *("title", "metrics", "region", "view", "stacked", "stat", "period", "yAxis", "legend", "liveData"),
    *(
        "annotations",
        "accountId",
        "timezone",
        "sparkline",
        "setPeriodToTimeRange",
        "trend",
        "singleValueFullPrecision",
    ),
}
_OPTIONS = {"color", "id", "label", "period", "region", "accountId", "stat", "visible", "yAxis"}
_STATISTICS = {"SampleCount", "Average", "Sum", "Minimum", "Maximum", "p50", "p90", "p95", "p99"}
_VIEWS = {"timeSeries", "singleValue", "gauge", "bar", "pie", "table"}


def problems(body: Mapping[str, Any]) -> list[str]:
    """What CloudWatch would refuse or ignore; empty for a good body."""
    return list(_problems(body))


def _problems(body: Mapping[str, Any]) -> Iterator[str]:
    if unknown := body.keys() - {"start", "end", "periodOverride", "widgets", "variables"}:
        yield f"unknown in the body: {unknown}"
    if body.get("periodOverride", "auto") not in ("auto", "inherit"):
        yield "periodOverride"
    if len(body["widgets"]) > 500:
        yield "more than 500 widgets"
    for number, widget in enumerate(body["widgets"]):
        for problem in _of_widget(widget):
            yield f"widget {number}: {problem}"


def _of_widget(widget: Mapping[str, Any]) -> Iterator[str]:
    if unknown := widget.keys() - _WIDGET_KEYS:
        yield f"unknown: {unknown}"
    if not (0 <= widget["x"] <= 23 and widget["y"] >= 0):
        yield "off the grid"
    if not (1 <= widget["width"] <= 24 and 1 <= widget["height"] <= 1000):
        yield "size"
    if widget["x"] + widget["width"] > 24:
        yield "wider than the grid"
    match widget["type"]:
        case "text":
            if not isinstance(widget["properties"].get("markdown"), str):
                yield "no markdown"
        case "metric":
            yield from _of_graph(widget["properties"])
        case other:
            yield f"type {other}"


def _of_graph(graph: Mapping[str, Any]) -> Iterator[str]:
    if unknown := graph.keys() - _METRIC_KEYS:
        yield f"unknown in a graph: {unknown}"
    if graph["view"] not in _VIEWS or graph["stat"] not in _STATISTICS or graph["period"] % 60:
        yield "view, stat or period"
    if not graph["metrics"] or len(graph["metrics"]) > 500 or not graph["region"]:
        yield "metrics or region"
    for metric in graph["metrics"]:
        *texts, options = metric
        if len(texts) % 2 or not all(isinstance(text, str) and 1 <= len(text) <= 1024 for text in texts):
            yield f"not namespace, name and pairs: {metric}"
        if options.keys() - _OPTIONS or options.get("stat", "Sum") not in _STATISTICS:
            yield f"options of {metric}"
