"""What one region's replicas are: settings, protection, and what DynamoDB says about replication."""

from collections.abc import Iterator, Mapping
from typing import Any

from functions.orders.contract import TABLES
from ops.checks.findings import State
from ops.deployed.deployment import Stack
from ops.parity.neutral import RegionNeutral
from ops.parity.rows import Facts, Row

ACTIVE = "ACTIVE"
STRONG = "STRONG"
SECTION = "tables"
REPLICAS = "replicas"
SETTINGS = (
    "KeySchema",
    "AttributeDefinitions",
    "MultiRegionConsistency",
    "GlobalTableVersion",
    "DeletionProtectionEnabled",
    "OnDemandThroughput",
)

Replicas = Mapping[str, str]
"""Region -> the state of a table's replica there."""


def facts(client: Any, stack: Stack, neutral: RegionNeutral) -> Facts:
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


def replicas(client: Any, stack: Stack) -> Mapping[str, Replicas]:
    """By table: the state of every replica as one region sees it; `client` is DynamoDB's of that region."""
    return {
        table: _states(client.describe_table(TableName=stack.table_names[table])["Table"], stack.region)
        for table in TABLES
    }


def status(seen: Mapping[str, Mapping[str, Replicas]]) -> list[Row]:
    """Whether the replicas of the regions that were read are there and active, as each of those sees them."""
    return [
        _status(table, {region: found[table] for region, found in seen.items()}) for table in TABLES if seen
    ]


def _status(table: str, seen: Mapping[str, Replicas]) -> Row:
    bad = sorted(
        region for region, states in seen.items() if any(states.get(other) != ACTIVE for other in seen)
    )
    return Row(
        section=REPLICAS,
        item=f"{table} replicas",
        values={region: _words(states) for region, states in seen.items()},
        state=State.FAILED if bad else State.OK,
        note=f"not active everywhere, as seen in {', '.join(bad)}" if bad else "",
    )


def _states(table: Mapping[str, Any], region: str) -> Replicas:
    # The region that is asked describes itself as the table, the others as replicas.
    return {
        **{one["RegionName"]: str(one.get("ReplicaStatus")) for one in table.get("Replicas", [])},
        region: str(table["TableStatus"]),
    }


def _words(states: Replicas) -> str:
    return ", ".join(f"{region} {state}" for region, state in sorted(states.items()))
