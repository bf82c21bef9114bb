"""The writes that mend a product or an order: each only if the item is still what was seen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from functions.orders import contract
from functions.orders.claim import (
    CLAIM_EXPRESSION,
    RELEASE_CONDITION,
    RELEASE_EXPRESSION,
    Claim,
    claim_on,
    claiming_values,
)
from functions.orders.order import Order, from_item

Item = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Loss:
    """A purchase that a repair takes away: it may have been acknowledged to its customer."""

    order: str
    customer: str
    product: str

    def __str__(self) -> str:
        return f"customer {self.customer or '(unknown)'} loses product {self.product} (order {self.order})"


@dataclass(frozen=True, kw_only=True)
class Repair:
    """One conditional write: `operation` is DynamoDB's, `request` is all of it but the table's name.

    `loses` is None where nobody loses anything by it.
    """

    words: str
    table: str
    key: str
    before: Item | None
    operation: str
    request: Mapping[str, Any]
    loses: Loss | None = None


def complete(product: Item, claim: Claim, customer: Item) -> Repair | None:
    """Write the order that a sold product names, as its seller would have; None where too little is known."""
    if claim.customer_id is None or claim.sold_at is None or claim.sold_in is None:
        return None
    order = Order(
        order_id=claim.order_id,
        product_id=product[contract.PRODUCT_ID]["S"],
        customer_id=claim.customer_id,
        created_at=claim.sold_at,
        region=claim.sold_in,
        synthetic=_is_synthetic(product) or _is_synthetic(customer),
    )
    return Repair(
        words=f"write the order {order.order_id}",
        table=contract.ORDERS,
        key=order.order_id,
        before=None,
        operation="put_item",
        request={
            "Item": order.to_item(),
            "ConditionExpression": f"attribute_not_exists({contract.ORDER_ID})",
        },
    )


def sell(product: Item, order: Item) -> Repair:
    """Mark a product as sold to an order that has it."""
    condition, values = _unchanged(product, (contract.PRODUCT_STATUS, contract.ORDER_ID))
    wanted = from_item(order)
    claimed = {name: value for name, value in claiming_values(wanted).items() if name != ":in_stock"}
    before = claim_on(product)
    return Repair(
        words=f"mark the product as sold to {wanted.order_id}",
        table=contract.PRODUCTS,
        key=product[contract.PRODUCT_ID]["S"],
        before=product,
        operation="update_item",
        request={
            "UpdateExpression": CLAIM_EXPRESSION,
            "ConditionExpression": condition,
            "ExpressionAttributeValues": claimed | values,
        },
        loses=_loss(product, before) if before is not None else None,
    )


def release(product: Item, claim: Claim) -> Repair:
    """Take a product out of the hands of an order that bought another one."""
    return Repair(
        words="put the product back in stock",
        table=contract.PRODUCTS,
        key=product[contract.PRODUCT_ID]["S"],
        before=product,
        operation="update_item",
        request={
            "UpdateExpression": RELEASE_EXPRESSION,
            "ConditionExpression": RELEASE_CONDITION,
            "ExpressionAttributeValues": {
                ":in_stock": {"S": contract.IN_STOCK},
                ":sold": {"S": contract.SOLD},
                ":order": {"S": claim.order_id},
            },
        },
        loses=_loss(product, claim),
    )


def cancel(order: Item) -> Repair:
    """Mark an order whose product another one has."""
    lost = from_item(order)
    condition, values = _unchanged(order, (contract.ORDER_STATUS, contract.PRODUCT_ID))
    return Repair(
        words=f"cancel the order {lost.order_id}",
        table=contract.ORDERS,
        key=lost.order_id,
        before=order,
        operation="update_item",
        request={
            "UpdateExpression": f"SET {contract.ORDER_STATUS} = :cancelled",
            "ConditionExpression": condition,
            "ExpressionAttributeValues": {":cancelled": {"S": contract.CANCELLED}, **values},
        },
        loses=Loss(order=lost.order_id, customer=lost.customer_id, product=lost.product_id),
    )


def _loss(product: Item, claim: Claim) -> Loss:
    return Loss(
        order=claim.order_id, customer=claim.customer_id or "", product=product[contract.PRODUCT_ID]["S"]
    )


def _is_synthetic(item: Item) -> bool:
    return bool(item.get(contract.SYNTHETIC_ATTRIBUTE, {}).get("BOOL", False))


def _unchanged(item: Item, attributes: Sequence[str]) -> tuple[str, dict[str, Any]]:
    """The condition that attributes are as they are in `item`, and its values."""
    values = {f":was{n}": item[name] for n, name in enumerate(attributes) if name in item}
    parts = [
        f"{name} = :was{n}" if name in item else f"attribute_not_exists({name})"
        for n, name in enumerate(attributes)
    ]
    return " AND ".join(parts), values
