"""What clients note, and what is counted from it."""

import io
import json

import pytest

from ops.drill.measure.ledger import Kind, Ledger, Result, counts, per_second, promises
from tests.unit.ops.entries import entry, failed


@pytest.mark.parametrize(
    ("kind", "status", "result"),
    [
        (Kind.CREATE, 201, Result.OK),
        (Kind.CREATE, 200, Result.OK),
        (Kind.READ, 200, Result.OK),
        (Kind.READ, 404, Result.STALE),
        (Kind.CREATE, 404, Result.FAILED),
        (Kind.CREATE, 409, Result.FAILED),
        (Kind.READ, 503, Result.FAILED),
        (Kind.CREATE, 403, Result.FAILED),
        (Kind.CREATE, None, Result.FAILED),
    ],
)
def test_each_status_counts_as_what_the_customer_got(kind: Kind, status: int | None, result: Result) -> None:
    assert entry(1.0, kind=kind, status=status).result is result


def test_only_answered_creates_are_promises() -> None:
    seen = [entry(1.0), entry(2.0, kind=Kind.READ, status=200), failed(3.0), entry(4.0, status=200)]
    assert [p.order_id for p in promises(seen)] == ["o1.0", "o4.0"]


def test_an_order_answered_twice_was_promised_the_first_time() -> None:
    seen = [entry(5.0, order_id="o", region="west"), entry(2.0, order_id="o", region="east")]
    [promise] = promises(seen)
    assert (promise.answered, promise.region) == (2.0, "east")


def test_every_request_is_a_line_of_json_at_once() -> None:
    file = io.StringIO()
    ledger = Ledger(file)
    ledger.add(failed(1.0))
    line = json.loads(file.getvalue())
    assert (line["order_id"], line["status"], line["result"]) == ("o1.0", None, "failed")
    assert (line["client"], line["kind"]) == ("fresh", "create")
    assert len(ledger.entries()) == 1


def test_requests_are_counted_in_the_second_of_their_answer() -> None:
    seen = [entry(0.2), entry(0.9), entry(1.1, region="west"), failed(1.5), entry(9.0)]
    assert per_second(seen, until=2.4) == {"east": [2, 0, 0], "west": [0, 1, 0], "failed": [0, 1, 0]}


def test_a_failure_counts_as_failed_though_a_region_answered() -> None:
    assert per_second([entry(0.5, status=503)], until=0.9) == {"failed": [1]}


def test_results_add_up_to_the_requests() -> None:
    seen = [entry(1.0), failed(2.0), entry(3.0, kind=Kind.READ, status=404)]
    assert counts(seen) == {"requests": 3, "ok": 1, "stale": 1, "failed": 1}
