"""What the configured stacks cost: quantities, prices, and what each option saves."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any
from urllib.parse import urlsplit

import pytest

from blueprint.config_keys import as_text
from ops import cli
from ops.costs.bill import HOURS, Line, bill, items, options, total
from ops.costs.prices import read_prices
from ops.costs.setup import Setup, Usage, setup_of
from ops.deployed.stacks import PROJECT, read_config
from ops.errors import MisuseError

TABLE = read_prices()
SHARED = "arn:aws:route53-recovery-control::111122223333:cluster/x"
THREE = {"region1": "us-east-1", "region2": "us-west-2", "region3": "us-east-2"}
USAGE = Usage(requests_per_second=10, creates=0.5, milliseconds=40, resolvers=100, stored_gb=1)
IDLE = replace(USAGE, requests_per_second=0)


def configured(**fields: Any) -> Setup:
    return setup_of(read_config("region1", PROJECT, {key: as_text(value) for key, value in fields.items()}))


def lines(setup: Setup | None = None, usage: Usage = USAGE) -> Mapping[str, Line]:
    return {line.name: line for line in bill(setup or configured(), usage, TABLE.prices)}


def test_the_cluster_is_what_costs_most_and_an_existing_one_costs_nothing_more() -> None:
    first = next(iter(lines().values()))
    assert (first.name, first.month, first.hour) == ("ARC cluster", 2.5 * HOURS, 2.5)
    shared = configured(arcCluster=SHARED)
    assert "ARC cluster" not in lines(shared)


def test_canaries_are_paid_by_run() -> None:
    every_minute = lines()["Canary runs"]
    assert every_minute.quantity == 5 * HOURS * 60
    assert every_minute.month == pytest.approx(5 * HOURS * 60 * 0.0012)
    assert lines(configured(canaryRateMinutes=5))["Canary runs"].month == pytest.approx(
        every_minute.month / 5
    )


def test_each_write_is_paid_in_every_region() -> None:
    creates = 10 * 0.5 * HOURS * 3600 / 1e6
    two, three = configured(), configured(stacks=THREE, observerRegion="eu-west-1")
    assert lines(two)["DynamoDB writes"].quantity == pytest.approx(creates * 8)
    assert lines(three)["DynamoDB writes"].quantity == pytest.approx(creates * 10)
    assert lines(configured(consistency="strong"))["DynamoDB writes"].quantity == pytest.approx(creates * 4)


def test_without_traffic_only_what_stands_there_is_paid() -> None:
    idle = lines(usage=IDLE)
    assert "DynamoDB writes" not in idle
    assert "Route 53 queries" not in idle
    assert idle["ARC cluster"].month == 1825


def test_alias_records_are_asked_for_nothing_and_a_ttl_bounds_the_queries() -> None:
    assert "Route 53 queries" not in lines(configured(dnsRecord="alias"))
    few = lines(usage=replace(USAGE, resolvers=10))["Route 53 queries"]
    assert few.quantity == pytest.approx(1 * HOURS * 3600 / 1e6)
    assert lines()["Route 53 queries"].quantity == pytest.approx(10 * HOURS * 3600 / 1e6)


def test_every_option_saves_what_the_bill_says_the_most_first() -> None:
    found = options(configured(), USAGE, TABLE.prices)
    assert found[0].setting.startswith("arcCluster")
    assert found[0].saves == pytest.approx(1825)
    assert [one.saves for one in found] == sorted((one.saves for one in found), reverse=True)
    slow = next(one for one in found if one.setting == "canaryRateMinutes: 5")
    before, after = (total(bill(configured(canaryRateMinutes=n), USAGE, TABLE.prices)) for n in (1, 5))
    assert slow.saves == pytest.approx(before - after)


def test_an_option_that_is_set_already_is_not_offered() -> None:
    frugal = configured(
        arcCluster=SHARED, canaryRateMinutes=10, dnsRecord="alias", apiAccessLogs=False, lambdaMemoryMb=256
    )
    names = {one.setting.partition(":")[0] for one in options(frugal, USAGE, TABLE.prices)}
    assert (
        names & {"arcCluster", "canaryRateMinutes", "dnsRecord", "apiAccessLogs", "lambdaMemoryMb"} == set()
    )


def test_every_price_has_a_source_of_aws_and_is_used() -> None:
    date.fromisoformat(TABLE.date)
    for name, price in TABLE.prices.items():
        assert price.usd > 0, name
        assert urlsplit(price.source).hostname == "aws.amazon.com", name
    used = {
        item.price
        for architecture in ("arm64", "x86_64")
        for item in items(configured(readiness=True, lambdaArchitecture=architecture), USAGE)
    }
    assert set(TABLE.prices) - used == {"stateTransitions"}


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"dnsTtl": "soon"}, r"Pulumi.region1.yaml.*`dnsTtl` is not a whole number(.|\n)*'soon'"),
        ({"stacks": {}}, "`stacks`"),
        ({"canaryRate": 5}, "'canaryRate' is not a configuration key"),
    ],
)
def test_a_value_that_the_program_would_refuse_is_refused(fields: dict[str, Any], says: str) -> None:
    with pytest.raises(MisuseError, match=says):
        configured(**fields)


def test_the_command_needs_nothing_but_the_stack_files(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    assert cli.main(["costs", "--json", "--config", "canaryRateMinutes=5"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["setup"]["canary_rate_minutes"] == 5
    assert found["month"] == pytest.approx(sum(item["month"] for item in found["items"]))
    assert found["items"][0]["price"]["source"].startswith("https://")


def test_the_text_marks_prices_that_are_not_confirmed(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["costs"]) == 0
    shown = capsys.readouterr().out.splitlines()
    assert shown[1].startswith("ARC cluster")
    marked = [line for line in shown if line.endswith(" *")]
    assert any(line.startswith("Route 53 health checks") for line in marked)
    assert f"Prices of {TABLE.date}" in "\n".join(shown)


@pytest.mark.parametrize(
    "wrong", [["--creates", "1.5"], ["--config", "x"], ["--stack", "nowhere"], ["--resolvers", "0"]]
)
def test_misuse_is_said(wrong: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["costs", *wrong]) == 2
    assert capsys.readouterr().err.startswith("ops: ")
