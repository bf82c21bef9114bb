"""Three regions, from the committed example of a third stack file: deployed in waves, used, one evacuated."""

import io
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from components import output_names as names
from functions.orders.contract import TABLES
from ops.commands import smoke
from ops.console import Console
from ops.deployment import Deployment
from ops.drill.dns_lookup import dns_lookup
from ops.options import Place, routing_switch
from ops.routing.plan import plan_off
from ops.stacks import read_plan
from ops.target import TwinTarget
from ops.twin_deployer import TwinDeployer
from ops.waves import Waves
from tests.acceptance.service import until
from tests.fakes.projects import three_regions
from tests.fakes.twin_fixtures import kept_twin

pytestmark = pytest.mark.twin

EAST, WEST, EUROPE, OBSERVER = "us-east-1", "us-west-2", "eu-west-1", "us-east-2"
REGIONS = (EAST, WEST, EUROPE)
OPTIONS = [
    *("--regions", ",".join((EAST, WEST, OBSERVER, EUROPE))),
    *("--lag-p50", "0.2", "--lag-p99", "0.4", "--health-check-delay", "0"),
]
READINESS = "route53-recovery-readiness"


@dataclass(frozen=True, kw_only=True)
class Three:
    here: Place
    target: TwinTarget
    deployment: Deployment
    reached: list[str]
    """What the waves did, in order."""


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Three]:
    directory = three_regions(tmp_path_factory.mktemp("three-project"))
    with kept_twin(tmp_path_factory.mktemp("three-twin"), OPTIONS) as twin:
        target = TwinTarget(twin)
        here = Place(target=target, plan=read_plan("region1", directory), file=None)
        deployer = TwinDeployer(twin, overrides={"readiness": "true"}, directory=directory)
        waves = Waves(here=here, deployer=deployer, console=Console(err=io.StringIO()))
        found = waves.run()
        yield Three(here=here, target=target, deployment=found, reached=waves.done)


def answering(three: Three, near: str) -> str:
    """The region that a client near a region is sent to."""
    site = three.here.plan.domain_name
    look = dns_lookup(site, three.target.name_servers(), subnet=three.target.subnet_near(near), ttl=None)
    addresses = three.target.twin.addresses["regions"]
    (found,) = look().addresses
    return next(str(region) for region, where in addresses.items() if where["dnsAddress"] == found)


def test_each_region_is_deployed_checked_and_given_traffic_one_after_the_other(three: Three) -> None:
    assert [line for line in three.reached if line.endswith("takes traffic")] == [
        f"{region} takes traffic" for region in REGIONS
    ]
    assert three.deployment.regions == REGIONS
    assert set(three.deployment.controls.arns) == set(REGIONS)


def test_an_order_of_the_third_region_is_read_in_the_other_two(three: Three) -> None:
    found = smoke.check(three.target, three.deployment, (EUROPE,), Console(err=io.StringIO()), domain=True)
    assert found.ok, found.text
    assert {"read it", f"read it in {EAST}", f"read it in {WEST}"} <= {
        c["name"] for c in found.data["checks"]
    }


def test_every_table_has_a_replica_in_every_region_with_backups(three: Three) -> None:
    for region in three.deployment.regions:
        dynamodb = three.target.client("dynamodb", region)
        for table in TABLES:
            name = three.deployment.primary.table_names[table]
            assert dynamodb.describe_table(TableName=name)["Table"]["TableStatus"] == "ACTIVE"
            backups = dynamodb.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
            assert backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"
    main = three.target.client("dynamodb", EAST).describe_table(TableName=name)["Table"]
    assert {r["RegionName"] for r in main["Replicas"]} >= {WEST, EUROPE}


def test_readiness_checks_of_the_last_stack_audit_all_three(three: Three) -> None:
    client = three.target.client(READINESS, WEST)
    (group,) = client.list_recovery_groups()["RecoveryGroups"]
    cells = {cell["CellArn"]: cell["CellName"] for cell in client.list_cells()["Cells"]}
    assert [cells[arn] for arn in group["Cells"]] == [
        f"resilient_orders_region3_{region}" for region in ("eu_west_1", "us_east_1", "us_west_2")
    ]
    sets = {s["ResourceSetName"]: s["Resources"] for s in client.list_resource_sets()["ResourceSets"]}
    functions = {arn for s in three.deployment.stacks for f, arn in s.function_arns.items() if f != "fill"}
    assert {r["ResourceArn"] for r in sets["resilient_orders_region3_functions"]} == functions
    checks = client.list_readiness_checks()["ReadinessChecks"]
    assert {check["ResourceSet"] for check in checks} == set(sets)
    tags = client.list_tags_for_resources(ResourceArn=group["RecoveryGroupArn"])["Tags"]
    assert tags["Stack"] == "region3"


def test_what_the_third_stack_exports_is_complete(three: Three) -> None:
    third = three.target.outputs(three.here.plan)["region3"]
    assert set(third) == set(names.ALL)
    assert third[names.REGION] == EUROPE
    assert set(third[names.ARC]["healthChecks"]) == set(REGIONS)


def test_a_region_that_is_evacuated_leaves_its_clients_to_the_other_two(three: Three) -> None:
    """The last test here: the region stays Off, since the way back would wait for the safety rule again."""
    assert {near: answering(three, near) for near in REGIONS} == {region: region for region in REGIONS}
    switch = routing_switch(three.target, three.deployment)
    switch.apply(plan_off(switch.read().states, EUROPE))
    until(lambda: answering(three, EUROPE) != EUROPE, "clients near the region leave it")
    assert answering(three, EUROPE) == EAST, "the nearest of those that are left"
    assert [answering(three, near) for near in (EAST, WEST)] == [EAST, WEST]
    assert switch.read().states == {EAST: True, WEST: True, EUROPE: False}
    found = smoke.check(three.target, three.deployment, (EAST,), Console(err=io.StringIO()), domain=True)
    assert found.ok, found.text
