"""The canaries' own customer, product and order: whoever deploys never has to find an id."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from blueprint.canary_order import canary_items
from functions.orders.contract import TABLE_KEYS


@dataclass(frozen=True, kw_only=True)
class CanaryItemsArgs:
    """`tables` holds the physical names by the keys of TABLE_KEYS; `region` is the primary's."""

    tables: Mapping[str, pulumi.Input[str]]
    region: str


class CanaryItems(pulumi.ComponentResource):
    """Three table items, written in the primary's region; replication brings them to the others."""

    def __init__(self, name: str, args: CanaryItemsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("resilient-orders:data:CanaryItems", name, None, opts)
        for table, item in canary_items(args.region).items():
            aws.dynamodb.TableItem(
                f"{name}-{table}",
                table_name=args.tables[table],
                hash_key=TABLE_KEYS[table],
                item=json.dumps(item, sort_keys=True),
                opts=pulumi.ResourceOptions(parent=self),
            )
        self.register_outputs({"tables": list(args.tables)})
