"""What one region's replicas are: settings, protection, and what DynamoDB says about replication."""

from collections.abc import Iterator, Mapping
from typing import Any

from functions.orders.contract import TABLES
from ops.deployment import Stack
from ops.findings import State
from ops.parity.neutral import Neutral
from ops.parity.rows import Facts, Row

ACTIVE = "ACTIVE"
STRONG = "STRONG"
SECTION = "tables"
SETTINGS = (
    "KeySchema",
    "AttributeDefinitions",
    "MultiRegionConsistency",
    "GlobalTableVersion",
    "DeletionProtectionEnabled",
    "OnDemandThroughput",
)


def facts(client: Any, stack: Stack, neutral: Neutral) -> Facts:
    """By table and setting; `client` is DynamoDB's."""
    found = {}
    for table in TABLES:
        for setting, value in _one(client, stack.table_names[table]):
            found[f"{table} {setting}"] = neutral.text(value)
    return found


def _one(client: Any, name: str) -> Iterator[tuple[str, Any]]:
    table: Mapping[str, Any] = client.describe_table(TableName=name)["Table"]
    for setting in SETTINGS:
        if setting in table:
            yield setting, table[setting]
    yield "billing mode", table.get("BillingModeSummary", {}).get("BillingMode", "PROVISIONED")
    yield "class", table.get("TableClassSummary", {}).get("TableClass", "STANDARD")
    yield "encryption", table.get("SSEDescription", {}).get("SSEType", "owned by AWS")
    yield "indexes", sorted(one["IndexName"] for one in table.get("GlobalSecondaryIndexes", []))
    if table.get("MultiRegionConsistency") != STRONG:
        # A strong table has no stream outside the primary's region, on purpose.
        yield "stream", table.get("StreamSpecification", "none")
    backups = client.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
    recovery = backups.get("PointInTimeRecoveryDescription", {})
    yield "point-in-time recovery", recovery.get("PointInTimeRecoveryStatus", "DISABLED")
    live = client.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
    yield "time to live", [live.get("TimeToLiveStatus", "DISABLED"), live.get("AttributeName", "")]


def status(clients: Mapping[str, Any], stack: Stack) -> list[Row]:
    """Whether every replica is there and active, as each region sees it. `clients` are by region."""
    rows = []
    for table in TABLES:
        seen = {
            region: _replicas(client.describe_table(TableName=stack.table_names[table])["Table"], region)
            for region, client in clients.items()
        }
        bad = {
            region
            for region, replicas in seen.items()
            if any(replicas.get(other) != ACTIVE for other in clients)
        }
        rows.append(
            Row(
                section=SECTION,
                item=f"{table} replicas",
                values={region: _words(replicas) for region, replicas in seen.items()},
                state=State.FAILED if bad else State.OK,
                note=f"not active everywhere, as seen in {', '.join(sorted(bad))}" if bad else "",
            )
        )
    return rows


def _replicas(table: Mapping[str, Any], region: str) -> dict[str, str]:
    # The region that is asked describes itself as the table, the others as replicas.
    return {
        **{one["RegionName"]: str(one.get("ReplicaStatus")) for one in table.get("Replicas", [])},
        region: str(table["TableStatus"]),
    }


def _words(replicas: Mapping[str, str]) -> str:
    return ", ".join(f"{region} {state}" for region, state in sorted(replicas.items()))
