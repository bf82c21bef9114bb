"""POST /orders."""

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from . import clients, contract, eventual, settings, strong
from .attempts import Attempts
from .clock import Clock
from .entry import Function, Handler, entry_point
from .errors import BadRequestError, ConflictError, NotFoundError
from .order import OrderRequest
from .purchase import Purchase
from .records import Record, Recorder
from .request import Request, flag, identifier, json_object
from .response import Response
from .store import Store

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


def build(
    environ: Mapping[str, str],
    *,
    client: "DynamoDBClient | None" = None,
    recorder: Recorder | None = None,
    clock: Clock | None = None,
) -> Handler:
    """The function in one environment; raises ConfigurationError."""
    loaded = settings.load(environ, contract.CREATE)
    own_clock = clock or Clock()
    store = Store(client or clients.dynamodb(loaded.region), loaded)
    create = strong.create if loaded.strong else eventual.create

    def create_order(request: Request, record: Record, _context: Any) -> Response:
        attempts = Attempts(own_clock)
        record.count(contract.ORDERS_CREATED, 0)
        record.count(contract.ORDERS_REJECTED, 0)
        try:
            wanted = _order_request(request)
            record.fields["orderId"] = wanted.order_id
            purchase = create(
                wanted, store=store, attempts=attempts, now=own_clock.now(), region=loaded.region
            )
        except (BadRequestError, NotFoundError, ConflictError):
            record.count(contract.ORDERS_REJECTED, 1)
            raise
        finally:
            if attempts.calls:
                record.time(contract.WRITE_TIME, attempts.milliseconds)
                record.fields["calls"] = attempts.calls
        record.fields["outcome"] = purchase.outcome
        record.count(contract.ORDERS_CREATED, int(purchase.outcome != "repeated"))
        return _answer(purchase)

    return Function(
        region=loaded.region,
        routes={f"POST {contract.ORDERS_PATH}": create_order},
        recorder=recorder or Recorder(loaded.region),
        clock=own_clock,
    ).handle


def _order_request(request: Request) -> OrderRequest:
    body = json_object(request)
    return OrderRequest(
        customer_id=identifier(request, contract.CUSTOMER_ID_PARAMETER, body),
        product_id=identifier(request, contract.PRODUCT_ID_PARAMETER, body),
        order_id=identifier(request, contract.ORDER_ID_PARAMETER, body),
        synthetic=flag(request, contract.SYNTHETIC_PARAMETER, body),
    )


def _answer(purchase: Purchase) -> Response:
    return Response(
        status=201 if purchase.outcome == "created" else 200,
        body={"msg": "Order created", **purchase.order.to_body()},
    )


handler = entry_point(lambda: build(os.environ))
