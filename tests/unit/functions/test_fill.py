"""POST /fill."""

import pytest

from functions.orders import contract
from tests.fakes.dynamodb_fake import client_error
from tests.unit.functions.region import NAMES, Context, Region, event

ULID_LENGTH = 26


def test_fill_writes_what_it_answers(region: Region) -> None:
    answer = region.fill(cust="3", product="30", order="2")
    assert answer.status == 200
    body = answer.body
    assert [len(body[kind]) for kind in ("customers", "products", "orders")] == [3, 30, 2]
    for table, ids in body.items():
        if table != "orderRefs":
            assert all(region.item(table, key) is not None for key in ids)
            assert all(len(key) == ULID_LENGTH and contract.is_valid_id(key) for key in ids)


def test_every_filled_item_is_marked_as_synthetic(region: Region) -> None:
    for table in contract.TABLES:
        region.db.tables[NAMES[table]].clear()
    region.fill(cust="2", product="2", order="2")
    items = [item for table in contract.TABLES for item in region.items(table)]
    assert len(items) == 2 + 4 + 2
    assert all(item["Synthetic"] == {"BOOL": True} for item in items)


def test_every_filled_product_can_be_bought_by_a_filled_customer(region: Region) -> None:
    body = region.fill(cust="1", product="3", order="3").body
    statuses = [
        region.create(customer=body["customers"][0], product=product, order=f"order-{number}").status
        for number, product in enumerate(body["products"])
    ]
    assert statuses == [201, 201, 201]


def test_a_filled_order_can_be_read_and_repeated_as_if_it_had_been_created(region: Region) -> None:
    body = region.fill(cust="0", product="0", order="2").body
    assert (body["customers"], body["products"]) == ([], [])
    for ref in body["orderRefs"]:
        read = region.read(order=ref["OrderId"], product=ref["ProductId"])
        assert (read.status, read.body["CustomerId"], read.body["Synthetic"]) == (
            200,
            ref["CustomerId"],
            True,
        )
        assert region.item(contract.CUSTOMERS, ref["CustomerId"]) is not None
        again = region.create(ref["CustomerId"], ref["ProductId"], ref["OrderId"])
        assert again.status == 200
        sold = region.item(contract.PRODUCTS, ref["ProductId"])
        assert sold is not None
        assert (sold["ProductStatus"]["S"], sold["OrderId"]["S"]) == ("SOLD", ref["OrderId"])


def test_nothing_asked_for_is_nothing_written(region: Region) -> None:
    answer = region.fill()
    assert (answer.status, answer.body) == (200, {"customers": [], "products": [], "orders": []})
    assert region.db.calls == []


def test_the_most_that_one_call_takes_is_written_in_full_batches(region: Region) -> None:
    answer = region.fill(cust="1000", product="1000", order="1000")
    assert answer.status == 200
    assert [len(answer.body[kind]) for kind in ("customers", "products", "orders")] == [1000, 1000, 1000]
    assert len(region.db.calls) == 3000 // 25 + 1000 // 25


@pytest.mark.parametrize("parameter", ["cust", "order", "product"])
@pytest.mark.parametrize(
    "value", ["-5", "abc", "100000", "1001", "", " 5", "1_0", "1.5", "1e2", "٣", "+1", "9" * 3000]
)
def test_a_count_that_is_none_answers_400(region: Region, parameter: str, value: str) -> None:
    answer = region.call(contract.FILL, event("POST", "/fill", {parameter: value}))
    assert (answer.status, answer.body["code"]) == (400, "malformed-count")
    assert parameter in answer.body["detail"]
    assert len(answer.text) < 400
    assert region.db.calls == []


def test_items_left_unprocessed_are_sent_again_after_growing_waits(region: Region) -> None:
    sent: dict[str, int] = {}

    def left(table: str, item: dict[str, dict[str, str]]) -> bool:
        key = item[region.db.keys[table]]["S"]
        sent[key] = sent.get(key, 0) + 1
        return sent[key] < 4

    region.db.unprocessed = left
    answer = region.fill(product="20")
    assert answer.status == 200
    assert region.clock.slept == [0.05, 0.1, 0.2]
    assert set(sent.values()) == {4}


def test_a_throttled_batch_is_sent_again(region: Region) -> None:
    region.db.fail("batch_write_item", *[client_error("ProvisionedThroughputExceededException")] * 3)
    assert region.fill(product="5").status == 200


def test_what_stays_unprocessed_is_named(region: Region) -> None:
    region.db.unprocessed = lambda table, _item: table == NAMES[contract.PRODUCTS]
    answer = region.fill(cust="2", product="3", order="1")
    assert (answer.status, answer.body["code"]) == (503, "not-all-written")
    assert answer.headers["Retry-After"] == "1"
    assert [len(answer.body["written"][kind]) for kind in ("customers", "products", "orders")] == [2, 0, 0]
    assert [len(answer.body["unwritten"][kind]) for kind in ("customers", "products", "orders")] == [0, 3, 1]
    assert region.items(contract.ORDERS) == []


def test_an_order_without_its_product_is_never_written(region: Region) -> None:
    region.db.unprocessed = lambda _table, item: item.get("ProductStatus") == {"S": "SOLD"}
    body = region.fill(cust="1", product="1", order="2").body
    assert len(body["written"]["products"]) == 1
    assert len(body["unwritten"]["orders"]) == 2


@pytest.mark.parametrize(
    ("code", "status"),
    [("AccessDeniedException", 503), ("ResourceNotFoundException", 503), ("ValidationException", 500)],
)
def test_a_batch_that_is_not_taken_is_named_and_the_rest_is_written(
    region: Region, code: str, status: int
) -> None:
    region.db.fail("batch_write_item", client_error(code, "arn:aws:dynamodb:us-east-1:1:table/Products-x7"))
    answer = region.fill(product="60")
    assert (answer.status, answer.body["code"]) == (status, "not-all-written")
    assert answer.headers.get("Retry-After") == ("1" if status == 503 else None)
    assert len(answer.body["written"]["products"]) + len(answer.body["unwritten"]["products"]) == 60
    assert len(answer.body["unwritten"]["products"]) in (25, 10)
    assert "x7" not in answer.text
    assert region.last_line["level"] == "ERROR"
    assert region.last_line["errorMessage"].startswith(f"{code}: ")


def test_fill_ends_before_the_function_is_stopped(region: Region) -> None:
    region.db.on_call = lambda _operation: region.clock.advance(1.0)
    answer = region.fill(Context(remaining_ms=8000), product="1000")
    assert answer.status == 503
    assert region.clock.seconds < 8.0
    assert len(answer.body["written"]["products"]) + len(answer.body["unwritten"]["products"]) == 1000


def test_waits_do_not_outlast_the_function(region: Region) -> None:
    region.db.unprocessed = lambda _table, _item: True
    assert region.fill(Context(remaining_ms=8000), product="1").status == 503
    assert region.clock.seconds < 7.5
    assert max(region.clock.slept) <= 0.8


def test_the_line_of_a_fill_holds_counts_and_no_ids(region: Region) -> None:
    region.fill(cust="1000", product="1000", order="1000")
    line = region.last_line
    assert (line["customers"], line["products"], line["orders"], line["calls"]) == (1000, 1000, 1000, 160)
    assert len(region.lines[-1]) < 700
