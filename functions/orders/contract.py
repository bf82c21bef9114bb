"""Names and limits that the functions, the infrastructure, the local twin and the operator's tools share.

Standard library only: every other package imports this module.

Least privilege: :func:`table_actions` is the one list of what each function may do with each table. Every
action in it is used by a code path, and no code path needs another one. TransactWriteItems has no IAM
action of its own: AWS checks the actions of the operations inside it (DynamoDB Developer Guide, "Using IAM
with DynamoDB transactions").
"""

import re
from collections.abc import Mapping
from typing import Final

EVENTUAL: Final = "eventual"
STRONG: Final = "strong"

# HTTP
BASE_PATH: Final = "v1"
ORDERS_PATH: Final = "/orders"
FILL_PATH: Final = "/fill"
HEALTH_PATH: Final = "/health"
REGION_HEADER: Final = "X-Orders-Region"
PROBLEM_CONTENT_TYPE: Final = "application/problem+json"

# Parameters of the API: in the query, and for POST /orders in a JSON body as well.
CUSTOMER_ID_PARAMETER: Final = "customerId"
PRODUCT_ID_PARAMETER: Final = "productId"
ORDER_ID_PARAMETER: Final = "orderId"
SYNTHETIC_PARAMETER: Final = "synthetic"
FILL_CUSTOMERS_PARAMETER: Final = "cust"
FILL_ORDERS_PARAMETER: Final = "order"
FILL_PRODUCTS_PARAMETER: Final = "product"

FILL_LIMIT: Final = 1000
"""The most items of one kind that one call of /fill makes."""

MAX_ID_LENGTH: Final = 64
ID_PATTERN: Final = r"^[0-9A-Za-z][0-9A-Za-z_-]{0,63}$"
"""What an id may look like: a ULID, and whatever is as safe as one in a URL, a log line and a key."""

MAX_BODY_BYTES: Final = 8192

# Metrics (CloudWatch embedded metric format)
METRICS_NAMESPACE: Final = "ResilientOrders"
REGION_DIMENSION: Final = "Region"
READ_TIME: Final = "ReadTime"
WRITE_TIME: Final = "WriteTime"
ORDERS_CREATED: Final = "OrdersCreated"
ORDERS_REJECTED: Final = "OrdersRejected"
REGION_CHECK: Final = "RegionCheck"
"""What a region's own canary puts into the observer region after each run, with REGION_DIMENSION naming the
region that was checked: 1 where the run passed, 0 where it did not."""

# Environment of the functions
CUSTOMERS_TABLE: Final = "CUSTOMERS_TABLE"
PRODUCTS_TABLE: Final = "PRODUCTS_TABLE"
ORDERS_TABLE: Final = "ORDERS_TABLE"
CONSISTENCY: Final = "CONSISTENCY"

# Keys of the three tables wherever they are named: in outputs, arguments and policies
CUSTOMERS: Final = "customers"
PRODUCTS: Final = "products"
ORDERS: Final = "orders"
TABLES: Final = (CUSTOMERS, PRODUCTS, ORDERS)

# Attributes of the items
CUSTOMER_ID: Final = "CustomerId"
PRODUCT_ID: Final = "ProductId"
ORDER_ID: Final = "OrderId"
PRODUCT_STATUS: Final = "ProductStatus"
ORDER_STATUS: Final = "OrderStatus"
ORDER_TOTAL: Final = "OrderTotal"
CREATED_AT: Final = "CreatedAt"
REGION: Final = "Region"
SOLD_AT: Final = "SoldAt"
SOLD_IN: Final = "SoldIn"
SYNTHETIC_ATTRIBUTE: Final = "Synthetic"

IN_STOCK: Final = "IN_STOCK"
SOLD: Final = "SOLD"
CONFIRMED: Final = "CONFIRMED"
CANCELLED: Final = "CANCELLED"
"""Of an order whose product went to another one: only `python -m ops reconcile` writes it."""
DEFAULT_ORDER_TOTAL: Final = 100
"""A product has no price: every order totals this, as in the DynamoDB Developer Guide's order example."""

TABLE_KEYS: Final[Mapping[str, str]] = {CUSTOMERS: CUSTOMER_ID, PRODUCTS: PRODUCT_ID, ORDERS: ORDER_ID}

# Functions
CREATE: Final = "create"
READ: Final = "read"
FILL: Final = "fill"
HANDLERS: Final[Mapping[str, str]] = {
    CREATE: "orders.create.handler",
    READ: "orders.read.handler",
    FILL: "orders.fill.handler",
}
FUNCTION_TABLES: Final[Mapping[str, tuple[str, ...]]] = {CREATE: TABLES, READ: (ORDERS,), FILL: TABLES}
"""Which tables' names each function needs in its environment."""

_ENVIRONMENT: Final[Mapping[str, str]] = {
    CUSTOMERS: CUSTOMERS_TABLE,
    PRODUCTS: PRODUCTS_TABLE,
    ORDERS: ORDERS_TABLE,
}

_ID = re.compile(ID_PATTERN, re.ASCII)


def is_valid_id(value: str) -> bool:
    """Whether an id is one that this API takes; a trailing newline is not."""
    return len(value) <= MAX_ID_LENGTH and _ID.fullmatch(value) is not None


def table_variable(table: str) -> str:
    """The environment variable that holds a table's name; ``table`` is one of TABLES."""
    return _ENVIRONMENT[table]


def table_actions(function: str, consistency: str) -> Mapping[str, tuple[str, ...]]:
    """The IAM actions that a function needs, by table: ``{"orders": ("dynamodb:PutItem",), ...}``.

    ``function`` is one of HANDLERS, ``consistency`` is EVENTUAL or STRONG; anything else raises KeyError.
    """
    return _ACTIONS[consistency][function]


_READ_ACTIONS: Final[Mapping[str, tuple[str, ...]]] = {ORDERS: ("dynamodb:GetItem",)}
_FILL_ACTIONS: Final[Mapping[str, tuple[str, ...]]] = dict.fromkeys(TABLES, ("dynamodb:BatchWriteItem",))
_ACTIONS: Final[Mapping[str, Mapping[str, Mapping[str, tuple[str, ...]]]]] = {
    EVENTUAL: {
        CREATE: {
            CUSTOMERS: ("dynamodb:ConditionCheckItem",),
            PRODUCTS: ("dynamodb:UpdateItem",),
            ORDERS: ("dynamodb:PutItem",),
        },
        READ: _READ_ACTIONS,
        FILL: _FILL_ACTIONS,
    },
    # Tables with multi-Region strong consistency take no transactions: single reads and conditional writes.
    STRONG: {
        CREATE: {
            CUSTOMERS: ("dynamodb:GetItem",),
            PRODUCTS: ("dynamodb:UpdateItem",),
            ORDERS: ("dynamodb:GetItem", "dynamodb:PutItem"),
        },
        READ: _READ_ACTIONS,
        FILL: _FILL_ACTIONS,
    },
}
