"""The values behind a page's charts, by GetMetricData, asked for once.

A page asks every few seconds for hours of values of which only the newest change. Those that cannot change
any more are kept, and only the last periods are asked for again: an old twin has many values, and each
question is answered by the process that serves the customers.
"""

import itertools
import math
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from twin.page.clients import words
from twin.page.widgets import Metric, Widget

# A value may be put in this much after its time; later ones show when the page asks for everything again.
LATE_SECONDS = 30.0
FORGET_SECONDS = 300.0
EXPRESSION_SECONDS = 6.0
# Of one request, so that the twin serves others in between; AWS takes 500.
QUERIES = 20
# How many metrics a round may be asked for their unit, and how long one without a value is not asked again.
UNITS_A_ROUND = 8
UNIT_RETRY_SECONDS = 20.0
ClientOf = Callable[[str], Any]


@dataclass(kw_only=True)
class _Known:
    """What is known of one metric: values by time for all of `since` to `until`."""

    since: float
    until: float
    asked: float
    looked_at: float
    points: dict[int, float] = field(default_factory=dict)
    problem: str | None = None


class MetricData:
    """`client(region)` gives a CloudWatch client. For one thread at a time."""

    def __init__(self, client: ClientOf, clock: Callable[[], float] = time.time) -> None:
        self._client = client
        self._clock = clock
        self._known: dict[Metric, _Known] = {}
        self._units: dict[tuple[str, str, str, tuple[tuple[str, str], ...]], tuple[str | None, float]] = {}

    def refresh(self, widgets: Sequence[Widget], seconds: int, is_up: Callable[[str], bool]) -> None:
        """Bring what the widgets show up to date, except of regions that do not answer."""
        start = self._clock() - seconds
        plain: set[Metric] = set()
        for widget in widgets:
            metrics = [series.metric for series in widget.series]
            if any(metric.expression for metric in metrics):
                self._ask_widget(widget, start, is_up)
            else:
                plain.update(metric for metric in metrics if is_up(metric.region))
        for region, since, batch in self._batches(plain, start):
            self._ask(region, since, batch, start)
        self._learn_units(plain)
        self._forget_all_but(widgets)

    def points(self, metric: Metric, since: float) -> list[tuple[int, float]]:
        """Times (seconds since the epoch, the start of each period) and values."""
        known = self._known.get(metric)
        if known is None:
            return []
        return sorted((at, value) for at, value in known.points.items() if at > since - metric.period)

    def problem(self, metric: Metric) -> str | None:
        """Why there are no values, in AWS's words."""
        known = self._known.get(metric)
        return known.problem if known else None

    def unit(self, metric: Metric) -> str | None:
        """The unit its values were put with, when it is known."""
        unit, _ = self._units.get(_identity(metric), (None, 0.0))
        return unit

    def _batches(self, metrics: set[Metric], start: float) -> Iterator[tuple[str, float, list[Metric]]]:
        """Region, time to ask from, and metrics: those that were never asked for apart from the others."""

        def group(metric: Metric) -> tuple[str, int, bool]:
            return metric.region, metric.period, self._covers(metric, start)

        for (region, period, covered), found in itertools.groupby(sorted(metrics, key=group), key=group):
            ordered = sorted(found, key=repr)
            since = self._open_since(ordered) if covered else start
            for first in range(0, len(ordered), QUERIES):
                yield region, _aligned(since, period), ordered[first : first + QUERIES]

    def _covers(self, metric: Metric, start: float) -> bool:
        known = self._known.get(metric)
        return known is not None and known.since <= start

    def _open_since(self, metrics: Sequence[Metric]) -> float:
        return min(self._known[metric].until for metric in metrics) - LATE_SECONDS

    def _ask(self, region: str, since: float, metrics: Sequence[Metric], start: float) -> None:
        queries = [_query(f"q{number}", metric) for number, metric in enumerate(metrics)]
        try:
            results = self._get(region, queries, since)
        except (ClientError, BotoCoreError) as error:
            self._ask_apart(region, since, metrics, start, error)
            return
        for number, metric in enumerate(metrics):
            self._keep(metric, results.get(f"q{number}", {}), start)

    def _ask_apart(
        self, region: str, since: float, metrics: Sequence[Metric], start: float, error: Exception
    ) -> None:
        """One bad query spoils its whole request: find it."""
        if len(metrics) > 1:
            for metric in metrics:
                self._ask(region, since, [metric], start)
            return
        self._fail(metrics[0], words(error))

    def _ask_widget(self, widget: Widget, start: float, is_up: Callable[[str], bool]) -> None:
        """Expressions name the other rows of their widget: asked for together, whole, less often."""
        metrics = [series.metric for series in widget.series]
        region = next(metric.region for metric in metrics if metric.expression)
        known = self._known.get(metrics[0])
        recent = known is not None and self._clock() - known.asked < EXPRESSION_SECONDS
        if (recent and self._covers(metrics[0], start)) or not all(
            is_up(metric.region) for metric in metrics
        ):
            return
        queries = [_query(series.id, series.metric) for series in widget.series]
        try:
            results = self._get(region, queries, _aligned(start, metrics[0].period))
        except (ClientError, BotoCoreError) as error:
            for metric in metrics:
                self._fail(metric, words(error))
            return
        for series in widget.series:
            self._keep(series.metric, results.get(series.id, {}), start)

    def _get(
        self, region: str, queries: Sequence[Mapping[str, Any]], since: float
    ) -> dict[str, dict[int, float]]:
        pages = self._client(region).get_paginator("get_metric_data")
        window = {"StartTime": _time(since), "EndTime": _time(self._clock() + 1)}
        results: dict[str, dict[int, float]] = {}
        for page in pages.paginate(MetricDataQueries=list(queries), **window):
            for result in page["MetricDataResults"]:
                times = (int(at.timestamp()) for at in result["Timestamps"])
                results.setdefault(result["Id"], {}).update(zip(times, result["Values"], strict=True))
        return results

    def _keep(self, metric: Metric, points: Mapping[int, float], start: float) -> None:
        now = self._clock()
        known = self._known.get(metric)
        if known is None or known.since > start:
            known = self._known[metric] = _Known(since=start, until=now, asked=now, looked_at=now)
        # A value that was put late may take the place of one, never take one away.
        known.points.update(points)
        known.until, known.asked, known.problem = now, now, None

    def _fail(self, metric: Metric, problem: str) -> None:
        now = self._clock()
        # Nothing is covered yet: all of it is asked for again.
        known = self._known.setdefault(metric, _Known(since=math.inf, until=now, asked=now, looked_at=now))
        known.asked, known.problem = now, problem

    def _learn_units(self, metrics: Iterable[Metric]) -> None:
        now = self._clock()
        wanted = [metric for metric in sorted(metrics, key=repr) if self._is_unit_due(metric, now)]
        for metric in wanted[:UNITS_A_ROUND]:
            self._units[_identity(metric)] = (self._asked_unit(metric), now)

    def _is_unit_due(self, metric: Metric, now: float) -> bool:
        unit, asked = self._units.get(_identity(metric), (None, 0.0))
        known = self._known.get(metric)
        return unit is None and now - asked > UNIT_RETRY_SECONDS and bool(known and known.points)

    def _asked_unit(self, metric: Metric) -> str | None:
        newest = max(self._known[metric].points)
        try:
            found = self._client(metric.region).get_metric_statistics(
                Namespace=metric.namespace,
                MetricName=metric.name,
                Dimensions=_dimensions(metric),
                StartTime=_time(newest),
                EndTime=_time(newest + metric.period),
                Period=metric.period,
                Statistics=["SampleCount"],
            )
        except (ClientError, BotoCoreError):
            return None
        return next((point["Unit"] for point in found["Datapoints"]), None)

    def _forget_all_but(self, widgets: Iterable[Widget]) -> None:
        """Drop what no page looks at any more. What a dead region said cannot be asked for again."""
        now = self._clock()
        for known in filter(None, (self._known.get(s.metric) for widget in widgets for s in widget.series)):
            known.looked_at = now
        for metric in [m for m, known in self._known.items() if now - known.looked_at > FORGET_SECONDS]:
            del self._known[metric]


def _query(identity: str, metric: Metric) -> Mapping[str, Any]:
    if metric.expression:
        return {"Id": identity, "Expression": metric.expression, "Period": metric.period}
    return {
        "Id": identity,
        "MetricStat": {
            "Metric": {
                "Namespace": metric.namespace,
                "MetricName": metric.name,
                "Dimensions": _dimensions(metric),
            },
            "Period": metric.period,
            "Stat": metric.statistic,
        },
    }


def _dimensions(metric: Metric) -> list[dict[str, str]]:
    return [{"Name": name, "Value": value} for name, value in metric.dimensions]


def _identity(metric: Metric) -> tuple[str, str, str, tuple[tuple[str, str], ...]]:
    return metric.region, metric.namespace, metric.name, metric.dimensions


def _aligned(since: float, period: int) -> float:
    """The start of a period: half of one would be counted as a whole."""
    return since // period * period


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
