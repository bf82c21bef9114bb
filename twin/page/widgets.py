"""The body of a CloudWatch dashboard, read: which metrics its widgets want, in which form.

Pure. Source: "Dashboard body structure and syntax" (CloudWatch API reference). Periods are taken as declared:
the console's stretching of periods with the time range (`periodOverride`) is not modelled.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]

# Of a metric widget that says nothing else, and of a dashboard's time range.
DEFAULT_STATISTIC = "Average"
DEFAULT_PERIOD = 300
DEFAULT_RANGE = 3 * 3600
_RANGE = re.compile(r"^-P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?)?$")
_RANGE_UNITS = (7 * 86400, 86400, 3600, 60)
_DRAWN = ("metric", "text", "alarm")


@dataclass(frozen=True, kw_only=True)
class Metric:
    """What identifies a line: one metric with its statistic, period and region, or an expression."""

    region: str
    period: int
    namespace: str = ""
    name: str = ""
    dimensions: tuple[tuple[str, str], ...] = ()
    statistic: str = DEFAULT_STATISTIC
    expression: str = ""


@dataclass(frozen=True, kw_only=True)
class Series:
    """One row of a widget's `metrics`; `id` is what the widget's expressions call it."""

    metric: Metric
    id: str
    label: str
    color: str | None
    right: bool
    visible: bool


@dataclass(frozen=True, kw_only=True)
class Widget:
    """A widget: `kind` metric, text or alarm; for others `problem` says why nothing is drawn."""

    kind: str
    place: Mapping[str, int]
    properties: Mapping[str, Any]
    series: tuple[Series, ...] = ()
    problem: str | None = None


@dataclass(frozen=True, kw_only=True)
class Dashboard:
    """A dashboard's widgets in the order they are read, and the seconds of its time range."""

    widgets: tuple[Widget, ...]
    seconds: int


def parse(body: str, region: str, *, period: int | None = None) -> Dashboard:
    """Read a body; `region` is that of the dashboard, `period` one to use in place of the declared ones."""
    try:
        document = json.loads(body)
    except ValueError as error:
        return _unreadable(f"the dashboard's body is not JSON: {error}")
    widgets = document.get("widgets") if isinstance(document, dict) else None
    if not isinstance(widgets, list):
        return _unreadable("the dashboard's body has no list of widgets")
    read = [_widget(widget, region, period) for widget in widgets]
    read.sort(key=lambda widget: (widget.place["y"], widget.place["x"]))
    return Dashboard(widgets=tuple(read), seconds=_seconds(document.get("start")))


def _unreadable(problem: str) -> Dashboard:
    place = {"x": 0, "y": 0, "width": 24, "height": 3}
    widget = Widget(kind="unknown", place=place, properties={}, problem=problem)
    return Dashboard(widgets=(widget,), seconds=DEFAULT_RANGE)


def _seconds(start: Any) -> int:
    """A relative start such as -PT3H or -P1D."""
    found = _RANGE.match(start) if isinstance(start, str) else None
    if found is None:
        return DEFAULT_RANGE
    seconds = sum(int(n or 0) * unit for n, unit in zip(found.groups(), _RANGE_UNITS, strict=True))
    return seconds or DEFAULT_RANGE


def _widget(widget: Any, region: str, period: int | None) -> Widget:
    if not isinstance(widget, dict) or not isinstance(widget.get("properties"), dict):
        return Widget(kind="unknown", place=_place({}), properties={}, problem="not a widget: no properties")
    kind, properties = str(widget.get("type")), widget["properties"]
    if kind not in _DRAWN:
        problem = f"the page does not draw widgets of type {kind!r}"
        return Widget(kind=kind, place=_place(widget), properties=properties, problem=problem)
    try:
        series = tuple(_series(properties, region, period)) if kind == "metric" else ()
    except (TypeError, ValueError, AttributeError) as error:
        problem = f"its metrics cannot be read: {error}"
        return Widget(kind=kind, place=_place(widget), properties=properties, problem=problem)
    return Widget(kind=kind, place=_place(widget), properties=properties, series=series)


def _place(widget: Mapping[str, Any]) -> Mapping[str, int]:
    defaults = {"x": 0, "y": 0, "width": 6, "height": 6}
    return {name: _whole(widget.get(name), default) for name, default in defaults.items()}


def _whole(value: Any, default: int) -> int:
    return value if isinstance(value, int) and 0 <= value <= 1000 else default


def _series(properties: Mapping[str, Any], region: str, period: int | None) -> Iterator[Series]:
    rows = list(_rows(properties.get("metrics") or []))
    common = {
        "region": str(properties.get("region") or region),
        "period": _whole(properties.get("period"), DEFAULT_PERIOD),
        "stat": str(properties.get("stat") or DEFAULT_STATISTIC),
    }
    found = [_one_series(number, names, {**common, **options}, period) for number, (names, options) in rows]
    labels = _labels([series.metric for series in found])
    for series, label in zip(found, labels, strict=True):
        yield series if series.label else _labelled(series, label)


def _rows(metrics: Sequence[Any]) -> Iterator[tuple[int, tuple[list[str], Json]]]:
    """Each row's names and options, with `.` and `...` replaced by what they stand for in the row before."""
    before: list[str] = []
    for number, row in enumerate(metrics, start=1):
        options = row[-1] if row and isinstance(row[-1], dict) else {}
        names = [str(part) for part in row if not isinstance(part, dict)]
        if names and names[0] == "...":
            names = before[: max(0, len(before) - len(names) + 1)] + names[1:]
        names = [
            before[place] if part == "." and place < len(before) else part for place, part in enumerate(names)
        ]
        before = names or before
        yield number, (names, options)


def _one_series(number: int, names: list[str], options: Mapping[str, Any], period: int | None) -> Series:
    expression = str(options.get("expression") or "")
    if not expression and (len(names) < 2 or len(names) % 2):
        raise ValueError(f"row {number} is no namespace, name and pairs of dimensions: {names}")
    metric = Metric(
        region=str(options["region"]),
        period=period or _whole(options.get("period"), DEFAULT_PERIOD),
        namespace="" if expression else names[0],
        name="" if expression else names[1],
        dimensions=() if expression else tuple(sorted(zip(names[2::2], names[3::2], strict=True))),
        statistic="" if expression else str(options["stat"]),
        expression=expression,
    )
    return Series(
        metric=metric,
        id=str(options.get("id") or f"unnamed{number}"),
        label=str(options.get("label") or ""),
        color=options.get("color") if isinstance(options.get("color"), str) else None,
        right=options.get("yAxis") == "right",
        visible=options.get("visible") is not False,
    )


def _labelled(series: Series, label: str) -> Series:
    return Series(**{**vars(series), "label": label})


def _labels(metrics: Sequence[Metric]) -> list[str]:
    """As the console's own: what a line has in common with all the others is left out."""
    parts = [_parts(metric) for metric in metrics]
    shared = set.intersection(*(set(p) for p in parts)) if len(parts) > 1 else set()
    return [
        " ".join(text for name, text in p if (name, text) not in shared) or metric.name or metric.expression
        for p, metric in zip(parts, metrics, strict=True)
    ]


def _parts(metric: Metric) -> list[tuple[str, str]]:
    if metric.expression:
        return [("expression", metric.expression)]
    dimensions = [(f"dimension {name}", value) for name, value in metric.dimensions]
    return [("name", metric.name), *dimensions, ("statistic", metric.statistic), ("region", metric.region)]
