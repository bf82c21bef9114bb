"""The order service as something to deploy: its tables, functions and routes, and what its canaries read.

Foundation and Region hand it to the components. Names that the functions themselves need are in
functions/orders/contract.py. Standard library only, so that a tool can import it without Pulumi.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from functions.orders import contract

TABLES: Final[Mapping[str, str]] = contract.TABLE_KEYS
"""The attribute that is a table's hash key (a text), by the table's name."""


@dataclass(frozen=True, kw_only=True)
class FunctionSpec:
    """One Lambda function of the service."""

    handler: str
    timeout_seconds: int
    layers: tuple[str, ...]
    tables: tuple[str, ...]
    """Those whose physical names it needs."""


# Timeouts are below API Gateway's 29 s, above what a function gives itself for its work (functions/orders).
FUNCTIONS: Final[Mapping[str, FunctionSpec]] = {
    contract.CREATE: FunctionSpec(
        handler=contract.HANDLERS[contract.CREATE],
        timeout_seconds=8,
        layers=("powertools",),
        tables=contract.FUNCTION_TABLES[contract.CREATE],
    ),
    contract.READ: FunctionSpec(
        handler=contract.HANDLERS[contract.READ],
        timeout_seconds=8,
        layers=("powertools",),
        tables=contract.FUNCTION_TABLES[contract.READ],
    ),
    contract.FILL: FunctionSpec(
        handler=contract.HANDLERS[contract.FILL],
        timeout_seconds=28,
        layers=("powertools", "ulid"),
        tables=contract.FUNCTION_TABLES[contract.FILL],
    ),
}
CUSTOMER_FUNCTIONS: Final = (contract.CREATE, contract.READ)
"""Those that answer customers, with one timeout; fill makes test data and takes longer."""


def functions(*, fill: bool) -> Mapping[str, FunctionSpec]:
    """Those that are deployed."""
    return {name: spec for name, spec in FUNCTIONS.items() if fill or name != contract.FILL}


ALL_REGIONS: Final = "*"
"""As signing region: SigV4a, good in every region."""

# The order that canaries read: the same in every deployment, so that nobody has to look up an id. Its ids
# look like ULIDs of the first millisecond, which nothing else makes.
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


def expected_order() -> Mapping[str, object]:
    """What the API must answer to a canary, at least."""
    return {
        contract.ORDER_ID: CANARY_ORDER,
        contract.PRODUCT_ID: CANARY_PRODUCT,
        contract.CUSTOMER_ID: CANARY_CUSTOMER,
        contract.ORDER_STATUS: contract.CONFIRMED,
        contract.ORDER_TOTAL: contract.DEFAULT_ORDER_TOTAL,
    }


def canary_routes() -> Sequence[str]:
    """What the canaries' script calls, and nothing else."""
    return (f"GET {contract.HEALTH_PATH}", f"GET {contract.ORDERS_PATH}")


def canary_check(base_url: str, *, signing_region: str, regions: Sequence[str]) -> Mapping[str, str]:
    """The script's environment: which calls to make, how to sign them, and what the answers must say.

    One of `regions` answers; `signing_region` is a region or ALL_REGIONS. Canaries import nothing of ours, so
    all names come to them this way.
    """
    query = f"{contract.ORDER_ID_PARAMETER}={CANARY_ORDER}&{contract.PRODUCT_ID_PARAMETER}={CANARY_PRODUCT}"
    return {
        "HEALTH_URL": f"{base_url}{contract.HEALTH_PATH}",
        "ORDER_URL": f"{base_url}{contract.ORDERS_PATH}?{query}",
        "EXPECTED_ORDER": json.dumps(expected_order(), sort_keys=True),
        "EXPECTED_REGIONS": ",".join(regions),
        "REGION_HEADER": contract.REGION_HEADER,
        "SIGNING_REGION": signing_region,
    }


def canary_result_metric(region: str, observer_region: str) -> Mapping[str, str]:
    """The environment that lets the script put its run's result as a metric into the observer region."""
    return {
        "RESULT_METRIC": json.dumps(
            {
                "region": observer_region,
                "namespace": contract.METRICS_NAMESPACE,
                "name": contract.REGION_CHECK,
                "dimensions": {contract.REGION_DIMENSION: region},
            },
            sort_keys=True,
        )
    }
