"""DynamoDB tables, their replicas, and items that belong to the infrastructure."""
# ruff: noqa: ARG002 - every handler answers to one interface, whichever of its arguments a type needs

import json
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from twin.deploy.context import Aws
from twin.deploy.errors import ResourceError
from twin.deploy.names import AutoName
from twin.deploy.resources.base import (
    Handler,
    Inputs,
    Made,
    Outputs,
    compact,
    error_code,
    first,
    found,
    half_made,
    ignore_gone,
    paths,
    tag_changes,
    tag_list,
    tags_of,
)


class Table(Handler):
    pulumi_type = "aws:dynamodb/table:Table"
    accepts = paths(
        "name",
        "attributes.name",
        "attributes.type",
        "billingMode",
        "hashKey",
        "rangeKey",
        "streamEnabled",
        "streamViewType",
        "pointInTimeRecovery.enabled",
        "deletionProtectionEnabled",
        "serverSideEncryption.enabled",
        "serverSideEncryption.kmsKeyArn",
        "replicas.regionName",
        "replicas.consistencyMode",
        "replicas.pointInTimeRecovery",
        "replicas.deletionProtectionEnabled",
        "replicas.propagateTags",
        "globalTableWitness.regionName",
        "tags.*",
    )
    replaces = frozenset({"name", "hashKey", "rangeKey", "globalTableWitness"})
    autoname = AutoName(argument="name", limit=255)

    def create(self, aws: Aws, inputs: Inputs) -> Made:
        name = inputs["name"]
        aws.client("dynamodb").create_table(**_create_request(inputs))
        with half_made(name):
            _wait_active(aws, name)
            if _recovery(inputs):
                _set_recovery(aws, name, True)
            _add_replicas(aws, name, inputs, inputs.get("replicas") or [])
            return Made(identity=name, outputs=self._outputs(aws, name, inputs))

    def read(self, aws: Aws, identity: str, inputs: Inputs) -> Outputs | None:
        table = _describe(aws, identity)
        return {**self._outputs(aws, identity, inputs), **_observed(aws, table)} if table else None

    def update(self, aws: Aws, identity: str, old: Inputs, new: Inputs) -> Outputs:
        _wait_active(aws, identity)
        for change in _table_changes(old, new):
            aws.client("dynamodb").update_table(TableName=identity, **change)
            _wait_active(aws, identity)
        if _recovery(old) != _recovery(new):
            _set_recovery(aws, identity, _recovery(new))
        _change_replicas(aws, identity, old, new)
        _change_tags(aws, _described(aws, identity)["TableArn"], old, new)
        return self._outputs(aws, identity, new)

    def delete(self, aws: Aws, identity: str, inputs: Inputs, outputs: Mapping[str, Any]) -> None:
        table = _describe(aws, identity)
        if table is None:
            return
        _remove_replicas(aws, identity, inputs.get("replicas") or [], first(inputs.get("globalTableWitness")))
        ignore_gone(aws.client("dynamodb").delete_table, TableName=identity)
        aws.wait(
            f"The deletion of table {identity}", lambda: True if _describe(aws, identity) is None else None
        )

    def _outputs(self, aws: Aws, name: str, inputs: Inputs) -> Outputs:
        table = _described(aws, name)
        throughput = table.get("ProvisionedThroughput") or {}
        stream = (table.get("StreamSpecification") or {}).get("StreamEnabled", False)
        return {
            "name": name,
            "arn": table["TableArn"],
            "hashKey": inputs.get("hashKey"),
            "streamEnabled": stream,
            "streamArn": table.get("LatestStreamArn", ""),
            "streamLabel": table.get("LatestStreamLabel", ""),
            "readCapacity": throughput.get("ReadCapacityUnits", 0),
            "writeCapacity": throughput.get("WriteCapacityUnits", 0),
            "replicas": [_replica_output(aws, name, replica) for replica in inputs.get("replicas") or []],
            "pointInTimeRecovery": {"enabled": _recovery(inputs)},
        }


