"""Products and orders that do not fit together, from one pass over a region's tables.

What is found here is only suspected: the tables were read one after the other while customers ordered, and
items of one transaction reach the other regions one by one.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from blueprint.order_service import CANARY_PRODUCT
from functions.orders import contract

_NEEDED: Mapping[str, tuple[str, ...]] = {
    contract.PRODUCTS: (contract.PRODUCT_ID, contract.PRODUCT_STATUS, contract.ORDER_ID),
    contract.ORDERS: (contract.ORDER_ID, contract.PRODUCT_ID, contract.ORDER_STATUS),
}

Suspects = Mapping[str, frozenset[str]]
"""Product id -> ids of the orders that name it or that it names."""


@dataclass
class RegionScan:
    """What one region has: products, the order that each sold one names (empty: none), each order's product.

    An order that was cancelled is known, but holds no product.
    """

    products: set[str] = field(default_factory=set)
    sold: dict[str, str] = field(default_factory=dict)
    orders: dict[str, str] = field(default_factory=dict)
    cancelled: set[str] = field(default_factory=set)

    def add_product(self, item: Mapping[str, Any]) -> None:
        self.products.add(text(item, contract.PRODUCT_ID))
        if text(item, contract.PRODUCT_STATUS) == contract.SOLD:
            self.sold[text(item, contract.PRODUCT_ID)] = text(item, contract.ORDER_ID)

    def add_order(self, item: Mapping[str, Any]) -> None:
        order = text(item, contract.ORDER_ID)
        self.orders[order] = text(item, contract.PRODUCT_ID)
        if text(item, contract.ORDER_STATUS) == contract.CANCELLED:
            self.cancelled.add(order)

    def suspects(self) -> Suspects:
        """Every product that does not fit its orders, or they it."""
        found: dict[str, set[str]] = defaultdict(set)
        for order, product in self._live():
            if self.sold.get(product) != order:
                found[product] |= {order, self.sold.get(product, "")}
        for product, order in self.sold.items():
            if not order or self.orders.get(order) != product:
                found[product].add(order)
        for order, product in self._live():
            if product in found:
                found[product].add(order)
        return {
            product: frozenset(orders - {""})
            for product, orders in found.items()
            # The program declares the canaries' own items: a deployment mends them.
            if product != CANARY_PRODUCT
        }

    def _live(self) -> Iterator[tuple[str, str]]:
        return ((order, product) for order, product in self.orders.items() if order not in self.cancelled)


def scan(client: Any, table: str, name: str) -> Iterator[Iterable[Mapping[str, Any]]]:
    """The needed attributes of every item, a page at a time; `table` is products or orders."""
    names = {f"#a{number}": attribute for number, attribute in enumerate(_NEEDED[table])}
    pages = client.get_paginator("scan").paginate(
        TableName=name,
        ConsistentRead=True,
        ProjectionExpression=", ".join(names),
        ExpressionAttributeNames=names,
    )
    for page in pages:
        yield page["Items"]


def together(regions: Iterable[Suspects]) -> Suspects:
    """The suspects of all regions."""
    found: dict[str, set[str]] = defaultdict(set)
    for suspects in regions:
        for product, orders in suspects.items():
            found[product] |= orders
    return {product: frozenset(orders) for product, orders in sorted(found.items())}


def text(item: Mapping[str, Any], attribute: str) -> str:
    """A text attribute, empty where it is not there."""
    return str(item.get(attribute, {}).get("S", ""))
