"""Components used without the order service: each takes what it needs, and no stack configuration."""

import ast
import json
from pathlib import Path
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest

from blueprint.naming import Namer
from components.app.private_bucket import PrivateBucket
from components.global_tables import GlobalTables, GlobalTablesArgs
from components.packing.canary_bundle import CanaryScript
from components.packing.packaging import Member, write_archive
from components.routing.arc_routing import ArcRouting, ArcRoutingArgs
from components.watching.canary import CanarySettings, WatchedSite
from components.watching.canary_items import CanaryItems, CanaryItemsArgs
from components.watching.synthetics import Synthetics, SyntheticsArgs
from tests.fakes.pulumi_mocks import ACCOUNT_ID, Run, run

COMPONENTS = Path(__file__).resolve().parents[2] / "components"
TRANSLATE = {
    "current_config.py": "reads it",
    "foundation.py": "a composite",
    "region.py": "a composite",
    "region_args.py": "a composite's translation",
    "watched_sites.py": "a composite's translation",
    "providers.py": "of the whole stack",
    "shared_outputs.py": "of the whole stack",
    "stack_outputs.py": "of the whole stack",
    "app/account_log_role.py": "looked up for the whole stack",
    "routing/dns_conflicts.py": "judges the configuration",
}
"""The files of components/ that may know the stack configuration, and why."""


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


def shop_canaries(directory: Path, *, watched: WatchedSite) -> Run:
    """A canary in Virginia, and one in Ohio, that watch the same site with a script of the shop's own."""
    source = directory / "ping.py"
    source.write_text("def handler(event, context): ...")
    script = CanaryScript(
        name="ping",
        handler="ping.handler",
        bundle=write_archive(directory / "ping.zip", [Member(path="python/ping.py", source=source)]),
    )

    def build() -> None:
        home = in_region("us-east-1")
        parent = pulumi.ComponentResource("shop:app:Shop", "shop", None, home)
        args = SyntheticsArgs(
            namer=SHOP,
            account_id=ACCOUNT_ID,
            script=script,
            settings=CanarySettings(runtime="syn-python-selenium-14.0", rate_minutes=5, log_retention_days=7),
            region="us-east-1",
            artifacts=PrivateBucket("code", SHOP, "code", parent=parent, expiring={}),
            from_inside=[watched],
            observer_region="us-east-2",
            observer=provider_in("us-east-2"),
            from_observer=[watched],
        )
        made = Synthetics("watch", args, pulumi.ResourceOptions(parent=parent))
        pulumi.export("names", list(made.names))

    return run(build)


@pytest.fixture
def canaries(tmp_path: Path) -> Run:
    page = "arn:aws:execute-api:us-east-1:111122223333:abc/live/GET/page"
    watched = WatchedSite(
        viewpoint="page", calls=[page], environment={"URL": "https://shop.example.com"}, namespaces=["Shop"]
    )
    return shop_canaries(tmp_path, watched=watched)


def test_a_canary_watches_a_site_of_another_service_from_both_regions(canaries: Run) -> None:
    found = {c.name: (c.region, c.inputs) for c in canaries.all("aws:synthetics/canary:Canary")}
    assert {name: region for name, (region, _) in found.items()} == {
        "watch-page": "us-east-1",
        "watch-observer-page": "us-east-2",
    }
    for _, inputs in found.values():
        assert inputs["handler"] == "ping.handler"
        assert inputs["schedule"]["expression"] == "rate(5 minutes)"
        assert inputs["runConfig"]["environmentVariables"] == {"URL": "https://shop.example.com"}
        assert inputs["s3Key"].startswith("canaries/ping-syn-python-selenium-14.0-")
    assert canaries.exports["names"] == ["shop-live-page", "shop-live-page"]


def test_a_canary_may_call_what_its_site_names_and_put_its_metrics(canaries: Run) -> None:
    role = canaries.one("aws:iam/rolePolicy:RolePolicy", "watch-page-policy").inputs
    statements: dict[str, Any] = {s["Sid"]: s for s in json.loads(role["policy"])["Statement"]}
    assert statements["CallApi"]["Resource"] == [
        "arn:aws:execute-api:us-east-1:111122223333:abc/live/GET/page"
    ]
    namespaces = statements["PutMetrics"]["Condition"]["StringEquals"]["cloudwatch:namespace"]
    assert namespaces == ["CloudWatchSynthetics", "Shop"]


def test_only_the_composites_and_what_serves_the_whole_stack_know_its_configuration() -> None:
    knowing = {
        str(file.relative_to(COMPONENTS))
        for file in COMPONENTS.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module == "blueprint.stack_config"
    }
    assert knowing == set(TRANSLATE)
