"""Products and orders as they are stored."""

from typing import Any

SOLD_AT = "2026-11-25T18:00:00.000000Z"
Item = dict[str, Any]


def product(identity: str, order: str | None = None, *, status: str = "", **more: Any) -> Item:
    """In stock, or sold to an order."""
    item: Item = {
        "ProductId": {"S": identity},
        "ProductStatus": {"S": status or ("SOLD" if order else "IN_STOCK")},
    }
    if order:
        mark = {"OrderId": order, "CustomerId": "c", "SoldAt": SOLD_AT, "SoldIn": "us-east-1"}
        item |= {name: {"S": value} for name, value in mark.items()}
    return item | more


def order(
    identity: str, of: str, *, status: str = "CONFIRMED", created: str = SOLD_AT, customer: str = "c"
) -> Item:
    return {
        "OrderId": {"S": identity},
        "ProductId": {"S": of},
        "CustomerId": {"S": customer},
        "OrderStatus": {"S": status},
        "OrderTotal": {"N": "100"},
        "CreatedAt": {"S": created},
        "Region": {"S": "us-east-1"},
    }


def customer(identity: str = "c", **more: Any) -> Item:
    return {"CustomerId": {"S": identity}} | more
