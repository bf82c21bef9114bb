"""What became of the load generators' orders, by reading every region's tables."""

import time
from collections.abc import Callable, Mapping, Sequence

from ops.deployed.tables import RegionTables
from ops.drill.measure.ledger import Promise
from ops.drill.measure.orders_check import Aftermath, aftermath
from ops.load.generator import Acknowledged

# Replication and what an outage held up must have arrived by then, in seconds.
SPREAD_OUT = 60.0


def load_aftermath(
    acknowledged: Sequence[Acknowledged],
    tables: Mapping[str, RegionTables],
    *,
    seconds: float = SPREAD_OUT,
    clock: Callable[[], float] = time.monotonic,
    pause: Callable[[float], None] = time.sleep,
) -> Aftermath:
    """Hold the acknowledged orders against each region, until all are everywhere or no more come."""
    promised = [
        Promise(order_id=one.order_id, product_id=one.product_id, answered=0.0, region="")
        for one in acknowledged
    ]
    ids = [one.order_id for one in acknowledged]
    deadline = clock() + seconds
    while True:
        stored = {region: held.orders(ids) for region, held in tables.items()}
        found = aftermath(promised, stored)
        if found.everywhere or clock() >= deadline:
            return found
        pause(1.0)
