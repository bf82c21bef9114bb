"""A life in one twin: three regions from the committed example, a second environment beside them, the end of
both, and a beginning anew.

The fixtures build on each other in the order of the tests.
"""

import io
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from blueprint import output_names as names
from functions.orders.contract import TABLES
from ops.checks import smoke
from ops.checks.findings import State
from ops.console import Console
from ops.deployed.deployment import Deployment
from ops.deployed.options import DeploymentChoice, routing_switch
from ops.deployed.stacks import read_plan
from ops.deployed.target import TwinTarget
from ops.deploying.destroy import Destroyed, destroy
from ops.deploying.twin_deployer import TwinDeployer
from ops.deploying.waves import Waves
from ops.errors import DeploymentError, RefusedError
from ops.net.dns_lookup import dns_lookup
from ops.parity.audit import audit
from ops.routing.plan import Plan, plan_off
from tests.fakes.inventory import inventory
from tests.fakes.projects import project, three_regions
from tests.fakes.twin_fixtures import SELDOM_CANARIES, kept_twin
from tests.waiting import until
from twin.client import TwinClient

pytestmark = pytest.mark.twin

EAST, WEST, EUROPE, OBSERVER = "us-east-1", "us-west-2", "eu-west-1", "us-east-2"
REGIONS = (EAST, WEST, EUROPE)
OPTIONS = [
    *("--regions", ",".join((EAST, WEST, OBSERVER, EUROPE))),
    *("--lag-p50", "0.2", "--lag-p99", "0.4", "--health-check-delay", "0"),
]
READINESS = "route53-recovery-readiness"


@dataclass(frozen=True, kw_only=True)
class Environment:
    """A deployment in the twin; `reached` is what its waves did."""

    here: DeploymentChoice
    target: TwinTarget
    deployer: TwinDeployer
    reached: list[str] = field(default_factory=list)

    @property
    def deployment(self) -> Deployment:
        return self.here.deployment()

    def give_traffic(self) -> None:
        """To every region, in one call."""
        changes = dict.fromkeys(self.deployment.regions, True)
        routing_switch(self.target, self.deployment).apply(Plan(changes=changes))

    def serves(self, *regions: str) -> bool:
        """Whether regions answer, replicate, and are reached by name."""
        results = smoke.check(self.target, self.deployment, regions, report=lambda _: None, domain=True)
        assert smoke.passed(results), smoke.table(results)
        return True

    def destroy(self, confirmed: str) -> tuple[Destroyed, str]:
        """What was done, and what was said meanwhile."""
        said = io.StringIO()
        console = Console(err=said)
        done = destroy(self.here, self.deployer, console, confirmed=confirmed, drain=0.0)
        return done, said.getvalue()


def environment(twin: TwinClient, directory: Path, stack: str, overrides: Mapping[str, str]) -> Environment:
    target = TwinTarget(twin)
    return Environment(
        here=DeploymentChoice(target=target, stacks=read_plan(stack, directory)),
        target=target,
        deployer=TwinDeployer(twin, overrides={**SELDOM_CANARIES, **overrides}, directory=directory),
    )


@pytest.fixture(scope="module")
def own_twin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TwinClient]:
    with kept_twin(tmp_path_factory.mktemp("life-of-deployments"), OPTIONS) as twin:
        yield twin


@pytest.fixture(scope="module")
def before(own_twin: TwinClient) -> Counter[str]:
    """What is in a twin that nobody has deployed into."""
    return inventory(own_twin)


@pytest.fixture(scope="module")
def three(
    own_twin: TwinClient, before: Counter[str], tmp_path_factory: pytest.TempPathFactory
) -> Environment:
    """Three regions, deployed in waves."""
    directory = three_regions(tmp_path_factory.mktemp("three-regions"))
    found = environment(own_twin, directory, "region1", {"readiness": "true"})
    waves = Waves(choice=found.here, deployer=found.deployer, console=Console(err=io.StringIO()))
    waves.run()
    return replace(found, reached=waves.done)


