"""Peaks of all regions together, and what one region can do alone."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ops.checks.findings import State
from ops.parity.capacity import Limit, judge
from ops.parity.certificates import expiry
from ops.parity.peaks import Metric, peak, read
from ops.parity.rows import Row

EAST, WEST = "us-east-1", "us-west-2"
NOW = datetime(2026, 11, 25, tzinfo=UTC)


def minute(number: int) -> datetime:
    return NOW + timedelta(minutes=number)


class FakeCloudWatch:
    """Answers every query with two points, one a page."""

    def __init__(self) -> None:
        self.asked: list[Mapping[str, Any]] = []

    def get_paginator(self, operation: str) -> "FakeCloudWatch":
        assert operation == "get_metric_data"
        return self

    def paginate(self, **arguments: Any) -> Iterator[Mapping[str, Any]]:
        self.asked.append(arguments)
        for page in (0, 1):
            yield {
                "MetricDataResults": [
                    {"Id": query["Id"], "Timestamps": [minute(page)], "Values": [60.0 * (page + 1)]}
                    for query in arguments["MetricDataQueries"]
                ]
            }


def metric(*, per_second: bool) -> Metric:
    return Metric(
        namespace="AWS/ApiGateway",
        name="Count",
        dimensions={"ApiName": "orders", "Stage": "live"},
        statistic="Sum",
        per_second=per_second,
    )


def test_points_of_all_pages_are_read_and_sums_become_rates() -> None:
    client = FakeCloudWatch()
    metrics = [metric(per_second=True), metric(per_second=False)]
    rate, total = read(client, metrics, start=NOW, end=minute(9))
    assert rate == {minute(0): 1.0, minute(1): 2.0}
    assert total == {minute(0): 60.0, minute(1): 120.0}
    query = client.asked[0]["MetricDataQueries"][0]["MetricStat"]
    assert (query["Stat"], query["Period"]) == ("Sum", 60)


def test_the_peak_is_of_the_same_minute_in_all_regions() -> None:
    east, west = {minute(0): 90.0, minute(1): 10.0}, {minute(1): 95.0, minute(2): 50.0}
    assert peak([east, west]) == 105.0
    assert peak([{}, {}]) is None


@pytest.mark.parametrize(
    ("limits", "needed", "state"),
    [
        ({EAST: 100.0, WEST: 100.0}, 99.0, State.OK),
        ({EAST: 100.0, WEST: 50.0}, 99.0, State.FAILED),
        ({EAST: 100.0, WEST: 100.0}, None, State.WARNING),
        ({EAST: None, WEST: 100.0}, 99.0, State.OK),
    ],
)
def test_every_region_must_carry_the_peak_alone(
    limits: dict[str, float | None], needed: float | None, state: State
) -> None:
    row = judge(Limit(item="requests", limits=limits, needed=needed))
    assert row.state is state
    assert row.note.endswith(f"{WEST} cannot carry it alone") == (state is State.FAILED)


def certificate(days: int, status: str = "ISSUED") -> dict[str, Any]:
    return {"Status": status, "NotAfter": NOW + timedelta(days=days, hours=1)}


def one(certificates: Mapping[str, Any]) -> Row:
    (row,) = expiry(certificates, now=NOW)
    return row


def test_a_certificate_that_ends_soon_or_is_not_issued_is_wrong() -> None:
    assert one({EAST: certificate(200), WEST: certificate(31)}).state is State.OK
    soon = one({EAST: certificate(200), WEST: certificate(29)})
    assert soon.state is State.FAILED
    assert soon.values[WEST] == "ISSUED, 29 days left"
    assert one({EAST: certificate(200, "PENDING_VALIDATION")}).state is State.FAILED
    assert one({EAST: {"Status": "ISSUED"}}).state is State.FAILED
