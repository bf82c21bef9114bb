"""POST /orders on eventually consistent tables."""

from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError, EndpointConnectionError, ReadTimeoutError

from functions.orders import contract
from tests.fakes.dynamodb_fake import cancelled, client_error
from tests.unit.functions.region import CUSTOMER, NAMES, ORDER, PRODUCT, Region, event

CREATED_AT = "2026-11-24T12:00:00.000000Z"


def stored_order(**changed: Any) -> dict[str, Any]:
    return {
        "OrderId": {"S": ORDER},
        "ProductId": {"S": PRODUCT},
        "CustomerId": {"S": CUSTOMER},
        "OrderStatus": {"S": "CONFIRMED"},
        "OrderTotal": {"N": "100"},
        "CreatedAt": {"S": CREATED_AT},
        "Region": {"S": "us-east-1"},
        **changed,
    }


def test_an_order_is_created_in_one_call(region: Region) -> None:
    answer = region.create()
    assert answer.status == 201
    assert answer.body == {
        "msg": "Order created",
        "OrderId": ORDER,
        "ProductId": PRODUCT,
        "CustomerId": CUSTOMER,
        "OrderStatus": "CONFIRMED",
        "OrderTotal": 100,
        "CreatedAt": CREATED_AT,
        "Region": "us-east-1",
    }
    assert region.db.operations() == ["transact_write_items"]
    assert region.item(contract.ORDERS, ORDER) == stored_order()
    assert region.item(contract.PRODUCTS, PRODUCT) == {
        "ProductId": {"S": PRODUCT},
        "ProductStatus": {"S": "SOLD"},
        "OrderId": {"S": ORDER},
        "CustomerId": {"S": CUSTOMER},
        "SoldAt": {"S": CREATED_AT},
        "SoldIn": {"S": "us-east-1"},
    }


def test_the_same_keys_may_come_in_a_json_body(region: Region) -> None:
    body = {"customerId": CUSTOMER, "productId": PRODUCT, "orderId": ORDER}
    assert region.call(contract.CREATE, event("POST", "/orders", {}, body)).status == 201


def test_query_and_body_may_say_the_same(region: Region) -> None:
    body = {"customerId": CUSTOMER, "productId": PRODUCT}
    query = {"orderId": ORDER, "productId": PRODUCT}
    assert region.call(contract.CREATE, event("POST", "/orders", query, body)).status == 201


def test_a_synthetic_order_is_marked_where_it_is_stored_and_answered(region: Region) -> None:
    answer = region.create(synthetic="true")
    stored = region.item(contract.ORDERS, ORDER)
    assert stored is not None
    assert stored["Synthetic"] == {"BOOL": True}
    assert answer.body["Synthetic"] is True


def test_the_same_order_again_answers_200_with_the_same_body(region: Region) -> None:
    first = region.create()
    region.clock.advance(3600)
    again = region.create()
    assert (first.status, again.status) == (201, 200)
    assert again.text == first.text
    assert len(region.items(contract.ORDERS)) == 1


def test_an_unknown_customer_answers_404(region: Region) -> None:
    answer = region.create(customer="nobody")
    assert (answer.status, answer.body["code"]) == (404, "no-such-customer")
    assert region.items(contract.ORDERS) == []


def test_an_unknown_product_answers_404(region: Region) -> None:
    answer = region.create(product="nothing")
    assert (answer.status, answer.body["code"]) == (404, "no-such-product")
    assert region.items(contract.ORDERS) == []


def test_a_product_sold_to_another_order_answers_409(region: Region) -> None:
    region.sell_to("another-order", customer="another-customer")
    answer = region.create()
    assert (answer.status, answer.body["code"]) == (409, "product-sold")
    assert region.items(contract.ORDERS) == []


def test_an_unknown_customer_is_named_before_a_sold_product(region: Region) -> None:
    region.sell_to("another-order", customer="nobody")
    assert region.create(customer="nobody").body["code"] == "no-such-customer"


def test_a_product_sold_to_nobody_known_answers_409(region: Region) -> None:
    region.put(contract.PRODUCTS, {"ProductId": {"S": PRODUCT}, "ProductStatus": {"S": "SOLD"}})
    assert region.create().status == 409


