"""A dashboard as the page's scripts draw it: JSON with nothing but checked types, and the values."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from twin.page.metric_data import MetricData
from twin.page.widgets import Dashboard, Series, Widget

Json = dict[str, Any]

LEAST_SECONDS = 180


def drawing(dashboard: Dashboard, data: MetricData, *, now: float, seconds: int) -> Json:
    """The widgets with what they show from `now - seconds` to `now`."""
    return {
        "start": now - seconds,
        "end": now,
        "widgets": [_widget(widget, data, now - seconds) for widget in dashboard.widgets],
    }


def fitting(dashboard: Dashboard, data: MetricData, *, now: float, most: int) -> int:
    """Seconds back to the first value of a dashboard: a young twin fills little of a range of hours."""
    metrics = {series.metric for widget in dashboard.widgets for series in widget.series if series.visible}
    firsts = [points[0][0] for metric in metrics if (points := data.points(metric, now - most))]
    back = now - min(firsts, default=now)
    return min(most, max(LEAST_SECONDS, int(back * 1.03)))


def _widget(widget: Widget, data: MetricData, since: float) -> Json:
    properties = widget.properties
    return {
        "kind": widget.kind,
        **widget.place,
        "title": _text(properties.get("title")),
        "problem": widget.problem,
        "markdown": _text(properties.get("markdown")),
        "view": _text(properties.get("view")) or "timeSeries",
        "stacked": properties.get("stacked") is True,
        "yAxis": {side: _axis(_within(properties, "yAxis").get(side)) for side in ("left", "right")},
        "lines": list(_lines(_within(properties, "annotations").get("horizontal"))),
        "moments": list(_moments(_within(properties, "annotations").get("vertical"))),
        "alarms": [
            *_texts(properties.get("alarms")),
            *_texts(_within(properties, "annotations").get("alarms")),
        ],
        "series": [_series(series, data, since) for series in widget.series if series.visible],
    }


def _series(series: Series, data: MetricData, since: float) -> Json:
    metric = series.metric
    return {
        "label": series.label,
        "color": series.color,
        "right": series.right,
        "what": metric.expression
        or " ".join([metric.namespace, metric.name, *(v for _, v in metric.dimensions)]),
        "statistic": metric.statistic,
        "period": metric.period,
        "region": metric.region,
        "unit": data.unit(metric),
        "problem": data.problem(metric),
        "points": data.points(metric, since),
    }


def _within(properties: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = properties.get(name)
    return found if isinstance(found, dict) else {}


def _axis(given: Any) -> Json:
    axis = given if isinstance(given, dict) else {}
    return {
        "label": _text(axis.get("label")),
        "min": _number(axis.get("min")),
        "max": _number(axis.get("max")),
        "units": axis.get("showUnits") is not False,
    }


def _lines(given: Any) -> Iterator[Json]:
    for line in _flat(given):
        value = _number(line.get("value"))
        if value is not None and line.get("visible") is not False:
            right = line.get("yAxis") == "right"
            yield {
                "value": value,
                "label": _text(line.get("label")),
                "color": line.get("color"),
                "right": right,
            }


def _moments(given: Any) -> Iterator[Json]:
    for moment in _flat(given):
        if isinstance(moment.get("value"), str) and moment.get("visible") is not False:
            yield {"at": moment["value"], "label": _text(moment.get("label")), "color": moment.get("color")}


def _flat(given: Any) -> Iterable[Mapping[str, Any]]:
    """A band is a list of two."""
    for entry in given if isinstance(given, list) else ():
        yield from (
            part for part in (entry if isinstance(entry, list) else [entry]) if isinstance(part, dict)
        )


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _texts(value: Any) -> list[str]:
    return [entry for entry in value if isinstance(entry, str)] if isinstance(value, list) else []


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
