"""Items that canaries read: whoever deploys never has to find an id."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws


@dataclass(frozen=True, kw_only=True)
class CanaryItemsArgs:
    """All three by table."""

    tables: Mapping[str, pulumi.Input[str]]
    """The physical names."""
    keys: Mapping[str, str]
    """The attribute that is the hash key."""
    items: Mapping[str, Mapping[str, Any]]
    """One item of each table in DynamoDB's form: `{"OrderId": {"S": "1"}}`."""


class CanaryItems(pulumi.ComponentResource):
    """Makes a TableItem a table, in the provider's region; replication brings it to the others."""

    def __init__(self, name: str, args: CanaryItemsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("resilient-orders:data:CanaryItems", name, None, opts)
        for table, item in args.items.items():
            aws.dynamodb.TableItem(
                f"{name}-{table}",
                table_name=args.tables[table],
                hash_key=args.keys[table],
                item=json.dumps(item, sort_keys=True),
                opts=pulumi.ResourceOptions(parent=self),
            )
        self.register_outputs({"tables": list(args.tables)})