@pytest.mark.parametrize("different", [{"CustomerId": {"S": "other"}}, {"ProductId": {"S": "other"}}])
def test_an_order_id_that_names_a_different_order_answers_409(region: Region, different: Any) -> None:
    region.put(contract.ORDERS, stored_order(**different))
    answer = region.create()
    assert (answer.status, answer.body["code"]) == (409, "order-id-taken")
    product = region.item(contract.PRODUCTS, PRODUCT)
    assert product is not None
    assert product["ProductStatus"] == {"S": "IN_STOCK"}


def test_a_product_that_arrived_before_its_order_is_completed_with_200(region: Region) -> None:
    region.sell_to(ORDER, customer=CUSTOMER)
    answer = region.create()
    assert answer.status == 200
    assert region.items(contract.ORDERS) == [
        stored_order(CreatedAt={"S": "2026-11-24T11:59:59.000000Z"}, Region={"S": "us-west-2"})
    ]
    assert region.create().text == answer.text


def test_an_order_completed_in_the_other_region_is_the_item_that_replication_brings(region: Region) -> None:
    other = Region.make(strong=False, name="us-west-2")
    assert region.create().status == 201
    product = region.item(contract.PRODUCTS, PRODUCT)
    assert product is not None
    other.put(contract.PRODUCTS, product)
    other.clock.advance(0.4)
    assert other.create().status == 200
    assert other.items(contract.ORDERS) == region.items(contract.ORDERS)


def test_a_sold_product_without_the_customers_name_is_completed_too(region: Region) -> None:
    region.sell_to(ORDER)
    assert region.create().status == 200
    assert region.items(contract.ORDERS) == [stored_order()]


def test_a_product_sold_to_this_order_of_another_customer_answers_409(region: Region) -> None:
    region.sell_to(ORDER, customer="another-customer")
    answer = region.create()
    assert (answer.status, answer.body["code"]) == (409, "order-id-taken")
    assert region.items(contract.ORDERS) == []


def test_a_claim_vouches_for_a_customer_that_has_not_arrived_yet(region: Region) -> None:
    region.db.tables[NAMES[contract.CUSTOMERS]].clear()
    region.sell_to(ORDER, customer=CUSTOMER)
    assert region.create().status == 200


def test_a_claim_without_a_name_does_not_vouch_for_an_unknown_customer(region: Region) -> None:
    region.db.tables[NAMES[contract.CUSTOMERS]].clear()
    region.sell_to(ORDER)
    assert region.create().status == 404
    assert region.items(contract.ORDERS) == []


@pytest.mark.parametrize("product", ["in stock", "missing", "sold to another"])
def test_an_order_that_arrived_before_its_product_answers_200(region: Region, product: str) -> None:
    region.put(contract.ORDERS, stored_order(Region={"S": "us-west-2"}))
    if product == "missing":
        region.db.tables[NAMES[contract.PRODUCTS]].clear()
    elif product == "sold to another":
        region.sell_to("another-order", customer="another-customer")
    answer = region.create()
    assert (answer.status, answer.body["OrderId"]) == (200, ORDER)
    assert len(region.items(contract.ORDERS)) == 1


def test_an_order_that_arrives_while_it_is_completed_is_not_written_twice(region: Region) -> None:
    region.sell_to(ORDER, customer=CUSTOMER)

    def arrive(operation: str) -> None:
        if operation == "put_item":
            region.put(contract.ORDERS, stored_order(Region={"S": "us-west-2"}))

    region.db.on_call = arrive
    answer = region.create()
    assert (answer.status, answer.body["Region"]) == (200, "us-west-2")


