"""UpdateTable and DescribeTable of global tables, as botocore's model of DynamoDB describes them."""

from collections.abc import Callable
from typing import Any

from ministack.core import responses
from ministack.services import dynamodb

from twin.aws.dynamodb import store
from twin.aws.dynamodb.global_tables import STRONG, WITNESS, GlobalTables
from twin.aws.dynamodb.store import MODULE, Table
from twin.aws.hooks import HookedName, declare, replace

Json = dict[str, Any]

# The Region sets of MRSC (API reference of CreateGlobalTableWitnessGroupMemberAction).
REGION_SETS = (
    frozenset({"us-east-1", "us-east-2", "us-west-2"}),
    frozenset({"eu-west-1", "eu-west-2", "eu-west-3", "eu-central-1"}),
    frozenset({"ap-northeast-1", "ap-northeast-2", "ap-northeast-3"}),
)
MEMBERS = 3
# AWS has Disassociate too: the replica becomes a table of its own (API reference, ReplicationGroupUpdate).
_REPLICA_ACTIONS = frozenset({"Create", "Update", "Delete"})
# What a new on-demand table can do at once (DynamoDB Developer Guide, "Warm throughput").
NEW_ON_DEMAND = {"ReadUnitsPerSecond": 12_000, "WriteUnitsPerSecond": 4_000, "Status": "ACTIVE"}
_STREAM: tuple[str, ...] = ("StreamSpecification", "LatestStreamArn", "LatestStreamLabel")

declare(
    HookedName(module=MODULE, attribute="_ttl_settings"),
    HookedName(module=MODULE, attribute="_tags.pop_scoped"),
)


class InvalidError(Exception):
    """A request that DynamoDB answers with a ValidationException."""


def install(tables: GlobalTables) -> None:
    """Hook UpdateTable and the description of tables."""
    replace(HookedName(module=MODULE, attribute="_update_table", signature="(data)"), _updating)
    replace(
        HookedName(module=MODULE, attribute="_table_description", signature="(name)"),
        lambda original: _describing(original, tables.account_id),
    )


def _updating(original: Callable[[Json], Any]) -> Callable[[Json], Any]:
    def update_table(data: Json) -> Any:
        table = store.table_here(data.get("TableName"))
        if table is None:
            return original(data)
        lacking = _unmodelled(table, data)
        if lacking:
            message = f"not in the twin: dynamodb.UpdateTable with {lacking}"
            return responses.error_response_json("NotImplemented", message, 501)
        try:
            strong = _checked(table, data)
        except InvalidError as error:
            return responses.error_response_json("ValidationException", str(error), 400)
        return _update_strongly(original, table, data) if strong else _update(original, table, data)

    return update_table


def _unmodelled(table: Table, data: Json) -> str | None:
    """What of a request the emulator would leave undone, or refuse for a wrong reason."""
    actions = {action for update in _listed(data, "ReplicaUpdates") for action in update}
    if unknown := sorted(actions - _REPLICA_ACTIONS):
        return f"ReplicaUpdates.{unknown[0]}"
    if data.get("GlobalSecondaryIndexUpdates") and store.regions_of(table):
        # DynamoDB gives every replica the index; the emulator only the one that is asked.
        return "GlobalSecondaryIndexUpdates on a global table"
    return None


def _checked(table: Table, data: Json) -> bool:
    """Whether an update makes a strongly consistent global table; raises InvalidError."""
    created, deleted = _regions(data, "ReplicaUpdates", "Create"), _regions(data, "ReplicaUpdates", "Delete")
    witnesses = _regions(data, "GlobalTableWitnessUpdates", "Create")
    lost_witnesses = _regions(data, "GlobalTableWitnessUpdates", "Delete")
    mode = data.get("MultiRegionConsistency")
    if table.get(STRONG):
        _check_change(table, created, deleted, lost_witnesses)
    elif lost_witnesses:
        raise InvalidError("The table has no witness to delete.")
    if mode is not None and (not created or store.regions_of(table)):
        raise InvalidError(
            "MultiRegionConsistency can be given only when a global table is made: with a Create action in "
            "ReplicaUpdates, on a table that has no replicas yet."
        )
    if mode != "STRONG":
        if witnesses:
            raise InvalidError("A witness needs MultiRegionConsistency STRONG.")
        return False
    _check_new(table, created, witnesses)
    return True


