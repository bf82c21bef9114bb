"""The one line that a request leaves: log record and metrics."""

import io
import json
import sys

import pytest

from functions.orders import contract, create
from functions.orders.records import Record, Recorder, first_line, write_line
from tests.fakes.dynamodb_fake import client_error
from tests.unit.functions.region import CUSTOMER, ORDER, PRODUCT, Region, event

LONGEST = "A" * contract.MAX_ID_LENGTH
SECRETS = ("AKIASECRET", "TOKEN", "alice", "192.0.2.7", "Authorization", "arn:aws:iam")


def longest_success(region: Region) -> None:
    region.put(contract.CUSTOMERS, {"CustomerId": {"S": LONGEST}})
    region.put(contract.PRODUCTS, {"ProductId": {"S": LONGEST}, "ProductStatus": {"S": "IN_STOCK"}})
    region.db.on_call = lambda _operation: region.clock.advance(0.123456)
    assert region.create(LONGEST, LONGEST, LONGEST).status == 201
    assert region.create(LONGEST, LONGEST, LONGEST).status == 200
    assert region.read(LONGEST, LONGEST).status == 200
    assert region.health().status == 200


@pytest.mark.parametrize("strong", [False, True])
def test_a_success_leaves_one_line_of_at_most_700_bytes(strong: bool) -> None:
    region = Region.make(strong=strong, name="ap-southeast-4")
    longest_success(region)
    assert len(region.lines) == 4
    assert max(len(line.encode()) for line in region.lines) <= 700
    assert not any("\n" in line for line in region.lines)


def test_a_create_writes_its_metrics_in_the_embedded_format(region: Region) -> None:
    region.db.on_call = lambda _operation: region.clock.advance(0.0042)
    region.create()
    line = region.last_line
    directive = line["_aws"]["CloudWatchMetrics"]
    assert [(d["Namespace"], d["Dimensions"]) for d in directive] == [("ResilientOrders", [["Region"]])]
    assert {m["Name"]: m["Unit"] for m in directive[0]["Metrics"]} == {
        "WriteTime": "Milliseconds",
        "OrdersCreated": "Count",
        "OrdersRejected": "Count",
    }
    assert (line["Region"], line["WriteTime"], line["OrdersCreated"]) == ("us-east-1", [4.2], [1.0])
    assert isinstance(line["_aws"]["Timestamp"], int)


def test_a_read_writes_how_long_it_took(region: Region) -> None:
    region.create()
    region.db.on_call = lambda _operation: region.clock.advance(0.0031)
    region.read()
    assert region.last_line["ReadTime"] == [3.1]
    assert "OrdersCreated" not in region.last_line


def test_a_line_has_what_a_log_needs(region: Region) -> None:
    region.create()
    line = region.last_line
    assert {name: line[name] for name in ("level", "timestamp", "route", "status", "outcome", "calls")} == {
        "level": "INFO",
        "timestamp": "2026-11-24T12:00:00.000000Z",
        "route": "POST /orders",
        "status": 201,
        "outcome": "created",
        "calls": 1,
    }
    assert line["requestId"] == "11111111-2222-3333-4444-555555555555"
    assert line["apiRequestId"] == "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"


def test_no_line_and_no_answer_holds_headers_tokens_or_callers(region: Region) -> None:
    answers = [
        region.create(),
        region.create(order="another"),
        region.create(order="not an id"),
        region.read(),
        region.health(),
        region.fill(cust="1"),
    ]
    region.db.fail("get_item", RuntimeError("boom"))
    answers.append(region.read())
    assert answers[-1].status == 500
    written = [*region.lines, *(answer.text for answer in answers)]
    assert [secret for secret in SECRETS for text in written if secret in text] == []


def test_one_request_does_not_show_in_the_line_of_the_next(region: Region) -> None:
    handle = region.handler(contract.CREATE)
    query = {"customerId": CUSTOMER, "productId": PRODUCT, "orderId": ORDER}
    handle(event("POST", "/orders", query), None)
    handle(event("POST", "/orders", {**query, "orderId": "another"}), None)
    assert (region.last_line["OrdersCreated"], len(region.last_line["WriteTime"])) == ([0.0], 1)
    assert "outcome" not in region.last_line
    handle({}, None)
    assert {"OrdersCreated", "_aws", "orderId", "requestId"}.isdisjoint(region.last_line)


def test_an_error_is_logged_by_type_and_first_line_only() -> None:
    signed = "The signature does not match.\n\nThe Canonical String was\nx-amz-security-token:SECRET"
    line = first_line(client_error("InvalidSignatureException", signed))
    assert line == "InvalidSignatureException: The signature does not match."
    assert len(first_line(ValueError("x" * 5000))) == 300


class _Unprintable:
    def __str__(self) -> str:
        raise ValueError("no text")


def test_a_log_that_cannot_be_written_changes_no_answer(region: Region) -> None:
    def full(_line: str) -> None:
        raise OSError("no space left on device")

    built = create.build(
        region.environ,
        client=region.db,  # type: ignore[arg-type]
        recorder=Recorder("us-east-1", full),
        clock=region.clock.clock(),
    )
    query = {"customerId": CUSTOMER, "productId": PRODUCT, "orderId": ORDER}
    assert built(event("POST", "/orders", query), None)["statusCode"] == 201


def test_a_record_that_is_no_text_is_dropped_without_an_error() -> None:
    lines: list[str] = []
    Recorder("us-east-1", lines.append).write(Record(fields={"odd": _Unprintable()}))
    assert lines == []


def test_metrics_that_cannot_be_made_leave_the_log_line() -> None:
    lines: list[str] = []
    recorder = Recorder("us-east-1", lines.append)
    recorder.write(Record(fields={"status": 201}, metrics={"WriteTime": ("NoSuchUnit", 1.0)}))
    recorder.write(Record(fields={"status": 202}, metrics={"WriteTime": ("Milliseconds", 1.0)}))
    assert json.loads(lines[0]) == {"Region": "us-east-1", "status": 201}
    assert json.loads(lines[1])["WriteTime"] == [1.0]


def test_a_service_name_in_the_environment_adds_no_dimension(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "someone-elses")
    lines: list[str] = []
    Recorder("us-east-1", lines.append).write(Record(metrics={"WriteTime": ("Milliseconds", 1.0)}))
    assert json.loads(lines[0])["_aws"]["CloudWatchMetrics"][0]["Dimensions"] == [["Region"]]


def test_a_line_is_written_with_its_newline_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stdout", stream)
    write_line("{}")
    assert stream.getvalue() == "{}\n"
