"""What callers get wrong: each its status and problem body, before anything is read or written."""

import base64
import json
from typing import Any

import pytest

from functions.orders import contract
from tests.unit.functions.region import CUSTOMER, ORDER, PRODUCT, Answer, Region, event

IDS = {"customerId": CUSTOMER, "productId": PRODUCT, "orderId": ORDER}
BAD_IDS = [
    "a" * 65,
    "a" * 3000,
    "../../etc/passwd",
    "a b",
    "é",
    "-leading",
    "_leading",
    "line\n",
    "nul\0",
    "<script>",
    "' OR 1=1",
    "😀",
    "a/b",
    "a.b",
]


def refused(region: Region, answer: Answer, code: str) -> None:
    assert (answer.status, answer.body["code"]) == (400, code)
    assert answer.body["status"] == 400
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert len(answer.text) < 600
    assert region.db.calls == []


@pytest.mark.parametrize("name", list(IDS))
@pytest.mark.parametrize("value", BAD_IDS)
def test_an_id_that_is_not_safe_in_the_query_answers_400(region: Region, name: str, value: str) -> None:
    answer = region.call(contract.CREATE, event("POST", "/orders", {**IDS, name: value}))
    refused(region, answer, "malformed-id")
    assert name in answer.body["detail"]


@pytest.mark.parametrize("name", list(IDS))
@pytest.mark.parametrize("value", [*BAD_IDS, "", "\ud800"])
def test_an_id_that_is_not_safe_in_the_body_answers_400(region: Region, name: str, value: str) -> None:
    answer = region.call(contract.CREATE, event("POST", "/orders", {}, {**IDS, name: value}))
    refused(region, answer, "malformed-id")


@pytest.mark.parametrize("name", list(IDS))
def test_a_missing_id_answers_400_and_says_where_it_may_be(region: Region, name: str) -> None:
    query = {key: value for key, value in IDS.items() if key != name}
    answer = region.call(contract.CREATE, event("POST", "/orders", query))
    refused(region, answer, "missing-parameter")
    assert answer.body["detail"] == f"{name} is missing. Send it in the query or in a JSON body."


@pytest.mark.parametrize("name", list(IDS))
def test_an_empty_id_answers_400(region: Region, name: str) -> None:
    refused(region, region.call(contract.CREATE, event("POST", "/orders", {**IDS, name: ""})), "malformed-id")


@pytest.mark.parametrize("name", list(IDS))
@pytest.mark.parametrize("value", [None, 7, 1.5, True, [], ["x"], {}, {"S": "x"}])
def test_an_id_of_a_wrong_type_answers_400(region: Region, name: str, value: Any) -> None:
    answer = region.call(contract.CREATE, event("POST", "/orders", {}, {**IDS, name: value}))
    refused(region, answer, "malformed-id")


@pytest.mark.parametrize("name", list(IDS))
def test_query_and_body_that_differ_answer_400(region: Region, name: str) -> None:
    answer = region.call(contract.CREATE, event("POST", "/orders", IDS, {name: "different"}))
    refused(region, answer, "contradictory-parameter")


def test_a_repeated_query_parameter_with_two_values_answers_400(region: Region) -> None:
    twice = event("POST", "/orders", IDS)
    twice["multiValueQueryStringParameters"]["orderId"] = [ORDER, "different"]
    refused(region, region.call(contract.CREATE, twice), "contradictory-parameter")


def test_a_repeated_query_parameter_with_one_value_is_fine(region: Region) -> None:
    twice = event("POST", "/orders", IDS)
    twice["multiValueQueryStringParameters"]["orderId"] = [ORDER, ORDER]
    assert region.call(contract.CREATE, twice).status == 201


@pytest.mark.parametrize(
    "body",
    [
        "{",
        "not json",
        "'{}'",
        "[" * 8000,
        '{"a":' * 1500,
        "[]",
        '"text"',
        "7",
        "null",
        "true",
        "NaN",
        "\ufeff{}",
    ],
)
def test_a_body_that_is_not_a_json_object_answers_400(region: Region, body: str) -> None:
    refused(region, region.call(contract.CREATE, event("POST", "/orders", {}, body)), "malformed-body")


def test_a_body_without_end_answers_400(region: Region) -> None:
    body = json.dumps({**IDS, "more": "x" * 9000})
    refused(region, region.call(contract.CREATE, event("POST", "/orders", {}, body)), "body-too-large")


@pytest.mark.parametrize("body", [None, "", " ", "\n"])
def test_no_body_leaves_the_query(region: Region, body: str | None) -> None:
    assert region.call(contract.CREATE, event("POST", "/orders", IDS, body)).status == 201


def test_a_base64_body_is_read(region: Region) -> None:
    body = base64.b64encode(json.dumps(IDS).encode()).decode()
    assert (
        region.call(contract.CREATE, event("POST", "/orders", {}, body, isBase64Encoded=True)).status == 201
    )


@pytest.mark.parametrize("body", ["%%%", "gICA", "a"])
def test_a_base64_body_that_is_no_text_answers_400(region: Region, body: str) -> None:
    answer = region.call(contract.CREATE, event("POST", "/orders", {}, body, isBase64Encoded=True))
    refused(region, answer, "malformed-body")


@pytest.mark.parametrize("value", ["yes", "1", "TRUE", ""])
def test_a_flag_in_the_query_is_true_or_false(region: Region, value: str) -> None:
    refused(region, region.create(synthetic=value), "malformed-flag")


@pytest.mark.parametrize("value", ["true", 1, None])
def test_a_flag_in_the_body_is_a_boolean(region: Region, value: Any) -> None:
    answer = region.call(contract.CREATE, event("POST", "/orders", IDS, {"synthetic": value}))
    refused(region, answer, "malformed-flag")


@pytest.mark.parametrize(("in_query", "in_body", "status"), [("true", True, 201), ("true", False, 400)])
def test_a_flag_may_be_in_both_places(region: Region, in_query: str, in_body: bool, status: int) -> None:
    query = {**IDS, "synthetic": in_query}
    assert (
        region.call(contract.CREATE, event("POST", "/orders", query, {"synthetic": in_body})).status == status
    )


@pytest.mark.parametrize("value", BAD_IDS)
def test_a_read_takes_the_same_ids(region: Region, value: str) -> None:
    refused(region, region.read(order=value), "malformed-id")
    refused(region, region.read(product=value), "malformed-id")


@pytest.mark.parametrize(
    ("function", "method", "path"),
    [
        (contract.CREATE, "GET", "/orders"),
        (contract.CREATE, "POST", "/fill"),
        (contract.READ, "DELETE", "/orders"),
        (contract.READ, "GET", "/"),
        (contract.FILL, "GET", "/fill"),
    ],
)
def test_a_route_of_another_function_answers_404(
    region: Region, function: str, method: str, path: str
) -> None:
    answer = region.call(function, event(method, path, IDS))
    assert (answer.status, answer.body["code"]) == (404, "no-such-route")


@pytest.mark.parametrize("nonsense", [None, [], "text", 7, {}, {"httpMethod": "POST", "resource": "/orders"}])
def test_an_event_that_is_none_gets_an_answer(region: Region, nonsense: Any) -> None:
    assert region.call(contract.CREATE, nonsense).status in (400, 404)


def test_a_rejected_request_is_counted_without_a_write_time(region: Region) -> None:
    region.create(order="not an id")
    line = region.last_line
    assert (line["OrdersRejected"], line["code"], line["status"]) == ([1.0], "malformed-id", 400)
    assert "WriteTime" not in line
