"""Synthetic customers, products and orders: what is to be written, and what came of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from . import contract
from .attempts import Attempts
from .batches import BatchStore, Entry
from .claim import MARK
from .clock import timestamp
from .order import Order

_SYNTHETIC: Mapping[str, Any] = {contract.SYNTHETIC_ATTRIBUTE: {"BOOL": True}}


@dataclass(frozen=True, kw_only=True)
class Counts:
    """How many of each kind, 0 to contract.FILL_LIMIT."""

    customers: int
    orders: int
    products: int


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What a fill is to write.

    ``products`` are in stock. Each order has a product of its own that is sold to it and not among them, so
    that whoever asked for products can buy every one. ``buyer`` is a customer for the orders, made when none
    was asked for.
    """

    customers: tuple[str, ...]
    products: tuple[str, ...]
    orders: tuple[Order, ...]
    buyer: str | None = None


@dataclass(frozen=True, kw_only=True)
class Filled:
    """What was written, what was not (or of which nobody knows), and the error behind it if there is one."""

    written: Plan
    unwritten: Plan
    error: Exception | None = None

    @property
    def complete(self) -> bool:
        return not (self.unwritten.customers or self.unwritten.products or self.unwritten.orders)


def plan(counts: Counts, *, new_id: Callable[[], str], now: datetime, region: str) -> Plan:
    """Choose the ids; ``new_id`` makes a unique one each time."""
    customers = tuple(new_id() for _ in range(counts.customers))
    buyer = new_id() if counts.orders and not customers else None
    everyone = customers or (buyer or "",)
    return Plan(
        customers=customers,
        products=tuple(new_id() for _ in range(counts.products)),
        orders=tuple(
            Order(
                order_id=new_id(),
                product_id=new_id(),
                customer_id=everyone[number % len(everyone)],
                created_at=timestamp(now),
                region=region,
                synthetic=True,
            )
            for number in range(counts.orders)
        ),
        buyer=buyer,
    )


def fill(wanted: Plan, *, store: BatchStore, attempts: Attempts) -> Filled:
    """Write the plan. Orders come last, and only those whose customer and product are there."""
    first = store.write([*_customers(wanted), *_products(wanted)], attempts)
    possible = [
        order
        for order in wanted.orders
        if not {(contract.CUSTOMERS, order.customer_id), (contract.PRODUCTS, order.product_id)} & first.keys
    ]
    second = store.write([_entry(contract.ORDERS, order.to_item()) for order in possible], attempts)
    written_orders = {o.order_id for o in possible if (contract.ORDERS, o.order_id) not in second.keys}
    return Filled(
        written=Plan(
            customers=tuple(i for i in wanted.customers if (contract.CUSTOMERS, i) not in first.keys),
            products=tuple(i for i in wanted.products if (contract.PRODUCTS, i) not in first.keys),
            orders=tuple(o for o in wanted.orders if o.order_id in written_orders),
        ),
        unwritten=Plan(
            customers=tuple(i for i in wanted.customers if (contract.CUSTOMERS, i) in first.keys),
            products=tuple(i for i in wanted.products if (contract.PRODUCTS, i) in first.keys),
            orders=tuple(o for o in wanted.orders if o.order_id not in written_orders),
        ),
        error=first.error or second.error,
    )


def _customers(wanted: Plan) -> Sequence[Entry]:
    ids = wanted.customers if wanted.buyer is None else (*wanted.customers, wanted.buyer)
    return [_entry(contract.CUSTOMERS, {contract.CUSTOMER_ID: {"S": i}, **_SYNTHETIC}) for i in ids]


def _products(wanted: Plan) -> Sequence[Entry]:
    in_stock = [
        {contract.PRODUCT_ID: {"S": i}, contract.PRODUCT_STATUS: {"S": contract.IN_STOCK}, **_SYNTHETIC}
        for i in wanted.products
    ]
    return [_entry(contract.PRODUCTS, item) for item in (*in_stock, *map(_sold_product, wanted.orders))]


def _sold_product(order: Order) -> dict[str, Any]:
    mark = (order.order_id, order.customer_id, order.created_at, order.region)
    return {
        contract.PRODUCT_ID: {"S": order.product_id},
        contract.PRODUCT_STATUS: {"S": contract.SOLD},
        **{name: {"S": value} for name, value in zip(MARK, mark, strict=True)},
        **_SYNTHETIC,
    }


def _entry(table: str, item: Mapping[str, Any]) -> Entry:
    return Entry(table=table, item=item)
