"""POST /orders on strongly consistent tables, which take no transactions."""

import pytest
from botocore.exceptions import ReadTimeoutError

from functions.orders import contract
from tests.fakes.dynamodb_fake import client_error
from tests.unit.functions.region import CUSTOMER, NAMES, ORDER, PRODUCT, Region

CONFLICT = client_error("ReplicatedWriteConflictException")


def product_status(region: Region, product: str = PRODUCT) -> str:
    item = region.item(contract.PRODUCTS, product)
    assert item is not None
    return str(item["ProductStatus"]["S"])


def test_the_product_is_claimed_before_the_order_is_put(strong_region: Region) -> None:
    answer = strong_region.create()
    assert answer.status == 201
    assert strong_region.db.operations() == ["get_item", "get_item", "update_item", "put_item"]
    assert all(call.parameters["ConsistentRead"] for call in strong_region.db.calls[:2])
    assert product_status(strong_region) == "SOLD"


def test_the_same_order_again_answers_200_with_the_same_body(strong_region: Region) -> None:
    first = strong_region.create()
    strong_region.clock.advance(60)
    again = strong_region.create()
    assert (first.status, again.status) == (201, 200)
    assert again.text == first.text


def test_an_unknown_customer_answers_404_and_claims_nothing(strong_region: Region) -> None:
    answer = strong_region.create(customer="nobody")
    assert (answer.status, answer.body["code"]) == (404, "no-such-customer")
    assert product_status(strong_region) == "IN_STOCK"


def test_an_unknown_product_answers_404(strong_region: Region) -> None:
    answer = strong_region.create(product="nothing")
    assert (answer.status, answer.body["code"]) == (404, "no-such-product")
    assert strong_region.item(contract.PRODUCTS, "nothing") is None


def test_a_sold_product_answers_409(strong_region: Region) -> None:
    strong_region.create()
    answer = strong_region.create(order="another-order")
    assert (answer.status, answer.body["code"]) == (409, "product-sold")
    assert len(strong_region.items(contract.ORDERS)) == 1


def test_a_product_sold_to_nobody_known_answers_409(strong_region: Region) -> None:
    strong_region.put(contract.PRODUCTS, {"ProductId": {"S": PRODUCT}, "ProductStatus": {"S": "SOLD"}})
    assert strong_region.create().status == 409


@pytest.mark.parametrize("lost_answer", [False, True])
def test_a_retry_completes_what_a_crash_between_the_writes_left(
    strong_region: Region, lost_answer: bool
) -> None:
    crash = SystemExit("the environment was stopped")
    if lost_answer:
        strong_region.db.fail("update_item", crash, after=True)  # type: ignore[arg-type]
    else:
        strong_region.db.fail("put_item", crash)  # type: ignore[arg-type]
    with pytest.raises(SystemExit):
        strong_region.create()
    assert product_status(strong_region) == "SOLD"
    assert strong_region.items(contract.ORDERS) == []

    strong_region.clock.advance(60)
    answer = strong_region.create()
    assert answer.status == 200
    assert answer.body["CreatedAt"] == "2026-11-24T12:00:00.000000Z"
    assert strong_region.create().text == answer.text
    assert len(strong_region.items(contract.ORDERS)) == 1


def test_another_order_cannot_have_the_product_of_a_crashed_one(strong_region: Region) -> None:
    strong_region.sell_to(ORDER, customer=CUSTOMER)
    assert strong_region.create(order="another-order").status == 409
    assert strong_region.create().status == 200


def test_another_customer_cannot_complete_a_crashed_order(strong_region: Region) -> None:
    strong_region.put(contract.CUSTOMERS, {"CustomerId": {"S": "other"}})
    strong_region.sell_to(ORDER, customer=CUSTOMER)
    answer = strong_region.create(customer="other")
    assert (answer.status, answer.body["code"]) == (409, "order-id-taken")
    assert strong_region.items(contract.ORDERS) == []


def test_an_order_id_taken_by_another_product_claims_nothing(strong_region: Region) -> None:
    strong_region.put(contract.PRODUCTS, {"ProductId": {"S": "second"}, "ProductStatus": {"S": "IN_STOCK"}})
    assert strong_region.create().status == 201
    answer = strong_region.create(product="second")
    assert (answer.status, answer.body["code"]) == (409, "order-id-taken")
    assert product_status(strong_region, "second") == "IN_STOCK"


