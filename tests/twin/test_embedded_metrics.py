"""CloudWatch's embedded metric format."""

import json
from typing import Any

import pytest

from twin.aws.cloudwatch.embedded_metrics import Datum, embedded_metrics


def line(directive: dict[str, Any], **members: Any) -> str:
    metadata = {"Timestamp": 1_700_000_000_500, "CloudWatchMetrics": [directive]}
    return json.dumps({"_aws": metadata, **members})


DIRECTIVE = {
    "Namespace": "Shop",
    "Dimensions": [["Region"], ["Region", "Kind"]],
    "Metrics": [{"Name": "Time", "Unit": "Milliseconds"}, {"Name": "Count"}],
}


def test_each_metric_is_there_once_for_each_dimension_set() -> None:
    found = embedded_metrics(line(DIRECTIVE, Region="r", Kind="k", Time=[1, 2.5], Count=3))

    sets = [{"Region": "r"}, {"Region": "r", "Kind": "k"}]
    common: dict[str, Any] = {"namespace": "Shop", "timestamp": 1_700_000_000.5}
    assert found == [
        Datum(name=name, unit=unit, values=values, dimensions=dimensions, **common)
        for dimensions in sets
        for name, unit, values in (("Time", "Milliseconds", [1.0, 2.5]), ("Count", "None", [3.0]))
    ]


def test_a_dimension_set_without_its_value_is_left_out() -> None:
    found = embedded_metrics(line(DIRECTIVE, Region="r", Count=1))

    assert [datum.dimensions for datum in found] == [{"Region": "r"}]


def test_metrics_without_dimensions_are_taken() -> None:
    found = embedded_metrics(line({"Namespace": "Shop", "Metrics": [{"Name": "Count"}]}, Count=1))

    assert [datum.dimensions for datum in found] == [{}]


@pytest.mark.parametrize("value", ["1", True, None, [1, "2"], list(range(101)), {}])
def test_values_that_are_no_numbers_are_left_out(value: Any) -> None:
    assert embedded_metrics(line(DIRECTIVE, Region="r", Kind="k", Time=value)) == []


@pytest.mark.parametrize(
    "message",
    [
        "plain text",
        '{"_aws": ',
        '{"_aws": 1}',
        '{"_aws": {"CloudWatchMetrics": []}}',
        '{"_aws": {"Timestamp": 1, "CloudWatchMetrics": 2}}',
        '{"_aws": {"Timestamp": 1, "CloudWatchMetrics": [3]}}',
        line({"Namespace": "", "Metrics": [{"Name": "Count"}]}, Count=1),
        line({"Namespace": "Shop", "Metrics": ["Count"]}, Count=1),
    ],
)
def test_what_is_not_of_the_format_is_only_a_log_line(message: str) -> None:
    assert embedded_metrics(message) == []
