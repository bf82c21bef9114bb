"""GET /orders and GET /health."""

import pytest
from botocore.exceptions import EndpointConnectionError

from functions.orders import contract
from tests.fakes.dynamodb_fake import client_error
from tests.unit.functions.region import CUSTOMER, ORDER, PRODUCT, Region, event

FAILURES = [
    (client_error("ThrottlingException"), 429),
    (client_error("InternalServerError", status=500), 503),
    (EndpointConnectionError(endpoint_url="https://dynamodb.us-east-1.amazonaws.com"), 503),
]


def test_an_order_is_read_in_one_call(region: Region) -> None:
    created = region.create()
    region.db.calls.clear()
    answer = region.read()
    assert answer.status == 200
    assert answer.body == {name: value for name, value in created.body.items() if name != "msg"}
    assert region.db.operations() == ["get_item"]
    assert region.db.calls[0].parameters["ConsistentRead"] is False


def test_an_unknown_order_answers_404(region: Region) -> None:
    answer = region.read()
    assert (answer.status, answer.body["code"]) == (404, "no-such-order")


def test_an_order_for_another_product_answers_404(region: Region) -> None:
    region.create()
    assert region.read(product="another-product").status == 404


def test_an_order_that_other_software_wrote_is_read(region: Region) -> None:
    region.put(
        contract.ORDERS,
        {"OrderId": {"S": ORDER}, "ProductId": {"S": PRODUCT}, "OrderTotal": {"N": "12.5"}},
    )
    assert region.read().body["OrderTotal"] == 12.5


@pytest.mark.parametrize("missing", ["orderId", "productId"])
def test_both_ids_are_needed(region: Region, missing: str) -> None:
    query = {
        name: value for name, value in {"orderId": ORDER, "productId": PRODUCT}.items() if name != missing
    }
    answer = region.call(contract.READ, event("GET", "/orders", query))
    assert (answer.status, answer.body["code"]) == (400, "missing-parameter")
    assert missing in answer.body["detail"]
    assert region.db.calls == []


@pytest.mark.parametrize(("error", "status"), FAILURES)
def test_a_read_that_keeps_failing_answers_with_retry_after(
    region: Region, error: Exception, status: int
) -> None:
    region.db.fail("get_item", error, error, error)
    answer = region.read()
    assert (answer.status, answer.headers["Retry-After"]) == (status, "1")
    assert "amazonaws" not in answer.text
    assert region.last_line["level"] == "WARN"


def test_a_region_whose_function_may_not_read_says_so_to_readers_as_health_does(region: Region) -> None:
    region.permit({})
    answer = region.read()
    assert (answer.status, answer.body["code"], answer.headers["Retry-After"]) == (503, "unavailable", "1")
    assert "arn:" not in answer.text
    assert (region.last_line["level"], region.last_line["calls"]) == ("ERROR", 1)
    assert region.last_line["errorMessage"].startswith("AccessDeniedException: ")


def test_a_read_that_fails_twice_is_answered(region: Region) -> None:
    region.create()
    error = client_error("InternalServerError", status=500)
    region.db.fail("get_item", error, error)
    assert region.read().status == 200
    assert region.last_line["calls"] == 3


def test_health_reads_the_regions_own_replica(region: Region) -> None:
    answer = region.health()
    assert (answer.status, answer.body) == (200, {"region": "us-east-1", "status": "ok"})
    assert region.db.operations() == ["get_item"]
    assert "_aws" not in region.last_line


@pytest.mark.parametrize("error", [failure[0] for failure in FAILURES[1:]])
def test_a_region_that_cannot_read_is_not_healthy(region: Region, error: Exception) -> None:
    region.db.fail("get_item", error, error, error)
    answer = region.health()
    assert (answer.status, answer.body["status"]) == (503, 503)
    assert answer.headers["X-Orders-Region"] == "us-east-1"


def test_a_region_whose_function_may_not_read_is_not_healthy(region: Region) -> None:
    region.permit({})
    answer = region.health()
    assert answer.status == 503
    assert "arn:" not in answer.text
    assert region.last_line["error"] == "ClientError"


def test_the_answer_of_a_read_names_no_customer_in_the_log(region: Region) -> None:
    region.create()
    region.read()
    assert all(CUSTOMER not in line for line in region.lines)
