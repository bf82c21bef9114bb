"""The order API as its clients call it: what a request looks like, and one signed call to one region."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

import ulid

from functions.orders import contract


@dataclass(frozen=True, kw_only=True)
class Site:
    """Where the API is: a host name, and the path before its routes (`/v1`, or a stage)."""

    host: str
    base_path: str

    @classmethod
    def of(cls, url: str) -> "Site":
        """From `https://host/base`."""
        parts = urlsplit(url)
        return cls(host=parts.netloc, base_path=parts.path.rstrip("/"))


@dataclass(frozen=True, kw_only=True)
class OrderCall:
    """One request before it is signed; `path` is a route of the API."""

    method: str
    path: str
    query: Mapping[str, str]

    def target(self, site: Site) -> str:
        """Path and query as they go on the wire. Sorted, since signers sort too."""
        return f"{site.base_path}{self.path}" + (
            f"?{urlencode(sorted(self.query.items()))}" if self.query else ""
        )


def create_order(*, customer: str, product: str, order: str) -> OrderCall:
    """Buy a product; the order is marked as synthetic, so that it can be removed."""
    return OrderCall(
        method="POST",
        path=contract.ORDERS_PATH,
        query={
            contract.CUSTOMER_ID_PARAMETER: customer,
            contract.PRODUCT_ID_PARAMETER: product,
            contract.ORDER_ID_PARAMETER: order,
            contract.SYNTHETIC_PARAMETER: "true",
        },
    )


def read_order(*, order: str, product: str) -> OrderCall:
    """Read an order back."""
    return OrderCall(
        method="GET",
        path=contract.ORDERS_PATH,
        query={contract.ORDER_ID_PARAMETER: order, contract.PRODUCT_ID_PARAMETER: product},
    )


def fill(*, customers: int, products: int, orders: int = 0) -> OrderCall:
    """Make synthetic customers and products, and orders that have a product of their own."""
    return OrderCall(
        method="POST",
        path=contract.FILL_PATH,
        query={
            contract.FILL_CUSTOMERS_PARAMETER: str(customers),
            contract.FILL_PRODUCTS_PARAMETER: str(products),
            contract.FILL_ORDERS_PARAMETER: str(orders),
        },
    )


def health() -> OrderCall:
    """Ask a region whether it reads its own tables."""
    return OrderCall(method="GET", path=contract.HEALTH_PATH, query={})


def new_id() -> str:
    """An order, customer or product id: a ULID, 26 characters that sort by time."""
    return str(ulid.new())


def document(body: bytes) -> Mapping[str, Any]:
    """A JSON answer; empty where the body is none."""
    try:
        value = json.loads(body)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
