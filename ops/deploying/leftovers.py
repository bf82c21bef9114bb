"""What AWS keeps, or makes by itself, when a deployment is gone: named, so that nobody has to look for it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from blueprint import output_names as names
from ops.aws_errors import explained
from ops.deployed.deployment import Outputs
from ops.deployed.target import Target
from ops.deploying.teardown import StackResource

# A table that had point-in-time recovery leaves this (DynamoDB guide, "Point-in-time recovery").
SYSTEM_BACKUP = "SYSTEM"


def leftovers(
    target: Target,
    outputs: Mapping[str, Outputs],
    standing: Mapping[str, Sequence[StackResource]],
    regions: Sequence[str],
    report: Callable[[str], None] = lambda _: None,
) -> list[str]:
    """One line for each thing that remains of the stacks whose outputs and resources these were.

    `regions` are those to look in: the stacks' own and the observer's.
    """
    found = [
        f"{one.type.rpartition(':')[2]} {one.identity} of {stack}: kept on purpose"
        for stack, held in standing.items()
        for one in held
        if one.retained
    ]
    tables = {name for one in outputs.values() for name in (one.get(names.TABLE_NAMES) or {}).values()}
    apis = [str(one[names.API_ID]) for one in outputs.values() if one.get(names.API_ID)]
    for region in regions:
        report(f"Looking for what remains in {region} ...")
        with explained(f"look for what remains in {region}"):
            found += _backups(target.client("dynamodb", region), region, tables)
            found += _log_groups(target.client("logs", region), region, apis)
    return found


def _backups(dynamodb: Any, region: str, tables: set[str]) -> list[str]:
    pages = dynamodb.get_paginator("list_backups").paginate(BackupType=SYSTEM_BACKUP)
    backups = [backup for page in pages for backup in page["BackupSummaries"]]
    return [
        f"system backup {backup['BackupArn']} in {region}: AWS removes it 35 days after the table"
        for backup in backups
        if backup["TableName"] in tables
    ]


def _log_groups(logs: Any, region: str, apis: Sequence[str]) -> list[str]:
    """Groups that API Gateway makes by itself: nothing ever removes them. A canary's role may make none."""
    prefixes = [f"API-Gateway-Execution-Logs_{api}/" for api in apis]
    found = []
    for prefix in prefixes:
        pages = logs.get_paginator("describe_log_groups").paginate(logGroupNamePrefix=prefix)
        found += [group["logGroupName"] for page in pages for group in page["logGroups"]]
    return [f"log group {name} in {region}: aws logs delete-log-group removes it" for name in found]
