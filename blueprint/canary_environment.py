"""What the canaries' script is told: canaries import nothing of ours, so all names come this way."""

import json
from collections.abc import Mapping, Sequence
from typing import Final

from blueprint.canary_order import CANARY_ORDER, CANARY_PRODUCT, expected_order
from functions.orders import contract

ALL_REGIONS: Final = "*"
"""As signing region: SigV4a, good in every region."""


def check(base_url: str, *, signing_region: str, regions: Sequence[str]) -> Mapping[str, str]:
    """Which calls to make, how to sign them, and what the answers must say; one of `regions` answers."""
    query = f"{contract.ORDER_ID_PARAMETER}={CANARY_ORDER}&{contract.PRODUCT_ID_PARAMETER}={CANARY_PRODUCT}"
    return {
        "HEALTH_URL": f"{base_url}{contract.HEALTH_PATH}",
        "ORDER_URL": f"{base_url}{contract.ORDERS_PATH}?{query}",
        "EXPECTED_ORDER": json.dumps(expected_order(), sort_keys=True),
        "EXPECTED_REGIONS": ",".join(regions),
        "REGION_HEADER": contract.REGION_HEADER,
        "SIGNING_REGION": signing_region,
    }


def result_metric(region: str, observer_region: str) -> Mapping[str, str]:
    """Where and under what name the run's result is put as a metric."""
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


def routes() -> Sequence[str]:
    """What the script calls, and nothing else."""
    return (f"GET {contract.HEALTH_PATH}", f"GET {contract.ORDERS_PATH}")