def test_two_products_claimed_at_once_for_one_order_id_leave_one_sold(strong_region: Region) -> None:
    strong_region.put(contract.PRODUCTS, {"ProductId": {"S": "second"}, "ProductStatus": {"S": "IN_STOCK"}})
    other = Region(
        name="us-west-2",
        db=strong_region.db,
        clock=strong_region.clock,
        strong=True,
        lines=strong_region.lines,
    )
    winner: list[int] = []

    def race(operation: str) -> None:
        if operation == "update_item" and not winner:
            winner.append(0)
            strong_region.db.lock.release()
            winner[0] = other.create().status
            strong_region.db.lock.acquire()

    strong_region.db.on_call = race
    answer = strong_region.create(product="second")
    assert (winner, answer.status) == ([201], 409)
    assert product_status(strong_region, "second") == "IN_STOCK"
    second = strong_region.item(contract.PRODUCTS, "second")
    assert second is not None
    assert "OrderId" not in second
    assert product_status(strong_region) == "SOLD"


def test_a_claim_left_for_an_order_id_that_went_elsewhere_is_taken_back(strong_region: Region) -> None:
    strong_region.create()
    strong_region.sell_to(ORDER, customer=CUSTOMER, product="second")
    assert strong_region.create(product="second").status == 409
    assert product_status(strong_region, "second") == "IN_STOCK"
    assert product_status(strong_region) == "SOLD"


def test_the_product_of_another_order_is_not_taken_back(strong_region: Region) -> None:
    strong_region.create()
    strong_region.sell_to("another-order", customer=CUSTOMER, product="second")
    assert strong_region.create(product="second").status == 409
    assert product_status(strong_region, "second") == "SOLD"


def test_two_regions_buy_one_product_and_one_gets_it(strong_region: Region) -> None:
    other = Region(name="us-west-2", db=strong_region.db, clock=strong_region.clock, strong=True)
    statuses = [strong_region.create(order="first").status, other.create(order="second").status]
    assert statuses == [201, 409]


@pytest.mark.parametrize("operation", ["get_item", "update_item", "put_item"])
def test_a_conflict_with_the_other_region_is_retried(strong_region: Region, operation: str) -> None:
    strong_region.db.fail(operation, CONFLICT, CONFLICT)
    assert strong_region.create().status == 201


@pytest.mark.parametrize("operation", ["update_item", "put_item"])
def test_a_conflict_that_stays_answers_503_and_a_retry_completes(
    strong_region: Region, operation: str
) -> None:
    strong_region.db.fail(operation, CONFLICT, CONFLICT, CONFLICT)
    answer = strong_region.create()
    assert (answer.status, answer.body["code"], answer.headers["Retry-After"]) == (503, "busy", "1")
    assert strong_region.create().status in (200, 201)
    assert len(strong_region.items(contract.ORDERS)) == 1


@pytest.mark.parametrize("operation", ["update_item", "put_item"])
def test_a_write_whose_answer_got_lost_is_still_created_by_this_request(
    strong_region: Region, operation: str
) -> None:
    strong_region.db.fail(operation, ReadTimeoutError(endpoint_url="https://dynamodb"), after=True)
    assert strong_region.create().status == 201
    assert len(strong_region.items(contract.ORDERS)) == 1


def test_a_claim_that_leaves_no_time_for_the_order_answers_503_and_is_completed(
    strong_region: Region,
) -> None:
    def slow(operation: str) -> None:
        if operation == "update_item":
            strong_region.clock.advance(2.5)

    strong_region.db.on_call = slow
    assert strong_region.create().status == 503
    assert "put_item" not in strong_region.db.operations()
    strong_region.db.on_call = lambda _operation: None
    assert strong_region.create().status == 200


def test_reads_are_consistent(strong_region: Region) -> None:
    strong_region.create()
    strong_region.db.calls.clear()
    assert (strong_region.read().status, strong_region.health().status) == (200, 200)
    assert [call.parameters["ConsistentRead"] for call in strong_region.db.calls] == [True, True]


def test_a_missing_customers_table_is_not_a_missing_customer(strong_region: Region) -> None:
    strong_region.db.fail(
        "get_item", client_error("ResourceNotFoundException", f"Table {NAMES[contract.CUSTOMERS]}")
    )
    answer = strong_region.create()
    assert (answer.status, answer.body["code"]) == (503, "unavailable")
    assert "x7" not in answer.text
