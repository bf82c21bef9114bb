"""DynamoDB's global tables in the emulator: replication with lag, strong consistency, links that can be cut.

store.py          the emulator's tables: reading and writing one item of one replica
global_tables.py  replicas: what a write sends to the others, and what arrives
replication.py    lag, order and last writer wins of one link, without the emulator
consistency.py    MRSC: who can reach whom, which requests are refused, writes in more than one region
updates.py        UpdateTable and DescribeTable of global tables
backups.py        what a deleted table leaves
point_in_time.py  a table as it was at a second of the past
leading_keys.py   the IAM condition key dynamodb:LeadingKeys
metrics.py        AWS/DynamoDB ReplicationLatency
call_metrics.py   AWS/DynamoDB's metrics of each request
capacity.py       the units that a request consumes
admin.py          links and lags in the administration API
"""

import asyncio
import random
import time

from twin.aws.dynamodb import admin, backups, call_metrics, leading_keys, metrics, updates
from twin.aws.dynamodb.consistency import StrongTables
from twin.aws.dynamodb.global_tables import GlobalTables, Replicated
from twin.aws.dynamodb.point_in_time import Histories
from twin.aws.dynamodb.replication import Lag, Replication
from twin.core import Core

__all__ = ["GlobalTables", "Replicated", "install"]


def install(core: Core) -> None:
    """Replace the emulator's synchronous replication, and teach it what it does not know of global tables."""
    settings = core.settings
    lag = Lag(p50=settings.replication_lag_p50, p99=settings.replication_lag_p99)
    tables = GlobalTables(account_id=settings.account_id)
    replication = Replication(
        clock=time.monotonic,
        chance=random.Random(settings.seed),
        schedule=lambda delay, callback: asyncio.get_running_loop().call_later(delay, callback),
        deliver=tables.deliver,
        lag=lag,
    )
    strong = StrongTables(
        replication, tables, is_up=lambda region: region not in settings.regions or core.outages.is_up(region)
    )
    tables.install(replication, strong)
    tables.observers.append(metrics.replication_latency(settings.account_id))
    core.watchers.append(call_metrics.measuring(settings.account_id))
    strong.install()
    updates.install(tables)
    backups.install()
    Histories().install()
    leading_keys.install()
    admin.install(core, replication, strong)

    async def down(region: str) -> None:
        replication.set_down(region, True)

    async def up(region: str) -> None:
        replication.set_down(region, False)

    core.outages.on_region_down(down)
    core.outages.on_region_up(up)