class TableReplica(Handler):
    pulumi_type = "aws:dynamodb/tableReplica:TableReplica"
    accepts = paths(
        "globalTableArn", "pointInTimeRecovery", "deletionProtectionEnabled", "kmsKeyArn", "tags.*"
    )
    replaces = frozenset({"globalTableArn", "kmsKeyArn"})
    # The replica's name is the table's: two cannot stand side by side.
    delete_before_replace = True

    def create(self, aws: Aws, inputs: Inputs) -> Made:
        name, main = _name_and_region(inputs["globalTableArn"])
        if main == aws.region:
            raise ResourceError(
                f"replica of table {name} is in the table's own region {main}. "
                f"Give the replica the provider of another region."
            )
        member = compact(RegionName=aws.region, KMSMasterKeyId=inputs.get("kmsKeyArn"))
        _update_replicas(aws.in_region(main), name, [{"Create": member}])
        identity = f"{name}:{main}"
        with half_made(identity):
            _wait_replica(aws.in_region(main), name, aws.region)
            return Made(identity=identity, outputs=self.update(aws, identity, {}, inputs))

    def read(self, aws: Aws, identity: str, inputs: Inputs) -> Outputs | None:
        table = _describe(aws, identity.split(":")[0])
        if table is None:
            return None
        seen = _observed(aws, table)
        return {
            "arn": table["TableArn"],
            "pointInTimeRecovery": seen["pointInTimeRecovery"]["enabled"],
            "deletionProtectionEnabled": seen["deletionProtectionEnabled"],
            "tags": seen["tags"],
        }

    def update(self, aws: Aws, identity: str, old: Inputs, new: Inputs) -> Outputs:
        name = identity.split(":")[0]
        if bool(old.get("pointInTimeRecovery")) != bool(new.get("pointInTimeRecovery")):
            _set_recovery(aws, name, bool(new.get("pointInTimeRecovery")))
        if bool(old.get("deletionProtectionEnabled")) != bool(new.get("deletionProtectionEnabled")):
            _set_protection(aws, name, bool(new.get("deletionProtectionEnabled")))
        arn = _described(aws, name)["TableArn"]
        _change_tags(aws, arn, old, new)
        return {"arn": arn}

    def delete(self, aws: Aws, identity: str, inputs: Inputs, outputs: Mapping[str, Any]) -> None:
        name, main = identity.split(":", 1)
        table = _describe(aws, name)
        if table is None:
            return
        if table.get("DeletionProtectionEnabled"):
            raise ResourceError(
                f"replica of table {name} in {aws.region} has deletion protection enabled. "
                f"Deploy with protect=false first, then remove it."
            )
        _update_replicas(aws.in_region(main), name, [{"Delete": {"RegionName": aws.region}}])
        aws.wait(f"The deletion of {name}'s replica", lambda: True if _describe(aws, name) is None else None)


def _observed(aws: Aws, table: Mapping[str, Any]) -> Outputs:
    """The settings of a table, or of one region's replica, as arguments of a table."""
    client = aws.client("dynamodb")
    stream = table.get("StreamSpecification") or {}
    backups = client.describe_continuous_backups(TableName=table["TableName"])
    recovery = backups["ContinuousBackupsDescription"].get("PointInTimeRecoveryDescription") or {}
    tags = client.list_tags_of_resource(ResourceArn=table["TableArn"])["Tags"]
    return {
        "attributes": [
            {"name": a["AttributeName"], "type": a["AttributeType"]} for a in table["AttributeDefinitions"]
        ],
        "billingMode": (table.get("BillingModeSummary") or {}).get("BillingMode", "PROVISIONED"),
        "streamViewType": stream.get("StreamViewType", ""),
        "deletionProtectionEnabled": table.get("DeletionProtectionEnabled", False),
        "pointInTimeRecovery": {"enabled": recovery.get("PointInTimeRecoveryStatus") == "ENABLED"},
        "tags": tags_of(tags),
    }


