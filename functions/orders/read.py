"""GET /orders and GET /health."""

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from . import clients, contract, settings
from .attempts import Attempts
from .clock import Clock
from .entry import Function, Handler, entry_point
from .errors import NotFoundError, UnavailableError
from .order import from_item
from .records import Record, Recorder
from .request import Request, identifier
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
    loaded = settings.load(environ, contract.READ)
    own_clock = clock or Clock()
    store = Store(client or clients.dynamodb(loaded.region), loaded)

    def read_order(request: Request, record: Record, _context: Any) -> Response:
        order_id = identifier(request, contract.ORDER_ID_PARAMETER)
        product_id = identifier(request, contract.PRODUCT_ID_PARAMETER)
        record.fields["orderId"] = order_id
        attempts = Attempts(own_clock)
        try:
            item = store.get_order(order_id, attempts)
        finally:
            record.time(contract.READ_TIME, attempts.milliseconds)
            record.fields["calls"] = attempts.calls
        order = from_item(item) if item is not None else None
        if order is None or order.product_id != product_id:
            raise NotFoundError(
                "no-such-order",
                f"There is no order {order_id} for the product {product_id}. Check both; an order made in "
                "another region a moment ago may not have arrived yet.",
            )
        return Response(status=200, body=order.to_body())

    def health(_request: Request, record: Record, _context: Any) -> Response:
        attempts = Attempts(own_clock)
        try:
            store.check_health(attempts)
        except Exception as error:
            # Whatever the reason is: a region that cannot read its data is not one to send customers to.
            raise UnavailableError("unhealthy", "This region cannot read its data now.") from error
        finally:
            record.fields["calls"] = attempts.calls
        return Response(status=200, body={"region": loaded.region, "status": "ok"})

    return Function(
        region=loaded.region,
        routes={f"GET {contract.ORDERS_PATH}": read_order, f"GET {contract.HEALTH_PATH}": health},
        recorder=recorder or Recorder(loaded.region),
        clock=own_clock,
    ).handle


handler = entry_point(lambda: build(os.environ))
