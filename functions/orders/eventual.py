"""Create an order on eventually consistent global tables (MREC): one transaction."""

from datetime import datetime

from .attempts import Attempts
from .claim import claim_on
from .order import OrderRequest, from_item, new_order
from .purchase import Purchase, no_such_customer, no_such_product, order_of_claim, repeated, sold
from .store import Cancelled, Store


def create(
    request: OrderRequest, *, store: Store, attempts: Attempts, now: datetime, region: str
) -> Purchase:
    """Sell the product once and store the order once; raises a RefusalError.

    A transaction is atomic in its own region only, and its items reach the others one by one. So here

    - the order may be there while its product still looks IN_STOCK or is unknown: the order decides, 200;
    - the product may be sold to this order while the order is missing: the order is written, 200.
    """
    order = new_order(request, now=now, region=region)
    cancelled = store.sell(order, attempts)
    if cancelled is None:
        return Purchase(order=order, outcome="created")
    if cancelled.order.item is not None:
        return repeated(from_item(cancelled.order.item), request, order)
    return _complete(cancelled, request, store=store, attempts=attempts, now=now, region=region)


def _complete(
    cancelled: Cancelled,
    request: OrderRequest,
    *,
    store: Store,
    attempts: Attempts,
    now: datetime,
    region: str,
) -> Purchase:
    attempt = new_order(request, now=now, region=region)
    claim = claim_on(cancelled.product.item) if cancelled.product.item is not None else None
    ours = claim is not None and claim.is_for(request)
    # A claim that names the customer was made where that customer existed: it may not have arrived here yet.
    vouched = ours and claim is not None and claim.customer_id == request.customer_id
    if cancelled.customer.failed and not vouched:
        raise no_such_customer(request.customer_id)
    if cancelled.product.item is None:
        raise no_such_product(request.product_id)
    if claim is None:
        raise sold(request.product_id)
    completed = order_of_claim(claim, request, attempt)
    refused = store.put_order(completed, attempts)
    if refused is not None and refused.item is not None:
        return repeated(from_item(refused.item), request, attempt)
    return Purchase(order=completed, outcome="completed")