@pytest.mark.parametrize(
    "error",
    [
        cancelled("None", "TransactionConflict", "None"),
        cancelled("TransactionConflict", "ConditionalCheckFailed", "None"),
        client_error("TransactionInProgressException"),
        cancelled("None", "None", "ThrottlingError"),
        cancelled("ProvisionedThroughputExceeded", "None", "None"),
        client_error("ThrottlingException"),
        client_error("ProvisionedThroughputExceededException"),
        client_error("RequestLimitExceeded"),
        client_error("InternalServerError", status=500),
        client_error("Odd", status=503),
        EndpointConnectionError(endpoint_url="https://dynamodb"),
        ConnectTimeoutError(endpoint_url="https://dynamodb"),
    ],
)
def test_a_failure_that_passes_is_retried(region: Region, error: Exception) -> None:
    region.db.fail("transact_write_items", error, error)
    assert region.create().status == 201
    assert len(region.db.calls) == 3
    assert len({call.parameters["ClientRequestToken"] for call in region.db.calls}) == 1
    assert region.clock.slept == [0.05, 0.1]


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (cancelled("None", "TransactionConflict", "None"), 503, "busy"),
        (cancelled("None", "ThrottlingError", "None"), 429, "throttled"),
        (client_error("ThrottlingException"), 429, "throttled"),
        (client_error("InternalServerError", status=500), 503, "unavailable"),
        (EndpointConnectionError(endpoint_url="https://dynamodb.x.amazonaws.com"), 503, "unavailable"),
    ],
)
def test_a_failure_that_stays_is_given_up_after_two_retries(
    region: Region, error: Exception, status: int, code: str
) -> None:
    region.db.fail("transact_write_items", *[error] * 9)
    answer = region.create()
    assert (answer.status, answer.body["code"]) == (status, code)
    assert answer.headers["Retry-After"] == "1"
    assert len(region.db.calls) == 3
    assert region.items(contract.ORDERS) == []


def test_an_order_whose_answer_got_lost_is_still_created_by_this_request(region: Region) -> None:
    lost = client_error("InternalServerError", status=500)
    region.db.fail("transact_write_items", lost, after=True)
    assert region.create().status == 201
    assert region.last_line["OrdersCreated"] == [1.0]


def test_no_call_starts_that_could_end_after_five_seconds(region: Region) -> None:
    region.db.on_call = lambda _operation: region.clock.advance(2.0)
    region.db.fail("transact_write_items", *[ReadTimeoutError(endpoint_url="https://dynamodb")] * 3)
    assert region.create().status == 503
    assert len(region.db.calls) == 1
    assert region.clock.seconds < 5.0


@pytest.mark.parametrize(
    "error",
    [
        cancelled("None", "ValidationError", "None"),
        cancelled("None", "None", "None"),
        cancelled("None"),
        cancelled("None", "None", "ConditionalCheckFailed"),
        client_error("ValidationException", "arn:aws:dynamodb:us-east-1:111122223333:table/Orders-x7"),
        client_error("IdempotentParameterMismatchException"),
        KeyError("secret"),
    ],
)
def test_what_nobody_foresaw_answers_500_and_says_nothing(region: Region, error: Exception) -> None:
    region.db.fail("transact_write_items", error)
    answer = region.create()
    assert (answer.status, answer.body["code"]) == (500, "unexpected")
    for secret in ("arn:", "x7", "secret", "Traceback"):
        assert secret not in answer.text
    assert region.last_line["level"] == "ERROR"
    assert region.last_line["error"] in (type(error).__name__, "UnexpectedAnswerError")


@pytest.mark.parametrize(
    "error",
    [
        client_error("AccessDeniedException", "not authorized: arn:aws:dynamodb:us-east-1:1:table/Orders-x7"),
        client_error("ResourceNotFoundException", "Requested resource not found: Table: Orders-x7 not found"),
        client_error("UnrecognizedClientException", "The security token included in the request is invalid."),
        client_error("ExpiredTokenException", "The security token included in the request is expired"),
    ],
)
def test_a_database_that_refuses_the_function_answers_503_at_once(region: Region, error: ClientError) -> None:
    region.db.fail("transact_write_items", error)
    answer = region.create()
    assert (answer.status, answer.body["code"]) == (503, "unavailable")
    assert answer.headers["Retry-After"] == "1"
    assert len(region.db.calls) == 1, "the next attempt would be refused as well"
    for secret in ("arn:", "x7", "authorized", "token"):
        assert secret not in answer.text
    line = region.last_line
    assert (line["level"], line["error"]) == ("ERROR", "ClientError")
    assert line["errorMessage"].startswith(f"{error.response['Error']['Code']}: ")
    assert (line["OrdersCreated"], line["OrdersRejected"]) == ([0.0], [0.0])


def test_counts_say_what_was_created_and_what_was_rejected(region: Region) -> None:
    region.create()
    created = region.last_line
    region.clock.advance(1)
    region.create()
    repeated = region.last_line
    region.create(order="another-order")
    rejected = region.last_line
    seen = [(line["OrdersCreated"], line["OrdersRejected"]) for line in (created, repeated, rejected)]
    assert seen == [([1.0], [0.0]), ([0.0], [0.0]), ([0.0], [1.0])]
    assert [line.get("outcome") for line in (created, repeated, rejected)] == ["created", "repeated", None]
