"""Backups that DynamoDB makes by itself: of tables deleted with point-in-time recovery on, for 35 days.

botocore's model of DynamoDB says so of the backup type SYSTEM. The emulator forgets the table, and lists
backups of any type whatever was asked for.
"""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from ministack.core import responses
from ministack.services import dynamodb

from twin.aws.dynamodb import store
from twin.aws.dynamodb.store import MODULE
from twin.aws.hooks import HookedName, declare, replace

Json = dict[str, Any]
Operation = Callable[[Json], Any]

KEPT = timedelta(days=35)
_ALL = "ALL"

declare(
    HookedName(module=MODULE, attribute="_pitr_settings"),
    HookedName(module=MODULE, attribute="_backups"),
    HookedName(module=MODULE, attribute="_create_backup", signature="(data)"),
)


def install() -> None:
    """Hook the deletion of tables and the listing of backups."""
    replace(HookedName(module=MODULE, attribute="_delete_table", signature="(data)"), _leaving_a_backup)
    replace(HookedName(module=MODULE, attribute="_list_backups", signature="(data)"), _of_the_type)


def _leaving_a_backup(original: Operation) -> Operation:
    def delete_table(data: Json) -> Any:
        table = store.table_here(data.get("TableName"))
        if table is None or not dynamodb._pitr_settings.get(table["TableName"]):
            return original(data)
        name = table["TableName"]
        made = dynamodb._create_backup({"TableName": name, "BackupName": f"{name}$DeletedTableBackup"})
        backup = dynamodb._backups[json.loads(made[2])["BackupDetails"]["BackupArn"]]["BackupDetails"]
        backup["BackupType"] = "SYSTEM"
        backup["BackupExpiryDateTime"] = backup["BackupCreationDateTime"] + KEPT.total_seconds()
        answer = original(data)
        if answer[0] != 200:
            del dynamodb._backups[backup["BackupArn"]]
        return answer

    return delete_table


def _of_the_type(original: Operation) -> Operation:
    def list_backups(data: Json) -> Any:
        for argument in ("TimeRangeLowerBound", "TimeRangeUpperBound"):
            if argument in data:
                message = f"not in the twin: dynamodb.ListBackups with {argument}"
                return responses.error_response_json("NotImplemented", message, 501)
        answer = original(data)
        wanted = data.get("BackupType", "USER")
        if answer[0] != 200 or wanted == _ALL:
            return answer
        found = json.loads(answer[2])
        found["BackupSummaries"] = [
            {**summary, **_expiry(summary["BackupArn"])}
            for summary in found["BackupSummaries"]
            if summary["BackupType"] == wanted
        ]
        return responses.json_response(found)

    return list_backups


def _expiry(arn: str) -> Json:
    details = dynamodb._backups[arn]["BackupDetails"]
    return {key: details[key] for key in ("BackupExpiryDateTime",) if key in details}