class TableItem(Handler):
    pulumi_type = "aws:dynamodb/tableItem:TableItem"
    accepts = paths("tableName", "hashKey", "rangeKey", "item")
    replaces = frozenset({"tableName", "hashKey", "rangeKey"})

    def create(self, aws: Aws, inputs: Inputs) -> Made:
        """As the provider does: an item of that key that exists is not overwritten."""
        aws.client("dynamodb").put_item(
            TableName=inputs["tableName"],
            Item=json.loads(inputs["item"]),
            ConditionExpression="attribute_not_exists(#key)",
            ExpressionAttributeNames={"#key": inputs["hashKey"]},
        )
        return Made(identity=_item_identity(inputs), outputs=dict(inputs))

    def read(self, aws: Aws, identity: str, inputs: Inputs) -> Outputs | None:
        answer = found(
            aws.client("dynamodb").get_item,
            TableName=inputs["tableName"],
            Key=_item_key(inputs),
            ConsistentRead=True,
        )
        item = (answer or {}).get("Item")
        return {**inputs, "item": json.dumps(item, sort_keys=True)} if item else None

    def update(self, aws: Aws, identity: str, old: Inputs, new: Inputs) -> Outputs:
        """The new item takes the place of the old one, which goes if its key was another."""
        aws.client("dynamodb").put_item(TableName=new["tableName"], Item=json.loads(new["item"]))
        if old and _item_key(old) != _item_key(new):
            self.delete(aws, identity, old, {})
        return dict(new)

    def delete(self, aws: Aws, identity: str, inputs: Inputs, outputs: Mapping[str, Any]) -> None:
        ignore_gone(aws.client("dynamodb").delete_item, TableName=inputs["tableName"], Key=_item_key(inputs))


def _item_key(inputs: Inputs) -> dict[str, Any]:
    item = json.loads(inputs["item"])
    return {name: item[name] for name in (inputs["hashKey"], inputs.get("rangeKey")) if name}


def _item_identity(inputs: Inputs) -> str:
    parts = [f"{name}|{next(iter(value.values()))}" for name, value in _item_key(inputs).items()]
    return "|".join([inputs["tableName"], *parts])


def _create_request(inputs: Inputs) -> dict[str, Any]:
    keys = [{"AttributeName": inputs["hashKey"], "KeyType": "HASH"}]
    if inputs.get("rangeKey"):
        keys.append({"AttributeName": inputs["rangeKey"], "KeyType": "RANGE"})
    mode = inputs.get("billingMode") or "PROVISIONED"
    if mode != "PAY_PER_REQUEST":
        raise ResourceError(
            f"billingMode is {mode!r}; a table with replicas in the twin needs 'PAY_PER_REQUEST'."
        )
    attributes = inputs.get("attributes") or []
    return compact(
        TableName=inputs["name"],
        AttributeDefinitions=[{"AttributeName": a["name"], "AttributeType": a["type"]} for a in attributes],
        KeySchema=keys,
        BillingMode=mode,
        StreamSpecification=_stream(inputs) if inputs.get("streamEnabled") else None,
        SSESpecification=_encryption(inputs),
        DeletionProtectionEnabled=bool(inputs.get("deletionProtectionEnabled")),
        Tags=tag_list(inputs.get("tags") or {}) or None,
    )


def _table_changes(old: Inputs, new: Inputs) -> list[dict[str, Any]]:
    """One UpdateTable request for each changed setting: AWS takes these one at a time."""
    changes: list[dict[str, Any]] = []
    if bool(old.get("deletionProtectionEnabled")) != bool(new.get("deletionProtectionEnabled")):
        changes.append({"DeletionProtectionEnabled": bool(new.get("deletionProtectionEnabled"))})
    # A half-made table (nothing known of before) already has its stream: AWS refuses to enable it twice.
    if old and _stream(old) != _stream(new):
        if _stream(old)["StreamEnabled"] and _stream(new)["StreamEnabled"]:
            changes.append({"StreamSpecification": {"StreamEnabled": False}})
        changes.append({"StreamSpecification": _stream(new)})
    if old and _encryption(old) != _encryption(new):
        changes.append({"SSESpecification": _encryption(new) or {"Enabled": False}})
    return changes


