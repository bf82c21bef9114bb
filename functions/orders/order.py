"""An order: as it is asked for, as it is stored, as it is answered."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from . import contract
from .clock import timestamp

Item = Mapping[str, Any]
"""A DynamoDB item in the form of the API: attribute name to ``{"S": ...}`` and so on."""


@dataclass(frozen=True, kw_only=True)
class OrderRequest:
    """What a caller asks for; ``synthetic`` marks test data."""

    customer_id: str
    product_id: str
    order_id: str
    synthetic: bool = False


@dataclass(frozen=True, kw_only=True)
class Order:
    """A stored order. ``created_at`` and ``region`` say when and where its product was sold to it."""

    order_id: str
    product_id: str
    customer_id: str
    created_at: str
    region: str
    status: str = contract.CONFIRMED
    total: int | float = contract.DEFAULT_ORDER_TOTAL
    synthetic: bool = False

    def is_for(self, request: OrderRequest) -> bool:
        """Whether this is the purchase that the request asks for."""
        return self.product_id == request.product_id and self.customer_id == request.customer_id

    def to_item(self) -> dict[str, Any]:
        item: dict[str, Any] = {
            contract.ORDER_ID: {"S": self.order_id},
            contract.PRODUCT_ID: {"S": self.product_id},
            contract.CUSTOMER_ID: {"S": self.customer_id},
            contract.ORDER_STATUS: {"S": self.status},
            contract.ORDER_TOTAL: {"N": str(self.total)},
            contract.CREATED_AT: {"S": self.created_at},
            contract.REGION: {"S": self.region},
        }
        if self.synthetic:
            item[contract.SYNTHETIC_ATTRIBUTE] = {"BOOL": True}
        return item

    def to_body(self) -> dict[str, Any]:
        body: dict[str, Any] = {
            contract.ORDER_ID: self.order_id,
            contract.PRODUCT_ID: self.product_id,
            contract.CUSTOMER_ID: self.customer_id,
            contract.ORDER_STATUS: self.status,
            contract.ORDER_TOTAL: self.total,
            contract.CREATED_AT: self.created_at,
            contract.REGION: self.region,
        }
        if self.synthetic:
            body[contract.SYNTHETIC_ATTRIBUTE] = True
        return body


def new_order(request: OrderRequest, *, now: datetime, region: str) -> Order:
    """The order that a request makes when it is the first to ask."""
    return Order(
        order_id=request.order_id,
        product_id=request.product_id,
        customer_id=request.customer_id,
        created_at=timestamp(now),
        region=region,
        synthetic=request.synthetic,
    )


def from_item(item: Item) -> Order:
    """Read a stored order; attributes that other writers left out are empty or the usual value."""
    return Order(
        order_id=_text(item, contract.ORDER_ID),
        product_id=_text(item, contract.PRODUCT_ID),
        customer_id=_text(item, contract.CUSTOMER_ID),
        created_at=_text(item, contract.CREATED_AT),
        region=_text(item, contract.REGION),
        status=_text(item, contract.ORDER_STATUS),
        total=_number(item, contract.ORDER_TOTAL),
        synthetic=bool(item.get(contract.SYNTHETIC_ATTRIBUTE, {}).get("BOOL", False)),
    )


def _text(item: Item, name: str) -> str:
    return str(item.get(name, {}).get("S", ""))


def _number(item: Item, name: str) -> int | float:
    value = float(item.get(name, {}).get("N", contract.DEFAULT_ORDER_TOTAL))
    return int(value) if value.is_integer() else value