def _check_change(table: Table, created: list[str], deleted: list[str], lost_witnesses: list[str]) -> None:
    """A strongly consistent global table keeps its regions, or goes back to a table in one region."""
    if created:
        raise InvalidError(
            "A replica cannot be added to a global table with multi-Region strong consistency."
        )
    if not deleted and not lost_witnesses:
        return
    region = store.account_and_region()[1]
    others = set(store.regions_of(table)) - {region}
    witness = {table[WITNESS]} if table.get(WITNESS) else set()
    if set(deleted) != others or set(lost_witnesses) != witness:
        raise InvalidError(
            "All other members of a global table with multi-Region strong consistency are deleted together: "
            f"replicas {sorted(others)}, witness {sorted(witness)}."
        )


def _check_new(table: Table, created: list[str], witnesses: list[str]) -> None:
    region = store.account_and_region()[1]
    members = {region, *created, *witnesses}
    if len(witnesses) > 1 or len(created) + len(witnesses) + 1 != MEMBERS or len(members) != MEMBERS:
        raise InvalidError(
            "Multi-Region strong consistency needs exactly three different Regions: "
            "three replicas, or two replicas and a witness."
        )
    if not any(members <= one for one in REGION_SETS):
        raise InvalidError(f"The Regions {', '.join(sorted(members))} are not in one Region set.")
    if any(table["items"].values()):
        raise InvalidError("The table must be empty to get multi-Region strong consistency.")
    if table.get("LocalSecondaryIndexes"):
        raise InvalidError("Local secondary indexes are not supported with multi-Region strong consistency.")
    ttl = dynamodb._ttl_settings.get(table["TableName"], {})
    if ttl.get("TimeToLiveStatus") == "ENABLED":
        raise InvalidError("Time to Live is not supported with multi-Region strong consistency.")


def _update_strongly(original: Callable[[Json], Any], table: Table, data: Json) -> Any:
    """The emulator makes the replicas; streams stay as they are here, and are off on the new replicas."""
    streams = {name: table[name] for name in _STREAM if name in table}
    witnesses = _regions(data, "GlobalTableWitnessUpdates", "Create")
    table[STRONG], table[WITNESS] = True, witnesses[0] if witnesses else None
    answer = original(data)
    if answer[0] != 200:
        table[STRONG], table[WITNESS] = False, None
        return answer
    account_id, region = store.account_and_region()
    for other in store.regions_of(table):
        replica = store.table(account_id, other, table["TableName"])
        if replica is not None:
            for name in _STREAM:
                replica.pop(name, None)
            if other == region:
                replica.update(streams)
    return responses.json_response({"TableDescription": dynamodb._table_description(table["TableName"])})


def _update(original: Callable[[Json], Any], table: Table, data: Json) -> Any:
    answer = original(data)
    if answer[0] == 200:
        _forget_tags(table, _regions(data, "ReplicaUpdates", "Delete"))
    if answer[0] == 200 and table.get(STRONG) and not store.regions_of(table):
        table[STRONG], table[WITNESS] = False, None
        return responses.json_response({"TableDescription": dynamodb._table_description(table["TableName"])})
    return answer


def _forget_tags(table: Table, regions: list[str]) -> None:
    """A deleted replica's tags go with it, as a deleted table's do."""
    account_id, _ = store.account_and_region()
    for region in regions:
        arn = f"arn:aws:dynamodb:{region}:{account_id}:table/{table['TableName']}"
        dynamodb._tags.pop_scoped(account_id, region, arn, None)


def _describing(original: Callable[[str], Json], account_id: str) -> Callable[[str], Json]:
    def table_description(name: str) -> Json:
        description = original(name)
        table = store.table_here(name)
        if description.get("BillingModeSummary", {}).get("BillingMode") == "PAY_PER_REQUEST":
            # The emulator says 0, which DynamoDB never does: its least value is 1.
            description["WarmThroughput"] = (table or {}).get("WarmThroughput") or dict(NEW_ON_DEMAND)
        if table is None or not store.regions_of(table):
            return description
        description["MultiRegionConsistency"] = "STRONG" if table.get(STRONG) else "EVENTUAL"
        if table.get(WITNESS):
            description["GlobalTableWitnesses"] = [{"RegionName": table[WITNESS], "WitnessStatus": "ACTIVE"}]
        for replica in description.get("Replicas", []):
            region = replica["RegionName"]
            replica["ReplicaArn"] = f"arn:aws:dynamodb:{region}:{account_id}:table/{table['TableName']}"
        return description

    return table_description


def _regions(data: Json, member: str, action: str) -> list[str]:
    return [
        str(update[action].get("RegionName"))
        for update in _listed(data, member)
        if isinstance(update.get(action), dict)
    ]


def _listed(data: Json, member: str) -> list[Json]:
    updates = data.get(member)
    return [one for one in updates if isinstance(one, dict)] if isinstance(updates, list) else []