def _stream(inputs: Inputs) -> dict[str, Any]:
    if not inputs.get("streamEnabled"):
        return {"StreamEnabled": False}
    return {"StreamEnabled": True, "StreamViewType": inputs.get("streamViewType") or "NEW_AND_OLD_IMAGES"}


def _encryption(inputs: Inputs) -> dict[str, Any] | None:
    block = first(inputs.get("serverSideEncryption"))
    if not block or not block.get("enabled"):
        return None
    return compact(Enabled=True, SSEType="KMS", KMSMasterKeyId=block.get("kmsKeyArn"))


def _recovery(inputs: Inputs) -> bool:
    return bool((first(inputs.get("pointInTimeRecovery")) or {}).get("enabled"))


def _set_recovery(aws: Aws, name: str, enabled: bool) -> None:
    aws.client("dynamodb").update_continuous_backups(
        TableName=name, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": enabled}
    )


def _set_protection(aws: Aws, name: str, enabled: bool) -> None:
    aws.client("dynamodb").update_table(TableName=name, DeletionProtectionEnabled=enabled)
    _wait_active(aws, name)


def _change_tags(aws: Aws, arn: str, old: Inputs, new: Inputs) -> None:
    to_set, to_remove = tag_changes(old.get("tags") or {}, new.get("tags") or {})
    client = aws.client("dynamodb")
    if to_set:
        client.tag_resource(ResourceArn=arn, Tags=tag_list(to_set))
    if to_remove:
        client.untag_resource(ResourceArn=arn, TagKeys=to_remove)


def _add_replicas(aws: Aws, name: str, inputs: Inputs, replicas: list[Mapping[str, Any]]) -> None:
    strong = [replica for replica in replicas if replica.get("consistencyMode") == "STRONG"]
    if strong:
        _add_strong_replicas(aws, name, inputs, strong)
    for replica in replicas:
        region = replica["regionName"]
        if replica not in strong:
            _update_replicas(aws, name, [{"Create": {"RegionName": region}}])
        _wait_replica(aws, name, region)
        _settle_replica(aws, name, inputs, replica)


def _add_strong_replicas(aws: Aws, name: str, inputs: Inputs, replicas: list[Mapping[str, Any]]) -> None:
    """All at once: the mode is fixed by the call that makes the table global."""
    witness = first(inputs.get("globalTableWitness"))
    request = compact(
        TableName=name,
        ReplicaUpdates=[{"Create": {"RegionName": replica["regionName"]}} for replica in replicas],
        GlobalTableWitnessUpdates=[{"Create": {"RegionName": witness["regionName"]}}] if witness else None,
        MultiRegionConsistency="STRONG",
    )
    aws.client("dynamodb").update_table(**request)


def _settle_replica(aws: Aws, name: str, inputs: Inputs, replica: Mapping[str, Any]) -> None:
    there = aws.in_region(replica["regionName"])
    if replica.get("pointInTimeRecovery"):
        _set_recovery(there, name, True)
    if replica.get("deletionProtectionEnabled"):
        _set_protection(there, name, True)
    if replica.get("propagateTags"):
        _change_tags(there, _described(there, name)["TableArn"], {}, inputs)


def _change_replicas(aws: Aws, name: str, old: Inputs, new: Inputs) -> None:
    before = {replica["regionName"]: replica for replica in old.get("replicas") or []}
    after = {replica["regionName"]: replica for replica in new.get("replicas") or []}
    existing = _replica_regions(aws, name)
    _remove_replicas(aws, name, [before[region] for region in before.keys() - after.keys()])
    _add_replicas(aws, name, new, [replica for region, replica in after.items() if region not in existing])
    for region in after.keys() & existing:
        _adjust_replica(aws.in_region(region), name, before.get(region, {}), after[region])


