"""The three tables, each with a replica in every application region. Only the primary stack has them."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from blueprint import naming
from blueprint.stack_config import StackConfig
from components.answers import required
from functions.orders.contract import TABLE_KEYS


@dataclass(frozen=True, kw_only=True)
class GlobalTablesArgs:
    """`replica_providers` holds one provider for every application region but the primary's."""

    config: StackConfig
    replica_providers: Mapping[str, aws.Provider]


class GlobalTables(pulumi.ComponentResource):
    """Customers, Products and Orders.

    The two consistency modes are two shapes: eventual tables have a TableReplica a region, strong ones carry
    replicas and witness themselves, since a TableReplica has no consistency mode. The mode is fixed when a
    table is made, so it is part of the names: a change shows as delete and create, which protection refuses.
    """

    def __init__(self, name: str, args: GlobalTablesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("resilient-orders:data:GlobalTables", name, None, opts)
        self._args = args
        self._tables = {table: self._table(name, table) for table in TABLE_KEYS}
        if not args.config.is_strong:
            for table in TABLE_KEYS:
                self._replicate(name, table)
        self.register_outputs({"names": self.names})

    @property
    def names(self) -> Mapping[str, pulumi.Output[str]]:
        """The physical names by table (`customers`, `products`, `orders`), the same in every region."""
        return {table: required(resource, "name") for table, resource in self._tables.items()}

    def _table(self, name: str, table: str) -> aws.dynamodb.Table:
        config = self._args.config
        return aws.dynamodb.Table(
            f"{name}-{table}-{self._fixed_for_life()}",
            name=config.namer.physical(f"{table}-{config.consistency}", naming.DYNAMODB_TABLE),
            # Replicas can only be added to a table that scales its writes by itself.
            billing_mode="PAY_PER_REQUEST",
            hash_key=TABLE_KEYS[table],
            attributes=[{"name": TABLE_KEYS[table], "type": "S"}],
            stream_enabled=True,
            stream_view_type="NEW_AND_OLD_IMAGES",
            point_in_time_recovery={"enabled": config.point_in_time_recovery},
            deletion_protection_enabled=config.protect,
            replicas=self._strong_replicas(),
            global_table_witness=self._witness(),
            opts=pulumi.ResourceOptions(
                parent=self,
                protect=config.protect,
                # An eventual table reads its replicas back and would delete those that TableReplica owns. In
                # strong mode they are the table's own.
                ignore_changes=None if config.is_strong else ["replicas"],
            ),
        )

    def _fixed_for_life(self) -> str:
        """What AWS never changes on a table, as part of its logical name.

        In strong mode that is its set of regions as well. An update in place would first delete the replica
        and the witness, which AWS accepts, and then fail to add others to a table that is not empty.
        """
        config = self._args.config
        if not config.is_strong:
            return config.consistency
        replicas = sorted(region for region in config.regions if region != config.primary_region)
        witness = ["witness", config.witness_region] if config.witness_region else []
        return "-".join([config.consistency, *replicas, *witness])

    def _strong_replicas(self) -> list[aws.dynamodb.TableReplicaArgsDict] | None:
        config = self._args.config
        if not config.is_strong:
            return None
        return [
            {
                "region_name": region,
                "consistency_mode": "STRONG",
                "point_in_time_recovery": config.point_in_time_recovery,
                # The provider leaves it out when it makes strong replicas, sees the difference, and sets it
                # in the next deployment (terraform-provider-aws, service/dynamodb/table.go, createReplicas).
                "deletion_protection_enabled": config.protect,
                # Such a replica has no tags of its own and takes none from a provider.
                "propagate_tags": True,
            }
            for region in config.regions
            if region != config.primary_region
        ]

    def _witness(self) -> aws.dynamodb.TableGlobalTableWitnessArgsDict | None:
        config = self._args.config
        if not (config.is_strong and config.witness_region):
            return None
        return {"region_name": config.witness_region}

    def _replicate(self, name: str, table: str) -> None:
        config = self._args.config
        # A table takes one replica change at a time (DynamoDB API, UpdateTable): each waits for the last.
        previous: list[pulumi.Resource] = []
        for region, provider in self._args.replica_providers.items():
            replica = aws.dynamodb.TableReplica(
                f"{name}-{table}-{config.consistency}-{region}",
                global_table_arn=self._tables[table].arn,
                point_in_time_recovery=config.point_in_time_recovery,
                deletion_protection_enabled=config.protect,
                opts=pulumi.ResourceOptions(
                    parent=self, provider=provider, protect=config.protect, depends_on=previous
                ),
            )
            previous = [replica]
