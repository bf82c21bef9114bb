"""Names and limits that the load generator's functions, its state machine and the operator's tools share.

Standard library only, as functions/orders/contract.py.
"""

from collections.abc import Mapping
from typing import Final

from functions.orders import contract as orders

# The input of an execution, compatible with the reference's
NUM_ITEMS: Final = "num_items"
URL: Final = "url"

MAX_ITEMS: Final = 1000
"""The most orders of one execution: it must fit into Step Functions' history of 25,000 events."""

BATCH_ITEMS: Final = 25
"""The most customers and products that one call of /fill makes for the load generator."""

# What the two functions are given and answer
COUNT: Final = "count"
ORDER: Final = "order"
ORDERS: Final = "orders"
TALLY: Final = "tally"

# The counts of an execution: its output, and the data that every step hands to the next
ASKED: Final = "asked"
CREATED: Final = "created"
READ_BACK: Final = "read"
FAILED: Final = "failed"
REGIONS: Final = "regions"
"""By the region that answered: ``{"us-east-1": {"created": 3, "read": 3}}``."""

# An order that was acknowledged, in the answer of the function that placed it
CREATED_IN: Final = "createdIn"
READ_IN: Final = "readIn"

# Environment of the functions
DOMAIN_NAME: Final = "DOMAIN_NAME"
"""The one name that the load goes to: signed requests are sent nowhere else."""

# Functions
FILL_FUNCTION: Final = "fill"
ORDER_FUNCTION: Final = "order"
HANDLERS: Final[Mapping[str, str]] = {
    FILL_FUNCTION: "functions.load.fill.handler",
    ORDER_FUNCTION: "functions.load.order.handler",
}
ROUTES: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    FILL_FUNCTION: (("POST", orders.FILL_PATH),),
    ORDER_FUNCTION: (("GET", orders.ORDERS_PATH), ("POST", orders.ORDERS_PATH)),
}
"""The methods and paths of the API that each function calls: it may invoke these and no others."""
