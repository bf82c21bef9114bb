"""What a create comes to, in both consistency modes."""

from dataclasses import dataclass
from typing import Literal

from .claim import Claim
from .errors import ConflictError, NotFoundError
from .order import Order, OrderRequest

Outcome = Literal["created", "completed", "repeated"]
"""created: by this request. completed: sold before, the order was missing here. repeated: was all there."""


@dataclass(frozen=True, kw_only=True)
class Purchase:
    order: Order
    outcome: Outcome


def repeated(stored: Order, request: OrderRequest, attempt: Order) -> Purchase:
    """Answer with the order that is stored under this id; raises ConflictError when it is a different one."""
    if not stored.is_for(request):
        raise ConflictError(
            "order-id-taken",
            f"The orderId {request.order_id} belongs to an order for another customer or product. "
            "Send a new orderId for a new order.",
        )
    return Purchase(order=stored, outcome="created" if stored == attempt else "repeated")


def order_of_claim(claim: Claim, request: OrderRequest, attempt: Order) -> Order:
    """The order that a sold product belongs to, as its seller wrote or would have written it.

    Raises ConflictError when the product was sold to another order, or to this one for another customer.
    """
    if not claim.is_for(request):
        raise sold(request.product_id)
    if claim.names_another_customer(request):
        raise ConflictError(
            "order-id-taken",
            f"The orderId {request.order_id} belongs to an order of another customer. "
            "Send a new orderId for a new order.",
        )
    return Order(
        order_id=request.order_id,
        product_id=request.product_id,
        customer_id=request.customer_id,
        created_at=claim.sold_at or attempt.created_at,
        region=claim.sold_in or attempt.region,
        synthetic=request.synthetic,
    )


def sold(product_id: str) -> ConflictError:
    return ConflictError(
        "product-sold", f"The product {product_id} is sold to another order. Choose another product."
    )


def no_such_customer(customer_id: str) -> NotFoundError:
    return NotFoundError("no-such-customer", f"There is no customer {customer_id}. Check customerId.")


def no_such_product(product_id: str) -> NotFoundError:
    return NotFoundError("no-such-product", f"There is no product {product_id}. Check productId.")
