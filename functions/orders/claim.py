"""The mark that a sale leaves on its product: for which order and customer, when and where.

The product says enough to write the order again. Items of one transaction replicate one by one, and without
transactions a function can stop between two writes: whoever then meets the sold product without its order
completes that very order, so that both regions end with equal items.
"""

from dataclasses import dataclass
from typing import Any

from . import contract
from .order import Item, Order, OrderRequest

MARK = (contract.ORDER_ID, contract.CUSTOMER_ID, contract.SOLD_AT, contract.SOLD_IN)


@dataclass(frozen=True, kw_only=True)
class Claim:
    """Who bought a product. Only ``order_id`` is sure to be there on items that other programs wrote."""

    order_id: str
    customer_id: str | None
    sold_at: str | None
    sold_in: str | None

    def is_for(self, request: OrderRequest) -> bool:
        """Whether the product was sold to the order that is asked for."""
        return self.order_id == request.order_id

    def is_by(self, order: Order) -> bool:
        """Whether this very attempt made the claim (its answer got lost, and the call was sent again)."""
        return (self.order_id, self.customer_id, self.sold_at, self.sold_in) == (
            order.order_id,
            order.customer_id,
            order.created_at,
            order.region,
        )

    def names_another_customer(self, request: OrderRequest) -> bool:
        return self.customer_id is not None and self.customer_id != request.customer_id


def claim_on(product: Item) -> Claim | None:
    """The claim on a product; None when it is in no order's hands."""
    values = {name: product[name]["S"] for name in MARK if "S" in product.get(name, {})}
    status = product.get(contract.PRODUCT_STATUS, {}).get("S")
    if status != contract.SOLD or contract.ORDER_ID not in values:
        return None
    return Claim(
        order_id=values[contract.ORDER_ID],
        customer_id=values.get(contract.CUSTOMER_ID),
        sold_at=values.get(contract.SOLD_AT),
        sold_in=values.get(contract.SOLD_IN),
    )


def claiming_values(order: Order) -> dict[str, Any]:
    """The values that CLAIM_EXPRESSION and CLAIM_CONDITION name."""
    return {
        ":sold": {"S": contract.SOLD},
        ":in_stock": {"S": contract.IN_STOCK},
        ":order": {"S": order.order_id},
        ":customer": {"S": order.customer_id},
        ":at": {"S": order.created_at},
        ":in": {"S": order.region},
    }


CLAIM_EXPRESSION = (
    f"SET {contract.PRODUCT_STATUS} = :sold, {contract.ORDER_ID} = :order, "
    f"{contract.CUSTOMER_ID} = :customer, {contract.SOLD_AT} = :at, {contract.SOLD_IN} = :in"
)
CLAIM_CONDITION = f"{contract.PRODUCT_STATUS} = :in_stock"
RELEASE_EXPRESSION = f"SET {contract.PRODUCT_STATUS} = :in_stock REMOVE {', '.join(MARK)}"
RELEASE_CONDITION = f"{contract.PRODUCT_STATUS} = :sold AND {contract.ORDER_ID} = :order"