def _adjust_replica(there: Aws, name: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
    if bool(old.get("pointInTimeRecovery")) != bool(new.get("pointInTimeRecovery")):
        _set_recovery(there, name, bool(new.get("pointInTimeRecovery")))
    if bool(old.get("deletionProtectionEnabled")) != bool(new.get("deletionProtectionEnabled")):
        _set_protection(there, name, bool(new.get("deletionProtectionEnabled")))


def _remove_replicas(
    aws: Aws, name: str, replicas: list[Mapping[str, Any]], witness: Mapping[str, Any] | None = None
) -> None:
    strong = [replica for replica in replicas if replica.get("consistencyMode") == "STRONG"]
    if strong and _replica_regions(aws, name):
        # A strong table gives up all its other members in one call.
        aws.client("dynamodb").update_table(
            TableName=name,
            ReplicaUpdates=[{"Delete": {"RegionName": replica["regionName"]}} for replica in strong],
            **compact(
                GlobalTableWitnessUpdates=[{"Delete": {"RegionName": witness["regionName"]}}]
                if witness
                else None
            ),
        )
    for replica in [replica for replica in replicas if replica not in strong]:
        region = replica["regionName"]
        _update_replicas(aws, name, [{"Delete": {"RegionName": region}}])
        aws.wait(
            f"The deletion of {name}'s replica in {region}",
            lambda region=region: None if region in _replica_regions(aws, name) else True,  # type: ignore[misc]
        )


def _update_replicas(main: Aws, name: str, updates: list[dict[str, Any]]) -> None:
    """UpdateTable, repeated while another change of the same table is under way."""

    def attempt() -> bool | None:
        try:
            main.client("dynamodb").update_table(TableName=name, ReplicaUpdates=updates)
        except ClientError as error:
            if error_code(error) in ("ResourceInUseException", "LimitExceededException"):
                return None
            raise
        return True

    main.wait(f"The change of {name}'s replicas", attempt)


def _describe(aws: Aws, name: str) -> dict[str, Any] | None:
    answer = found(aws.client("dynamodb").describe_table, TableName=name)
    return answer["Table"] if answer else None


def _described(aws: Aws, name: str) -> dict[str, Any]:
    table = _describe(aws, name)
    if table is None:
        raise ResourceError(f"table {name} does not exist in {aws.region}.")
    return table


def _replica_regions(aws: Aws, name: str) -> set[str]:
    return {replica["RegionName"] for replica in _described(aws, name).get("Replicas") or []}


def _replica_output(aws: Aws, name: str, replica: Mapping[str, Any]) -> dict[str, Any]:
    table = _describe(aws.in_region(replica["regionName"]), name) or {}
    return {
        **replica,
        "arn": table.get("TableArn", ""),
        "streamArn": table.get("LatestStreamArn", ""),
        "streamLabel": table.get("LatestStreamLabel", ""),
    }


def _wait_active(aws: Aws, name: str) -> None:
    aws.wait(f"Table {name} becoming ACTIVE", lambda: True if _status(aws, name) == "ACTIVE" else None)


def _status(aws: Aws, name: str) -> str | None:
    return (_describe(aws, name) or {}).get("TableStatus")


def _wait_replica(main: Aws, name: str, region: str) -> None:
    def attempt() -> bool | None:
        for replica in _described(main, name).get("Replicas") or []:
            if replica["RegionName"] == region and replica.get("ReplicaStatus") == "ACTIVE":
                return True if _status(main.in_region(region), name) == "ACTIVE" else None
        return None

    main.wait(f"Table {name}'s replica in {region} becoming ACTIVE", attempt)


def _name_and_region(arn: str) -> tuple[str, str]:
    parts = arn.split(":")
    if len(parts) < 6 or not parts[5].startswith("table/"):
        raise ResourceError(f"globalTableArn {arn!r} is not the ARN of a table.")
    return parts[5].removeprefix("table/"), parts[3]
