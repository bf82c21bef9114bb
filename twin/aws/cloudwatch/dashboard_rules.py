"""What PutDashboard refuses: CloudWatch API Reference, "Dashboard Body Structure and Syntax". Pure."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

_WIDGETS: Final = ("metric", "text", "log", "alarm", "explorer", "chart", "custom")
_MAX_WIDGETS: Final = 500
_MAX_METRICS: Final = 500
_GRID: Final = {"x": (0, 23), "y": (0, 100_000), "width": (1, 24), "height": (1, 1000)}


@dataclass(frozen=True, kw_only=True)
class Problem:
    path: str
    message: str


def problems(body: str) -> list[Problem]:
    """What is wrong with a dashboard's body; empty for a good one."""
    try:
        document = json.loads(body)
    except ValueError:
        document = None
    if not isinstance(document, dict):
        return [Problem(path="", message="The field DashboardBody must be a valid JSON object")]
    return list(_of_body(document))


def refusal(found: list[Problem]) -> str:
    """AWS's message."""
    listed = json.dumps([{"dataPath": problem.path, "message": problem.message} for problem in found])
    return f"The dashboard body is invalid, there are {len(found)} validation errors: {listed}"


def _of_body(document: Mapping[str, Any]) -> Iterator[Problem]:
    widgets = document.get("widgets")
    if not isinstance(widgets, list):
        yield Problem(path="", message="Should have required property 'widgets'")
        return
    if len(widgets) > _MAX_WIDGETS:
        yield Problem(path="/widgets", message=f"Should NOT have more than {_MAX_WIDGETS} items")
    if document.get("periodOverride", "auto") not in ("auto", "inherit"):
        yield Problem(path="/periodOverride", message="Should be equal to one of the allowed values")
    for number, widget in enumerate(widgets):
        yield from _of_widget(f"/widgets/{number}", widget)


def _of_widget(path: str, widget: Any) -> Iterator[Problem]:
    if not isinstance(widget, dict):
        yield Problem(path=path, message="Should be object")
        return
    for member, (low, high) in _GRID.items():
        value = widget.get(member, low)
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            yield Problem(path=f"{path}/{member}", message=f"Should be an integer of {low} to {high}")
    kind, properties = widget.get("type"), widget.get("properties")
    if kind not in _WIDGETS:
        yield Problem(path=f"{path}/type", message="Should be equal to one of the allowed values")
    elif not isinstance(properties, dict):
        yield Problem(path=path, message="Should have required property 'properties'")
    elif kind == "text" and not isinstance(properties.get("markdown"), str):
        yield Problem(path=f"{path}/properties", message="Should have required property 'markdown'")
    elif kind == "metric":
        yield from _of_graph(f"{path}/properties", properties)


def _of_graph(path: str, properties: Mapping[str, Any]) -> Iterator[Problem]:
    if not isinstance(properties.get("region"), str):
        yield Problem(path=path, message="Should have required property 'region'")
    metrics = properties.get("metrics")
    if metrics is None and properties.get("annotations"):
        return
    if not isinstance(metrics, list) or len(metrics) > _MAX_METRICS:
        yield Problem(path=path, message="Should match exactly one schema in oneOf")
        return
    for number, metric in enumerate(metrics):
        yield from _of_metric(f"{path}/metrics/{number}", metric)


def _of_metric(path: str, metric: Any) -> Iterator[Problem]:
    """Namespace, name and dimensions as texts, options last; or options alone, with an expression."""
    if not isinstance(metric, list) or not metric:
        yield Problem(path=path, message="Should be array")
        return
    *texts, last = metric
    if isinstance(last, str):
        texts = metric
    elif not isinstance(last, dict):
        yield Problem(path=path, message="Should match exactly one schema in oneOf")
        return
    if not texts and isinstance(last, dict) and "expression" in last:
        return
    # "..." alone is the whole row before it.
    if len(texts) < 2 and texts != ["..."]:
        yield Problem(path=path, message="Should NOT have less than 2 items")
    elif not all(isinstance(text, str) and 1 <= len(text) <= 1024 for text in texts):
        yield Problem(path=path, message="Should be string")
    elif len(texts) % 2 and "..." not in texts:
        yield Problem(path=path, message="Invalid metric field: a dimension without a value")
