"""The operator's commands for orders and load, as they are typed, on the deployed service."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from functions.orders import contract
from ops.cli import main
from tests.acceptance.service import EAST, WEST, Service

pytestmark = pytest.mark.twin

Typed = Callable[[str], tuple[int, Any]]


@pytest.fixture
def typed(
    traffic_at_home: Service, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Typed:
    """Runs a command line: its exit status, and its outcome as --json prints it."""
    monkeypatch.setenv("TWIN_HOME", str(traffic_at_home.twin.home))

    def run(line: str) -> tuple[int, Any]:
        status = main([*line.split(), "--json"])
        out = capsys.readouterr().out
        return status, json.loads(out) if out else None

    return run


def test_filled_items_are_there_and_synthetic(eventual: Service, typed: Typed) -> None:
    status, made = typed(f"fill --customers 2 --products 1 --orders 1 --region {WEST}")
    assert status == 0
    assert [len(made[kind]) for kind in ("customers", "products", "orders")] == [2, 1, 1]
    for table, ids in ((contract.CUSTOMERS, made["customers"]), (contract.ORDERS, made["orders"])):
        for one in ids:
            item = eventual.west.stored(table, one)
            assert item is not None
            assert item[contract.SYNTHETIC_ATTRIBUTE] == {"BOOL": True}


def test_an_order_is_created_and_read_through_each_door(typed: Typed) -> None:
    status, created = typed(f"order create --region {EAST}")
    assert (status, created["answeredBy"]) == (0, EAST)
    ids = f"--order {created['OrderId']} --product {created['ProductId']}"
    for door in ("--domain", f"--region {EAST}"):
        status, read = typed(f"order read {ids} {door}")
        assert (status, read["OrderId"], read["answeredBy"]) == (0, created["OrderId"], EAST)
    again, _ = typed(f"order create {ids} --customer {created['CustomerId']} --domain")
    assert again == 0


def test_what_the_api_refuses_is_one_line_in_its_words(
    typed: Typed, eventual: Service, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["order", "read", "--order", "nobody", "--product", "nothing"]) == 1
    error = capsys.readouterr().err
    assert "GET /orders was answered 404: There is no order nobody" in error
    assert main(["order", "read", "--order", "nobody"]) == 2


@pytest.mark.usefixtures("functions_at_home")
def test_load_is_started_followed_and_listed(typed: Typed) -> None:
    status, started = typed("load start --items 1 --wait")
    assert status == 0
    assert [(e["region"], e["status"]) for e in started["executions"]] == [
        (EAST, "SUCCEEDED"),
        (WEST, "SUCCEEDED"),
    ]
    for execution in started["executions"]:
        assert execution["counts"]["created"] == execution["counts"]["read"] == 1
        assert execution["counts"]["regions"] == {execution["region"]: {"created": 1, "read": 1}}
    status, listed = typed("load status --limit 1")
    assert status == 0
    assert [e["arn"] for e in listed["executions"]] == [e["arn"] for e in started["executions"]]
