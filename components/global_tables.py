"""DynamoDB tables, each with a replica in every other region."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from blueprint.naming import DYNAMODB_TABLE, Namer
from components.answers import required


@dataclass(frozen=True, kw_only=True)
class GlobalTablesArgs:
    namer: Namer
    tables: Mapping[str, str]
    """The attribute that is a table's hash key (a text), by the table's name."""
    consistency: str
    """`eventual` or `strong`, DynamoDB's two modes of a global table."""
    replica_providers: Mapping[str, aws.Provider]
    """By region: one for every region that gets a replica; the tables' own region is not among them."""
    witness_region: str = ""
    """Of strong tables with one replica: the third region, which holds no data to read."""
    point_in_time_recovery: bool
    protect: bool
    """Whether Pulumi and DynamoDB refuse to delete them."""

    @property
    def is_strong(self) -> bool:
        return self.consistency == "strong"


class GlobalTables(pulumi.ComponentResource):
    """Makes, for each table:

    - a Table in the provider's region, with a stream of new and old images
    - in eventual mode a TableReplica a region; in strong mode the table carries replicas and witness itself

        args = GlobalTablesArgs(
            namer=Namer(project="shop", stack="live"),
            tables={"baskets": "BasketId"},
            consistency="eventual",
            replica_providers={"us-west-2": oregon},
            point_in_time_recovery=True,
            protect=True,
        )
        GlobalTables("tables", args, opts=pulumi.ResourceOptions(provider=virginia)).names["baskets"]

    The modes are two shapes since a TableReplica has no consistency mode. The mode is fixed when a table is
    made, so it is part of the names: a change shows as delete and create, which protection refuses.
    """

    def __init__(self, name: str, args: GlobalTablesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("resilient-orders:data:GlobalTables", name, None, opts)
        self._args = args
        self._tables = {table: self._table(name, table) for table in args.tables}
        if not args.is_strong:
            for table in args.tables:
                self._replicate(name, table)
        self.register_outputs({"names": self.names})

    @property
    def names(self) -> Mapping[str, pulumi.Output[str]]:
        """The physical names by table, the same in every region."""
        return {table: required(resource, "name") for table, resource in self._tables.items()}

    def _table(self, name: str, table: str) -> aws.dynamodb.Table:
        args = self._args
        return aws.dynamodb.Table(
            f"{name}-{table}-{self._fixed_for_life()}",
            name=args.namer.physical(f"{table}-{args.consistency}", DYNAMODB_TABLE),
            # Replicas can only be added to a table that scales its writes by itself.
            billing_mode="PAY_PER_REQUEST",
            hash_key=args.tables[table],
            attributes=[{"name": args.tables[table], "type": "S"}],
            stream_enabled=True,
            stream_view_type="NEW_AND_OLD_IMAGES",
            point_in_time_recovery={"enabled": args.point_in_time_recovery},
            deletion_protection_enabled=args.protect,
            replicas=self._strong_replicas(),
            global_table_witness=self._witness(),
            opts=pulumi.ResourceOptions(
                parent=self,
                protect=args.protect,
                # An eventual table reads its replicas back and would delete those that TableReplica owns. In
                # strong mode they are the table's own.
                ignore_changes=None if args.is_strong else ["replicas"],
            ),
        )

    def _fixed_for_life(self) -> str:
        """What AWS never changes on a table, as part of its logical name.

        In strong mode that is its set of regions as well. An update in place would first delete the replica
        and the witness, which AWS accepts, and then fail to add others to a table that is not empty.
        """
        args = self._args
        if not args.is_strong:
            return args.consistency
        replicas = sorted(args.replica_providers)
        witness = ["witness", args.witness_region] if args.witness_region else []
        return "-".join([args.consistency, *replicas, *witness])

    def _strong_replicas(self) -> list[aws.dynamodb.TableReplicaArgsDict] | None:
        args = self._args
        if not args.is_strong:
            return None
        return [
            {
                "region_name": region,
                "consistency_mode": "STRONG",
                "point_in_time_recovery": args.point_in_time_recovery,
                # The provider leaves it out when it makes strong replicas, sees the difference, and sets it
                # in the next deployment (terraform-provider-aws, service/dynamodb/table.go, createReplicas).
                "deletion_protection_enabled": args.protect,
                # Such a replica has no tags of its own and takes none from a provider.
                "propagate_tags": True,
            }
            for region in args.replica_providers
        ]

    def _witness(self) -> aws.dynamodb.TableGlobalTableWitnessArgsDict | None:
        args = self._args
        if not (args.is_strong and args.witness_region):
            return None
        return {"region_name": args.witness_region}

    def _replicate(self, name: str, table: str) -> None:
        args = self._args
        # A table takes one replica change at a time (DynamoDB API, UpdateTable): each waits for the last.
        previous: list[pulumi.Resource] = []
        for region, provider in args.replica_providers.items():
            replica = aws.dynamodb.TableReplica(
                f"{name}-{table}-{args.consistency}-{region}",
                global_table_arn=self._tables[table].arn,
                point_in_time_recovery=args.point_in_time_recovery,
                deletion_protection_enabled=args.protect,
                opts=pulumi.ResourceOptions(
                    parent=self, provider=provider, protect=args.protect, depends_on=previous
                ),
            )
            previous = [replica]
