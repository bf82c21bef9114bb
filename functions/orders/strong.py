"""Create an order on strongly consistent global tables (MRSC): conditional writes of single items.

These tables take no transactions. The product is claimed first, then the order is put: a function that stops
in between leaves a product that names its order, and the same request, in any region, completes it. The other
way round two orders could be stored for one product.
"""

from datetime import datetime

from .attempts import Attempts
from .claim import claim_on
from .errors import ConflictError
from .order import Order, OrderRequest, from_item, new_order
from .purchase import (
    Outcome,
    Purchase,
    no_such_customer,
    no_such_product,
    order_of_claim,
    repeated,
    sold,
)
from .store import Refused, Store


def create(
    request: OrderRequest, *, store: Store, attempts: Attempts, now: datetime, region: str
) -> Purchase:
    """Sell the product once and store the order once; raises a RefusalError."""
    attempt = new_order(request, now=now, region=region)
    # Read first: a claim made for an id that is taken would have to be taken back.
    stored = store.get_order(request.order_id, attempts)
    if stored is not None:
        return _repeat(from_item(stored), request, attempt, store=store, attempts=attempts)
    if store.get_customer(request.customer_id, attempts) is None:
        raise no_such_customer(request.customer_id)
    order, outcome = _claimed(store.claim_product(attempt, attempts), request, attempt)
    refused = store.put_order(order, attempts)
    if refused is not None and refused.item is not None:
        return _repeat(from_item(refused.item), request, attempt, store=store, attempts=attempts)
    return Purchase(order=order, outcome=outcome)


def _claimed(refused: Refused | None, request: OrderRequest, attempt: Order) -> tuple[Order, Outcome]:
    if refused is None:
        return attempt, "created"
    if refused.item is None:
        raise no_such_product(request.product_id)
    claim = claim_on(refused.item)
    if claim is None:
        raise sold(request.product_id)
    order = order_of_claim(claim, request, attempt)
    return order, "created" if claim.is_by(attempt) else "completed"


def _repeat(
    stored: Order, request: OrderRequest, attempt: Order, *, store: Store, attempts: Attempts
) -> Purchase:
    try:
        return repeated(stored, request, attempt)
    except ConflictError:
        # Two requests may have claimed two products for one orderId at once. The stored order is for the
        # other product, for ever: a claim of this one, by us or by one who stopped before this line, is void.
        if stored.product_id != request.product_id:
            store.release_product(request.product_id, request.order_id, attempts)
        raise