@pytest.fixture(scope="module")
def second(three: Environment, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """Another environment in the same account, in two of the regions, with a name of its own in the zone."""
    values: dict[str, Any] = {
        "resilient-orders:stacks": {"test-region1": EAST, "test-region2": WEST},
        "resilient-orders:primaryStack": "test-region1",
        "resilient-orders:domainName": "test.example.com",
    }
    directory = project(
        tmp_path_factory.mktemp("second"), dict.fromkeys(("test-region1", "test-region2"), values)
    )
    overrides = {"domainName": "test.example.com", "protect": "false"}
    found = environment(three.target.twin, directory, "test-region1", overrides)
    for stack in found.here.plan.names:
        found.deployer.up(stack)
    found.give_traffic()
    return found


@dataclass(frozen=True, kw_only=True)
class TakenDown:
    """Three regions taken down beside the second environment, in two attempts; `said` in the last one."""

    second: Environment
    failure: str
    done: Destroyed
    said: str


@pytest.fixture(scope="module")
def destroyed(three: Environment, second: Environment) -> TakenDown:
    twin = three.target.twin
    twin.fault("apigateway", "failing", operation="DeleteRestApi")
    with pytest.raises(DeploymentError) as failed:
        three.destroy("orders.example.com")
    twin.clear_faults()
    done, said = three.destroy("orders.example.com")
    return TakenDown(second=second, failure=str(failed.value), done=done, said=said)


def answering(three: Environment, near: str) -> str:
    """The region that a client near a region is sent to."""
    site = three.here.plan.config.domain_name
    look = dns_lookup(site, three.target.name_servers(), subnet=three.target.subnet_near(near), ttl=None)
    addresses = three.target.twin.addresses["regions"]
    (found,) = look().addresses
    return next(str(region) for region, where in addresses.items() if where["dnsAddress"] == found)


def test_each_region_is_deployed_checked_and_given_traffic_one_after_the_other(three: Environment) -> None:
    assert [line for line in three.reached if line.endswith("takes traffic")] == [
        f"{region} takes traffic" for region in REGIONS
    ]
    assert three.deployment.regions == REGIONS
    assert set(three.deployment.controls.arns) == set(REGIONS)


def test_an_order_of_the_third_region_is_read_in_the_other_two(three: Environment) -> None:
    results = smoke.check(
        three.target, three.deployment, (EUROPE,), report=lambda _: None, read_in=(EAST, WEST)
    )
    assert smoke.passed(results), smoke.table(results)
    assert {"read it", f"read it in {EAST}", f"read it in {WEST}"} <= {one.name for one in results}


def test_every_table_has_a_replica_in_every_region_with_backups(three: Environment) -> None:
    for region in three.deployment.regions:
        dynamodb = three.target.client("dynamodb", region)
        for table in TABLES:
            name = three.deployment.primary.table_names[table]
            assert dynamodb.describe_table(TableName=name)["Table"]["TableStatus"] == "ACTIVE"
            backups = dynamodb.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
            assert backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"
    main = three.target.client("dynamodb", EAST).describe_table(TableName=name)["Table"]
    assert {r["RegionName"] for r in main["Replicas"]} >= {WEST, EUROPE}


def test_readiness_checks_of_the_last_stack_audit_all_three(three: Environment) -> None:
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


def test_the_three_regions_are_held_side_by_side(three: Environment) -> None:
    rows = audit(three.target, three.deployment, now=datetime.now(UTC), days=1).rows
    assert [row.item for row in rows if row.state in (State.FAILED, State.NOT_READ)] == []
    assert all(set(row.values) == set(REGIONS) for row in rows)
    # A failover is read off one picture of all regions' traffic.
    client = three.target.client("cloudwatch", EUROPE)
    bodies = [
        client.get_dashboard(DashboardName=one["DashboardName"])["DashboardBody"]
        for one in client.list_dashboards()["DashboardEntries"]
        if "region3" in one["DashboardName"]
    ]
    assert any(all(region in body for region in REGIONS) for body in bodies)


def test_what_the_third_stack_exports_is_complete(three: Environment) -> None:
    third = three.target.outputs(three.here.plan)["region3"]
    assert set(third) == set(names.ALL)
    assert third[names.REGION] == EUROPE
    assert set(third[names.ARC]["healthChecks"]) == set(REGIONS)


def test_a_region_that_is_evacuated_leaves_its_clients_to_the_other_two(three: Environment) -> None:
    """The region stays Off from here on, since the way back would wait for the safety rule again."""
    assert {near: answering(three, near) for near in REGIONS} == {region: region for region in REGIONS}
    switch = routing_switch(three.target, three.deployment)
    switch.apply(plan_off(switch.read().states, EUROPE))
    until(lambda: answering(three, EUROPE) != EUROPE, "clients near the region leave it")
    assert answering(three, EUROPE) == EAST, "the nearest of those that are left"
    assert [answering(three, near) for near in (EAST, WEST)] == [EAST, WEST]
    assert switch.read().states == {EAST: True, WEST: True, EUROPE: False}
    assert three.serves(EAST)


def test_two_environments_in_one_account_have_names_of_their_own_and_both_serve(
    three: Environment, second: Environment
) -> None:
    assert second.deployment.domain_url == "https://test.example.com/v1"
    assert second.serves(EAST, WEST)
    assert three.serves(WEST)
    tables = [set(one.deployment.primary.table_names.values()) for one in (three, second)]
    assert tables[0] & tables[1] == set()


def test_a_destruction_is_asked_for_by_the_domains_name_and_says_what_it_lifts(
    three: Environment, second: Environment
) -> None:
    said = io.StringIO()
    console = Console(err=said, ask=lambda _: "test.example.com")
    with pytest.raises(
        RefusedError, match=r"not the domain name \(orders.example.com\). Nothing was destroyed"
    ):
        destroy(three.here, three.deployer, console, drain=0.0)
    assert "First the protection of region1 is lifted" in said.getvalue()
    assert "3 Table, 6 TableReplica" in said.getvalue()
    assert three.serves(EAST)


def test_a_destruction_that_failed_half_way_says_so_and_is_finished_by_the_next(destroyed: TakenDown) -> None:
    assert "region3 was not destroyed" in destroyed.failure
    assert "run the same command again" in destroyed.failure
    assert destroyed.done.stacks == ["region3", "region2", "region1"]
    assert "lifting its protection" not in destroyed.said, "the first attempt did that"


def test_each_region_is_drained_before_it_goes_and_the_primary_goes_last(destroyed: TakenDown) -> None:
    marks = ["== region3", "== region2", f"{WEST} Off: accepted", "== region1"]
    places = [destroyed.said.index(mark) for mark in marks]
    assert places == sorted(places)
    assert f"{EUROPE} Off" not in destroyed.said, "it was Off already"


def test_the_other_environment_is_untouched_and_serves(destroyed: TakenDown) -> None:
    assert destroyed.second.serves(EAST, WEST)


def test_nothing_is_left_but_what_is_named(
    three: Environment, destroyed: TakenDown, before: Counter[str]
) -> None:
    """Every service in every region is counted, before the first deployment and after the last."""
    done, _ = destroyed.second.destroy("test.example.com")
    assert done.stacks == ["test-region2", "test-region1"]
    left = sorted((inventory(three.target.twin) - before).elements())
    backups = [line for line in left if line.startswith("dynamodb ListBackups")]
    roles = [line for line in left if line.startswith("iam ListRoles") and "-api-gateway-logs-" in line]
    assert [line for line in left if line not in backups + roles] == []
    assert (len(backups), len(roles)) == (6, 5)
    named = "\n".join([*destroyed.done.remains, *done.remains])
    for line in left:
        assert line.split()[-1].rpartition("/")[2] in named
    assert any("system backup" in line for line in destroyed.done.remains)
    assert not list((three.target.twin.home / "outputs").glob("*.json"))


@pytest.fixture(scope="module")
def again(
    destroyed: TakenDown, own_twin: TwinClient, tmp_path_factory: pytest.TempPathFactory
) -> Environment:
    """The names of the first environment, with two entries, not deployed yet."""
    directory = project(tmp_path_factory.mktemp("again"), {"region1": {}, "region2": {}})
    return environment(own_twin, directory, "region1", {})


def test_a_secondary_is_refused_before_its_primary_and_makes_nothing(again: Environment) -> None:
    with pytest.raises(DeploymentError, match=r"region2 was not deployed: .*Deploy it first: .*region1"):
        again.deployer.up("region2")
    assert again.deployer.standing("region2") == []


def test_a_failed_deployment_keeps_what_it_made_and_is_finished_by_the_next(
    again: Environment, capfd: pytest.CaptureFixture[str]
) -> None:
    twin = again.target.twin
    twin.fault("lambda", "failing", operation="CreateFunction")
    with pytest.raises(DeploymentError, match=r"Function '.*': CreateFunction answered .*\(50\d\)"):
        again.deployer.up("region1")
    twin.clear_faults()
    made = list(again.deployer.standing("region1"))
    assert made
    assert again.target.outputs(again.here.plan) == {}
    again.deployer.up("region1")
    finished = again.deployer.standing("region1")
    assert {one.name for one in made} < {one.name for one in finished}
    assert f"{len(made)} unchanged" in capfd.readouterr().err


def test_the_same_names_serve_again_at_once(again: Environment) -> None:
    again.deployer.up("region2")
    again.give_traffic()
    assert again.deployment.regions == (EAST, WEST)
    assert again.serves(EAST, WEST)


def test_a_region_leaves_for_good_in_the_order_of_the_runbook_and_takes_nothing_along(
    again: Environment, tmp_path_factory: pytest.TempPathFactory
) -> None:
    twin = again.target.twin
    joined = environment(twin, three_regions(tmp_path_factory.mktemp("joined")), "region1", {})
    for stack in ("region1", "region3"):
        joined.deployer.up(stack)
    joined.give_traffic()
    tables = twin.boto3_client("dynamodb", EUROPE)
    assert len(tables.list_tables()["TableNames"]) == len(TABLES)

    routing_switch(joined.target, joined.deployment).apply(Plan(changes={EUROPE: False}))
    joined.deployer.unprotect("region1")
    joined.deployer.destroy("region3")
    for stack in ("region1", "region2"):
        again.deployer.up(stack)

    assert tables.list_tables()["TableNames"] == []
    assert again.deployment.regions == (EAST, WEST)
    assert set(again.deployment.controls.arns) == {EAST, WEST}
    assert again.serves(EAST, WEST)
    protected = [one.type for one in again.deployer.standing("region1") if one.protected]
    assert "aws:dynamodb/table:Table" in protected
