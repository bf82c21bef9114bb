"""`python -m ops parity` against the deployed service: equal as deployed, and each change is named."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from ops import cli
from tests.acceptance.service import WEST, Service

pytestmark = pytest.mark.twin
Parity = Callable[[], tuple[int, Any]]


@pytest.fixture
def parity(eventual: Service, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Parity:
    monkeypatch.setenv("TWIN_HOME", str(eventual.twin.home))

    def run() -> tuple[int, Any]:
        capsys.readouterr()
        code = cli.main(["parity", "--target", "twin", "--json"])
        return code, json.loads(capsys.readouterr().out)

    return run


@contextmanager
def changed(change: Callable[[Any], Any], new: Any, old: Any) -> Iterator[None]:
    change(new)
    try:
        yield
    finally:
        change(old)


def test_the_regions_are_the_same_as_they_were_deployed(parity: Parity) -> None:
    code, found = parity()
    assert code == 0, found["rows"]
    assert found["compared"] > 300
    assert [row["item"] for row in found["rows"] if row["state"] != "warn"] == []


def test_what_was_changed_in_one_region_behind_the_programs_back_is_named(
    eventual: Service, parity: Parity
) -> None:
    twin, stack = eventual.twin, eventual.west.stack
    functions = twin.boto3_client("lambda", WEST)
    api = twin.boto3_client("apigateway", WEST)
    dynamodb = twin.boto3_client("dynamodb", WEST)
    stage = {"restApiId": stack.api_id, "stageName": "live"}

    def timeout(seconds: int) -> None:
        functions.update_function_configuration(FunctionName=stack.function_arns["read"], Timeout=seconds)
        functions.get_waiter("function_updated_v2").wait(
            FunctionName=stack.function_arns["read"], WaiterConfig={"Delay": 1}
        )

    def rate(value: str) -> None:
        patch = {"op": "replace", "path": "/*/*/throttling/rateLimit", "value": value}
        api.update_stage(**stage, patchOperations=[patch])

    def recovery(on: bool) -> None:
        dynamodb.update_continuous_backups(
            TableName=stack.table_names["orders"],
            PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": on},
        )

    before = functions.get_function_configuration(FunctionName=stack.function_arns["read"])["Timeout"]
    with changed(timeout, 20, before), changed(rate, "500", "1000"), changed(recovery, False, True):
        code, found = parity()

    assert code == 1
    assert {row["item"] for row in found["rows"] if row["state"] == "FAILED"} == {
        "read Timeout",
        "stage methodSettings/*/*/throttlingRateLimit",
        "orders point-in-time recovery",
    }


def test_limits_are_those_of_a_new_account_and_a_new_table(eventual: Service) -> None:
    """So that what is held against them here means the same on AWS."""
    limit = eventual.twin.boto3_client("lambda", WEST).get_account_settings()["AccountLimit"]
    assert limit["UnreservedConcurrentExecutions"] == 1000
    dynamodb = eventual.twin.boto3_client("dynamodb", WEST)
    for name in eventual.west.stack.table_names.values():
        warm = dynamodb.describe_table(TableName=name)["Table"]["WarmThroughput"]
        assert (warm["ReadUnitsPerSecond"], warm["WriteUnitsPerSecond"]) == (12_000, 4_000)
