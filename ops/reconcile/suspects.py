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
    contract.PRODUCTS: (
        contract.PRODUCT_ID,
        contract.PRODUCT_STATUS,
        contract.ORDER_ID,
        contract.CUSTOMER_ID,
    ),
    contract.ORDERS: (contract.ORDER_ID, contract.PRODUCT_ID, contract.CUSTOMER_ID, contract.ORDER_STATUS),
}

Suspects = Mapping[str, frozenset[str]]
"""Product id -> ids of the orders that name it or that it names."""


@dataclass
class RegionScan:
    """What one region has: products, the order (empty: none) and customer of each sold one, and the product
    and customer of each order.

    An order that was cancelled is known, but holds no product. A product in a status that this program does
    not write is always a suspect: what it means is not known here.
    """

    products: set[str] = field(default_factory=set)
    sold: dict[str, tuple[str, str]] = field(default_factory=dict)
    orders: dict[str, tuple[str, str]] = field(default_factory=dict)
    cancelled: set[str] = field(default_factory=set)
    unknown: set[str] = field(default_factory=set)

    def add_product(self, item: Mapping[str, Any]) -> None:
        product, status = text(item, contract.PRODUCT_ID), text(item, contract.PRODUCT_STATUS)
        self.products.add(product)
        if status == contract.SOLD:
            self.sold[product] = text(item, contract.ORDER_ID), text(item, contract.CUSTOMER_ID)
        elif status != contract.IN_STOCK:
            self.unknown.add(product)

    def add_order(self, item: Mapping[str, Any]) -> None:
        order = text(item, contract.ORDER_ID)
        self.orders[order] = text(item, contract.PRODUCT_ID), text(item, contract.CUSTOMER_ID)
        if text(item, contract.ORDER_STATUS) == contract.CANCELLED:
            self.cancelled.add(order)

    def suspects(self) -> Suspects:
        """Every product that does not fit its orders, or they it."""
        found: dict[str, set[str]] = defaultdict(set)
        for order, product in self._live():
            holder, _ = self.sold.get(product, ("", ""))
            if holder != order:
                found[product] |= {order, holder}
        for product in (*self.unknown, *(product for product in self.sold if not self._fits(product))):
            found[product].add(self.sold.get(product, ("", ""))[0])
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
        return ((order, of) for order, (of, _) in self.orders.items() if order not in self.cancelled)

    def _fits(self, product: str) -> bool:
        """Whether a sold product names an order for it, of the customer that it names, if it does."""
        order, customer = self.sold[product]
        of, buyer = self.orders.get(order, ("", ""))
        return of == product and customer in ("", buyer)


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
