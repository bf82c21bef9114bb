"""The order that the canaries read: its ids and its items, the same in every deployment.

Standard library only, so that a tool can leave these items alone without Pulumi.
"""

from collections.abc import Mapping
from typing import Any, Final

from functions.orders import contract

# They look like ULIDs of the first millisecond, which nothing else makes.
CANARY_CUSTOMER: Final = "0000000000CANARY0000000001"
CANARY_PRODUCT: Final = "0000000000CANARY0000000002"
CANARY_ORDER: Final = "0000000000CANARY0000000003"
CANARY_IDS: Final[Mapping[str, str]] = {
    contract.CUSTOMERS: CANARY_CUSTOMER,
    contract.PRODUCTS: CANARY_PRODUCT,
    contract.ORDERS: CANARY_ORDER,
}
"""By table. Clean-up leaves these items alone although they are marked Synthetic."""

_WRITTEN_AT: Final = "1970-01-01T00:00:00.000000Z"


def expected_order() -> Mapping[str, object]:
    """What the API must answer to a canary, at least."""
    return {
        contract.ORDER_ID: CANARY_ORDER,
        contract.PRODUCT_ID: CANARY_PRODUCT,
        contract.CUSTOMER_ID: CANARY_CUSTOMER,
        contract.ORDER_STATUS: contract.CONFIRMED,
        contract.ORDER_TOTAL: contract.DEFAULT_ORDER_TOTAL,
    }


def canary_items(region: str) -> Mapping[str, Mapping[str, Any]]:
    """The three items in DynamoDB's form by table, as an order in `region` would have left them."""
    synthetic = {contract.SYNTHETIC_ATTRIBUTE: {"BOOL": True}}
    return {
        contract.CUSTOMERS: {contract.CUSTOMER_ID: {"S": CANARY_CUSTOMER}, **synthetic},
        contract.PRODUCTS: {
            contract.PRODUCT_ID: {"S": CANARY_PRODUCT},
            contract.PRODUCT_STATUS: {"S": contract.SOLD},
            contract.ORDER_ID: {"S": CANARY_ORDER},
            contract.CUSTOMER_ID: {"S": CANARY_CUSTOMER},
            contract.SOLD_AT: {"S": _WRITTEN_AT},
            contract.SOLD_IN: {"S": region},
            **synthetic,
        },
        contract.ORDERS: {
            contract.ORDER_ID: {"S": CANARY_ORDER},
            contract.PRODUCT_ID: {"S": CANARY_PRODUCT},
            contract.CUSTOMER_ID: {"S": CANARY_CUSTOMER},
            contract.ORDER_STATUS: {"S": contract.CONFIRMED},
            contract.ORDER_TOTAL: {"N": str(contract.DEFAULT_ORDER_TOTAL)},
            contract.CREATED_AT: {"S": _WRITTEN_AT},
            contract.REGION: {"S": region},
            **synthetic,
        },
    }
