"""The page's address without a browser: its files, what it tells, and what it refuses."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from twin.client import TwinClient
from twin.errors import AdminRefusedError
from twin.page.alarm_rows import alarm_rows
from twin.page.regional import run_row
from twin.page.routes import STATIC

EAST = "us-east-1"
NAME = "page-without-a-browser"


def get(twin: TwinClient, path: str, headers: Mapping[str, str] | None = None) -> tuple[int, Any, str]:
    request = urllib.request.Request(twin.addresses["admin"] + path, headers=dict(headers or {}))
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            return response.status, response.headers, response.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, error.read().decode()


@pytest.fixture(scope="module")
def dashboard(twin: TwinClient) -> Iterator[str]:
    cloudwatch = twin.boto3_client("cloudwatch", EAST)
    dimension = [{"Name": "Region", "Value": EAST}]
    datum = {"MetricName": "Waited", "Dimensions": dimension, "Value": 7.0, "Unit": "Milliseconds"}
    cloudwatch.put_metric_data(Namespace="Page", MetricData=[datum])
    metrics = [["Page", "Waited", "Region", EAST, {"stat": "Maximum", "period": 60}]]
    body = {"widgets": [{"type": "metric", "properties": {"metrics": metrics, "region": EAST}}]}
    cloudwatch.put_dashboard(DashboardName=NAME, DashboardBody=json.dumps(body))
    yield f"/_twin/page/state?dashboard={NAME}"
    cloudwatch.delete_dashboards(DashboardNames=[NAME])


@pytest.mark.twin
def test_the_page_loads_nothing_but_its_own_files(twin: TwinClient) -> None:
    status, headers, text = get(twin, "/")
    assert status == 200
    assert headers["content-type"] == "text/html; charset=utf-8"
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert "://" not in text
    for file in STATIC.iterdir():
        assert get(twin, f"/_twin/page/{file.name}")[0] == 200


@pytest.mark.twin
def test_another_site_cannot_read_the_page_or_switch(twin: TwinClient) -> None:
    for path in ("/", "/_twin/page/main.js", "/_twin/page/state"):
        status, headers, _ = get(twin, path, {"host": "evil.example"})
        assert status == 403
        assert "access-control-allow-origin" not in headers
    request = urllib.request.Request(
        twin.addresses["admin"] + "/_twin/page/controls",
        data=b'{"arn": "a", "on": true}',
        headers={"content-type": "text/plain"},
    )
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=30)
    with refused.value:
        assert refused.value.code == 415


@pytest.mark.twin
def test_the_state_has_the_declared_widget_with_its_values(twin: TwinClient, dashboard: str) -> None:
    state = twin.call("GET", dashboard)
    drawn = state["dashboard"]
    assert drawn["name"] == NAME
    (series,) = drawn["widgets"][0]["series"]
    assert (series["statistic"], series["period"], series["unit"]) == ("Maximum", 60, "Milliseconds")
    assert [value for _, value in series["points"]] == [7.0]
    assert NAME in state["dashboards"]["names"]
    assert [region["name"] for region in state["regions"]] == twin.regions


@pytest.mark.twin
@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("seconds=5", "between 60 and"),
        ("seconds=x", "must be a whole number, not 'x'"),
        ("period=7", "multiple of 60"),
        ("rang=60", "no such parameter: rang"),
    ],
)
def test_a_wrong_question_is_refused_in_words(twin: TwinClient, query: str, words: str) -> None:
    with pytest.raises(AdminRefusedError, match=words) as refused:
        twin.call("GET", f"/_twin/page/state?{query}")
    assert refused.value.status == 400


@pytest.mark.twin
def test_a_switch_says_what_the_cluster_said(twin: TwinClient) -> None:
    arn = "arn:aws:route53-recovery-control::111122223333:controlpanel/0/routingcontrol/0"
    answer = twin.call("POST", "/_twin/page/controls", {"arn": arn, "on": True})
    assert "There is no routing control" in answer["refused"]
    with pytest.raises(AdminRefusedError, match="send"):
        twin.call("POST", "/_twin/page/controls", {"arn": arn})


def test_alarms_of_both_kinds_are_rows() -> None:
    at = datetime(2026, 11, 25, tzinfo=UTC)
    metric = {"AlarmName": "m", "StateValue": "OK", "Threshold": 5.0, "StateTransitionedTimestamp": at}
    composite = {"AlarmName": "c", "StateValue": "ALARM", "StateReason": "r", "AlarmRule": "ALARM(m)"}
    rows = list(alarm_rows([metric], [composite], now=0.0))
    assert [(row["name"], row["kind"], row["state"]) for row in rows] == [
        ("m", "metric", "OK"),
        ("c", "composite", "ALARM"),
    ]
    assert (rows[0]["threshold"], rows[0]["since"]) == (5.0, at.timestamp())
    assert (rows[1]["rule"], rows[1]["since"], rows[1]["reason"]) == ("ALARM(m)", None, "r")


def test_a_canary_without_a_run_has_none() -> None:
    assert run_row({}) is None
    assert run_row({"Status": {"State": "FAILED", "StateReason": "503"}}) == {
        "state": "FAILED",
        "reason": "503",
        "started": None,
        "completed": None,
    }
