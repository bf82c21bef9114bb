"""What counts as a difference between regions, and what is a region's own."""

import pytest

from ops.checks.findings import State
from ops.deployed.deployment import Stack, parse
from ops.parity.neutral import RegionNeutral
from ops.parity.report import report
from ops.parity.rows import ABSENT, Row, compare
from tests.unit.ops.outputs import outputs

EAST, WEST = "us-east-1", "us-west-2"
TABLES = {"customers": "shop-prod-customers", "products": "shop-prod-products", "orders": "shop-prod-orders"}


def stack(name: str, region: str) -> Stack:
    return parse({name: outputs(region, tableNames=TABLES)}, source="test").primary


def test_what_every_region_has_alike_is_ok() -> None:
    (row,) = compare("functions", {EAST: {"memory": "1024"}, WEST: {"memory": "1024"}})
    assert row.state is State.OK


def test_a_difference_and_a_missing_setting_are_found_with_their_values() -> None:
    rows = compare("functions", {EAST: {"memory": "1024", "layer": "x"}, WEST: {"memory": "512"}})
    assert [(row.item, row.state) for row in rows] == [("layer", State.FAILED), ("memory", State.FAILED)]
    assert rows[0].values == {EAST: "x", WEST: ABSENT}


def test_three_regions_are_equal_only_if_all_are() -> None:
    (row,) = compare("tables", {EAST: {"a": "1"}, WEST: {"a": "1"}, "eu-west-1": {"a": "2"}})
    assert row.state is State.FAILED


@pytest.mark.parametrize(
    ("east", "west"),
    [
        (
            "arn:aws:lambda:us-east-1:1:function:shop-prod-create",
            "arn:aws:lambda:us-west-2:1:function:shop-two-create",
        ),
        ("/aws/apigateway/shop-prod-api", "/aws/apigateway/shop-two-api"),
        ("api-us-east-1", "api-us-west-2"),
        ("shop-prod-orders", "shop-prod-orders"),
    ],
)
def test_names_of_region_stack_and_api_are_no_difference(east: str, west: str) -> None:
    assert RegionNeutral(stack("prod", EAST)).text(east) == RegionNeutral(stack("two", WEST)).text(west)


def test_another_table_or_a_word_that_holds_the_stacks_name_is_left_alone() -> None:
    neutral = RegionNeutral(stack("prod", EAST))
    assert neutral.text("shop-prod-orders-old") != neutral.text("shop-prod-orders")
    assert neutral.text("products of prod") == "products of prod"


def test_a_document_is_compared_value_by_value() -> None:
    document = {"paths": {"/orders": {"get": [1, True]}}, "empty": {}, "none": []}
    assert dict(RegionNeutral(stack("prod", EAST)).flat(document)) == {
        "/empty": "{}",
        "/none": "[]",
        "/paths//orders/get/0": "1",
        "/paths//orders/get/1": "true",
    }


def test_one_region_alone_is_not_called_the_same() -> None:
    assert compare("functions", {EAST: {"memory": "1024"}}) == []


def row(state: State, item: str = "memory", note: str = "") -> Row:
    values = {EAST: "1" * 100, WEST: "2"}
    return Row(section="functions", item=item, values=values, state=state, note=note)


def test_the_report_shows_what_is_wrong_and_counts_the_rest() -> None:
    text = report([row(State.OK, "good"), row(State.FAILED), row(State.WARNING, "w", "a note")], (EAST, WEST))
    assert "good" not in text
    assert f"{'1' * 41}..." in text
    assert "-> a note" in text
    assert text.endswith("functions  3 compared, 1 different or not enough")
    assert "good" in report([row(State.OK, "good")], (EAST, WEST), everything=True)
    assert report([row(State.OK)], (EAST, WEST)) == "functions  1 compared, none different or not enough"


def test_a_region_that_was_not_read_is_never_called_different() -> None:
    unread = Row(section="tables", item="(all)", values={EAST: "read"}, state=State.NOT_READ, note="why")
    text = report([unread, row(State.OK)], (EAST, WEST))
    assert "unread  tables" in text
    assert "not read" in text
    assert text.endswith("tables     not compared\nfunctions  1 compared, none different or not enough")
