"""What the page reads out of a dashboard's body, as CloudWatch's documentation says it is written."""

import json
from typing import Any

import pytest

from twin.page.widgets import DEFAULT_RANGE, Dashboard, Widget, parse

REGION = "us-east-1"


def read(metrics: list[Any], **properties: Any) -> Widget:
    body = {"widgets": [{"type": "metric", "properties": {"metrics": metrics, **properties}}]}
    return parse(json.dumps(body), REGION).widgets[0]


def dashboard(**body: Any) -> Dashboard:
    return parse(json.dumps({"widgets": [], **body}), REGION)


def test_dots_stand_for_what_the_row_before_has_in_their_place() -> None:
    series = read([["AWS/Lambda", "Errors", "FunctionName", "a"], [".", "Throttles", ".", "b"]]).series
    assert [(s.metric.namespace, s.metric.name, s.metric.dimensions) for s in series] == [
        ("AWS/Lambda", "Errors", (("FunctionName", "a"),)),
        ("AWS/Lambda", "Throttles", (("FunctionName", "b"),)),
    ]


def test_three_dots_stand_for_the_row_before_up_to_what_follows() -> None:
    series = read([["N", "M", "D", "a", "E", "b"], ["...", "c"], [{"expression": "m1*2"}], ["..."]]).series
    assert [s.metric.dimensions for s in series] == [
        (("D", "a"), ("E", "b")),
        (("D", "a"), ("E", "c")),
        (),
        (("D", "a"), ("E", "c")),
    ]


def test_a_row_says_otherwise_than_its_widget() -> None:
    first, second = read(
        [["N", "M"], ["N", "M", {"stat": "p99", "period": 60, "region": "us-west-2", "yAxis": "right"}]],
        stat="Sum",
        period=10,
    ).series
    assert (first.metric.statistic, first.metric.period, first.metric.region) == ("Sum", 10, REGION)
    assert (second.metric.statistic, second.metric.period, second.metric.region) == ("p99", 60, "us-west-2")
    assert (first.right, second.right) == (False, True)


def test_a_reader_can_ask_for_another_period() -> None:
    body = {"widgets": [{"type": "metric", "properties": {"metrics": [["N", "M"]], "period": 60}}]}
    assert parse(json.dumps(body), REGION, period=10).widgets[0].series[0].metric.period == 10


def test_labels_are_what_tells_lines_apart() -> None:
    metrics = [
        ["N", "M", "Table", "a", {"stat": "p50"}],
        ["...", {"stat": "p99"}],
        ["...", {"label": "mine"}],
    ]
    assert [s.label for s in read(metrics).series] == ["p50", "p99", "mine"]
    assert [s.label for s in read([["N", "M", "Table", "a"]]).series] == ["M a Average us-east-1"]


def test_widgets_are_read_from_top_left_to_bottom_right() -> None:
    places = [(12, 0), (0, 6), (0, 0)]
    widgets = [{"type": "text", "x": x, "y": y, "properties": {"markdown": f"{x} {y}"}} for x, y in places]
    read_in_order = dashboard(widgets=widgets).widgets
    assert [widget.properties["markdown"] for widget in read_in_order] == ["0 0", "12 0", "0 6"]


@pytest.mark.parametrize(
    ("start", "seconds"),
    [("-PT3H", 10800), ("-P1DT30M", 88200), ("-P1W", 604800), ("2026-01-01T00:00:00Z", DEFAULT_RANGE)],
)
def test_the_range_is_that_of_a_relative_start(start: str, seconds: int) -> None:
    assert dashboard(start=start).seconds == seconds


@pytest.mark.parametrize(
    ("widget", "words"),
    [
        ({"type": "explorer", "properties": {}}, "does not draw widgets of type 'explorer'"),
        ({"type": "metric", "properties": {"metrics": [["N"]]}}, "row 1 is no namespace"),
        ({"type": "metric", "properties": {"metrics": [["N", "M", "D"]]}}, "row 1 is no namespace"),
        ({"type": "metric", "properties": {"metrics": [5]}}, "cannot be read"),
        ({"type": "metric"}, "no properties"),
        ("text", "no properties"),
    ],
)
def test_what_cannot_be_drawn_says_why(widget: Any, words: str) -> None:
    assert words in (dashboard(widgets=[widget]).widgets[0].problem or "")


@pytest.mark.parametrize("body", ["{", "[]", '{"widgets": 1}'])
def test_an_unreadable_body_is_one_widget_that_says_so(body: str) -> None:
    assert "the dashboard's body" in (parse(body, REGION).widgets[0].problem or "")
