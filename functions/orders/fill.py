"""POST /fill."""

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import ulid

from . import clients, contract, settings
from .attempts import Attempts, is_refused
from .batches import BatchStore
from .clock import Clock
from .entry import Function, Handler, entry_point
from .filling import Counts, Filled, Plan, fill, plan
from .records import Record, Recorder
from .request import Request, count
from .response import Response, problem

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

LONGEST_SECONDS: Final = 25.0
"""API Gateway waits 29 s for an answer (Amazon API Gateway quotas)."""

ANSWER_SECONDS: Final = 0.5
"""Kept back from the function's time for the answer itself."""

DEFAULT_SECONDS: Final = 7.5
"""Where nobody says how much time the function has."""


def build(
    environ: Mapping[str, str],
    *,
    client: "DynamoDBClient | None" = None,
    recorder: Recorder | None = None,
    clock: Clock | None = None,
) -> Handler:
    """The function in one environment; raises ConfigurationError."""
    loaded = settings.load(environ, contract.FILL)
    own_clock = clock or Clock()
    store = BatchStore(client or clients.dynamodb(loaded.region), loaded.tables, own_clock)

    def fill_tables(request: Request, record: Record, context: Any) -> Response:
        counts = Counts(
            customers=count(request, contract.FILL_CUSTOMERS_PARAMETER),
            orders=count(request, contract.FILL_ORDERS_PARAMETER),
            products=count(request, contract.FILL_PRODUCTS_PARAMETER),
        )
        attempts = Attempts(own_clock, seconds=_seconds(context))
        wanted = plan(counts, new_id=_new_id, now=own_clock.now(), region=loaded.region)
        filled = fill(wanted, store=store, attempts=attempts)
        record.fields.update(
            customers=len(filled.written.customers),
            products=len(filled.written.products),
            orders=len(filled.written.orders),
            calls=attempts.calls,
        )
        return _answer(filled, record, getattr(context, "aws_request_id", None))

    return Function(
        region=loaded.region,
        routes={f"POST {contract.FILL_PATH}": fill_tables},
        recorder=recorder or Recorder(loaded.region),
        clock=own_clock,
    ).handle


def _new_id() -> str:
    return str(ulid.new())


def _seconds(context: Any) -> float:
    remaining = getattr(context, "get_remaining_time_in_millis", None)
    if remaining is None:
        return DEFAULT_SECONDS
    return min(float(remaining()) / 1000 - ANSWER_SECONDS, LONGEST_SECONDS)


def _answer(filled: Filled, record: Record, request_id: str | None) -> Response:
    if filled.complete:
        return Response(status=200, body=_ids(filled.written, refs=bool(filled.written.orders)))
    record.fields["level"] = "WARN"
    record.fields["code"] = "not-all-written"
    members = {"written": _ids(filled.written, refs=True), "unwritten": _ids(filled.unwritten, refs=False)}
    if filled.error is not None:
        record.fields["level"] = "ERROR"
        record.fail(filled.error)
    if filled.error is not None and not is_refused(filled.error):
        detail = "Not everything was written, and a retry would not change that. See written and unwritten."
        return problem(500, code="not-all-written", detail=detail, request_id=request_id, members=members)
    return problem(
        503,
        code="not-all-written",
        detail="Not everything could be written now. See written and unwritten, and ask for the rest.",
        request_id=request_id,
        headers={"Retry-After": "1"},
        members=members,
    )


def _ids(part: Plan, *, refs: bool) -> dict[str, Any]:
    ids: dict[str, Any] = {
        "customers": list(part.customers),
        "products": list(part.products),
        "orders": [order.order_id for order in part.orders],
    }
    if refs:
        ids["orderRefs"] = [
            {
                contract.ORDER_ID: order.order_id,
                contract.PRODUCT_ID: order.product_id,
                contract.CUSTOMER_ID: order.customer_id,
            }
            for order in part.orders
        ]
    return ids


handler = entry_point(lambda: build(os.environ))
