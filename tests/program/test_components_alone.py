"""Components used without the order service: each takes what it needs, and no stack configuration."""

import pulumi
import pulumi_aws as aws

from blueprint.naming import Namer
from components.global_tables import GlobalTables, GlobalTablesArgs
from components.routing.arc_routing import ArcRouting, ArcRoutingArgs
from components.watching.canary_items import CanaryItems, CanaryItemsArgs
from tests.fakes.pulumi_mocks import Run, run

SHOP = Namer(project="shop", stack="live")
BASKETS = {"baskets": "BasketId", "visits": "VisitId"}
TABLE = "aws:dynamodb/table:Table"
REPLICA = "aws:dynamodb/tableReplica:TableReplica"
CONTROL = "aws:route53recoverycontrol/routingControl:RoutingControl"
CLUSTER = "aws:route53recoverycontrol/cluster:Cluster"


def provider_in(region: str) -> aws.Provider:
    return aws.Provider(f"aws-{region}", region=region)


def in_region(region: str) -> pulumi.ResourceOptions:
    return pulumi.ResourceOptions(provider=provider_in(region))


def tables(consistency: str, *, witness: str = "") -> Run:
    def build() -> None:
        args = GlobalTablesArgs(
            namer=SHOP,
            tables=BASKETS,
            consistency=consistency,
            replica_providers={"us-west-2": provider_in("us-west-2")},
            witness_region=witness,
            point_in_time_recovery=False,
            protect=False,
        )
        made = GlobalTables("tables", args, in_region("us-east-1"))
        pulumi.export("names", dict(made.names))

    return run(build)


def test_other_tables_have_their_own_names_and_keys_and_a_replica_each() -> None:
    done = tables("eventual")
    assert {t.inputs["name"]: t.inputs["hashKey"] for t in done.all(TABLE)} == {
        "shop-live-baskets-eventual": "BasketId",
        "shop-live-visits-eventual": "VisitId",
    }
    assert {r.name: r.region for r in done.all(REPLICA)} == {
        "tables-baskets-eventual-us-west-2": "us-west-2",
        "tables-visits-eventual-us-west-2": "us-west-2",
    }
    assert done.exports["names"] == {table: f"shop-live-{table}-eventual" for table in BASKETS}


def test_other_strong_tables_carry_their_replica_and_witness() -> None:
    done = tables("strong", witness="us-east-2")
    assert done.all(REPLICA) == []
    for table in done.all(TABLE):
        assert [replica["regionName"] for replica in table.inputs["replicas"]] == ["us-west-2"]
        assert table.inputs["globalTableWitness"] == {"regionName": "us-east-2"}


def test_an_item_goes_into_a_table_of_another_service() -> None:
    args = CanaryItemsArgs(
        tables={"visits": "t-visits"}, keys=BASKETS, items={"visits": {"VisitId": {"S": "1"}}}
    )
    done = run(lambda: CanaryItems("items", args, in_region("us-east-1")))
    item = done.one("aws:dynamodb/tableItem:TableItem").inputs
    assert item == {"tableName": "t-visits", "hashKey": "VisitId", "item": '{"VisitId": {"S": "1"}}'}


def arc(regions: list[str], *, cluster_arn: str = "") -> Run:
    def build() -> None:
        args = ArcRoutingArgs(
            namer=SHOP,
            regions=regions,
            provider=provider_in("us-west-2"),
            cluster_arn=cluster_arn,
            protect=False,
        )
        made = ArcRouting("arc", args, in_region(regions[0]))
        pulumi.export("checks", dict(made.health_checks))

    return run(build)


def test_traffic_can_be_moved_between_any_regions() -> None:
    regions = ["eu-west-1", "eu-central-1", "eu-north-1"]
    done = arc(regions)
    assert {control.inputs["name"] for control in done.all(CONTROL)} == set(regions)
    assert done.one(CLUSTER).inputs == {"name": "shop-live-cluster"}
    assert done.exports["checks"] == {region: f"arc-check-{region}-id" for region in regions}


def test_a_cluster_that_exists_is_read_and_not_made() -> None:
    arn = "arn:aws:route53-recovery-control::111122223333:cluster/shared"
    assert arc(["eu-west-1", "eu-north-1"], cluster_arn=arn).one(CLUSTER).read_id == arn
