"""What the page asks a region's AWS APIs for, and what it keeps when they do not answer."""

from collections.abc import Mapping
from typing import Any, cast

import pytest
from botocore.exceptions import EndpointConnectionError

from twin.page.clients import Clients
from twin.page.regional import Regional

EAST = "us-east-1"


class Region:
    """CloudWatch and Synthetics of a region in one, with one canary that has run and one that has not."""

    def __init__(self) -> None:
        self.last_run: Mapping[str, Any] = {"Id": "1", "Status": {"State": "FAILED", "StateReason": "503"}}
        self.asked_for_runs = 0
        self.silent = False

    def of(self, service: str, region: str) -> "Region":
        if self.silent:
            raise EndpointConnectionError(endpoint_url=f"https://{service}.{region}")
        return self

    def get_paginator(self, _operation: str) -> "Region":
        return self

    def paginate(self, **_question: Any) -> list[Mapping[str, Any]]:
        return [{"MetricAlarms": [{"AlarmName": "calm", "StateValue": "OK"}]}]

    def describe_canaries(self, **question: str) -> Mapping[str, Any]:
        if not question:
            return {"Canaries": [{"Name": "ran"}], "NextToken": "more"}
        return {"Canaries": [{"Name": "new"}]}

    def describe_canaries_last_run(self) -> Mapping[str, Any]:
        return {"CanariesLastRun": [{"CanaryName": "ran", "LastRun": self.last_run}]}

    def get_canary_runs(self, **_question: Any) -> Mapping[str, Any]:
        self.asked_for_runs += 1
        return {"CanaryRuns": [self.last_run, {"Id": "0", "Status": {"State": "PASSED"}}]}


@pytest.fixture
def region() -> Region:
    return Region()


@pytest.fixture
def regional(region: Region) -> Regional:
    return Regional(cast("Clients", region))


def test_a_canary_has_its_last_runs_and_one_that_never_ran_has_none(regional: Regional) -> None:
    regional.ask(EAST)
    ran, new = regional.told("canaries", [EAST])["rows"]
    assert (ran["name"], ran["region"], ran["last"]["reason"]) == ("ran", EAST, "503")
    assert [run["state"] for run in ran["runs"]] == ["FAILED", "PASSED"]
    assert (new["name"], new["last"], new["runs"]) == ("new", None, [])


def test_earlier_runs_are_asked_for_when_there_is_a_new_one(regional: Regional, region: Region) -> None:
    regional.ask(EAST)
    regional.ask(EAST)
    assert region.asked_for_runs == 1
    region.last_run = {**region.last_run, "Id": "2"}
    regional.ask(EAST)
    assert region.asked_for_runs == 2


def test_a_region_that_does_not_answer_keeps_what_it_said_and_why_it_is_silent(
    regional: Regional, region: Region
) -> None:
    regional.ask(EAST)
    region.silent = True
    regional.ask(EAST)
    told = regional.told("alarms", [EAST])
    assert [row["name"] for row in told["rows"]] == ["calm"]
    assert "Could not connect" in told["problems"][EAST]
