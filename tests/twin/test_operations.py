"""The operator's tools against the twin: moving traffic, double sales, and a region that dies among orders.

Nothing here knows that it is the twin but the fixture and the outage: the same code runs on AWS.
"""

import io
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from ops.checks.smoke import Smoke
from ops.client import api, calls
from ops.client.api import new_id
from ops.console import Console
from ops.deployed.deployment import Deployment
from ops.deployed.options import DeploymentChoice, routing_switch
from ops.deployed.stacks import PROJECT, read_plan
from ops.deployed.tables import RegionTables
from ops.deployed.target import TwinTarget
from ops.drill.clients.supply import Wanted, fill_pairs
from ops.drill.drill import drill
from ops.drill.measure.ledger import Entry, promises
from ops.drill.measure.orders_check import sold_twice
from ops.drill.settings import Bounds, DrillSettings, Scenario
from ops.errors import ControlsError, RefusedError
from ops.routing.cluster import ClusterEndpoints, RuleConflictError
from ops.routing.plan import Plan, plan_init, plan_off, plan_restore
from ops.routing.switch import RoutingSwitch
from tests.fakes.twin_fixtures import DeployedTwin
from tests.links import links_cut
from tests.unit.ops.entries import entry

pytestmark = pytest.mark.twin

EAST, WEST = "us-east-1", "us-west-2"
BOTH_ON = {EAST: True, WEST: True}


@pytest.fixture(scope="module")
def place(deployed_twin: DeployedTwin) -> DeploymentChoice:
    return DeploymentChoice(target=TwinTarget(deployed_twin.client), stacks=read_plan("region1", PROJECT))


@pytest.fixture(scope="module")
def deployment(place: DeploymentChoice) -> Deployment:
    return place.deployment()


@pytest.fixture
def switch(place: DeploymentChoice, deployment: Deployment) -> Iterator[RoutingSwitch]:
    """The controls, both On before and after the test."""
    found = routing_switch(place.target, deployment)
    restore(found)
    yield found
    restore(found)


def restore(switch: RoutingSwitch) -> None:
    plan = plan_restore(switch.read().states, BOTH_ON)
    if not plan.empty:
        now(switch, plan)


def now(switch: RoutingSwitch, plan: Plan) -> None:
    """Apply a plan without the safety rule's five seconds, in tests that are not about them."""
    switch.apply(plan, override=True)


def test_a_deployed_region_passes_its_smoke_test(place: DeploymentChoice, deployment: Deployment) -> None:
    apis = {stack.region: calls.regional(place.target, stack) for stack in deployment.stacks}
    smoke = Smoke(apis, report=lambda _: None)
    smoke.region(WEST)
    assert [result for result in smoke.results if not result.ok] == []


def test_the_last_region_is_not_switched_off_by_us_nor_by_the_safety_rule(
    place: DeploymentChoice, deployment: Deployment, switch: RoutingSwitch
) -> None:
    now(switch, plan_off(switch.read().states, EAST))
    states = switch.read().states
    assert states == {EAST: False, WEST: True}
    with pytest.raises(RefusedError, match=EAST):
        plan_off(states, WEST)
    cluster = ClusterEndpoints(deployment.endpoints, place.target.cluster_client)
    with pytest.raises(RuleConflictError, match="would break assertion rule"):
        cluster.write({deployment.controls.arns[WEST]: False})
    assert switch.read().states == states


def test_a_region_switched_off_on_purpose_is_not_switched_on_by_itself(switch: RoutingSwitch) -> None:
    now(switch, plan_off(switch.read().states, EAST))
    assert plan_init(switch.read().states, EAST).empty


def test_two_dead_endpoints_do_not_matter_and_three_change_nothing(
    place: DeploymentChoice, deployment: Deployment, deployed_twin: DeployedTwin, switch: RoutingSwitch
) -> None:
    twin = deployed_twin.client
    try:
        for number in (1, 2):
            twin.kill_arc_endpoint(number)
        fresh = routing_switch(place.target, deployment)
        now(fresh, plan_off(fresh.read().states, EAST))
        assert fresh.read().states == {EAST: False, WEST: True}
        twin.kill_arc_endpoint(3)
        with pytest.raises(ControlsError, match="none of the 5 cluster endpoints"):
            fresh.apply(plan_restore({EAST: False}, {EAST: True}))
    finally:
        for number in (1, 2, 3):
            twin.revive_arc_endpoint(number)
    assert switch.read().states == {EAST: False, WEST: True}


def test_one_product_bought_in_both_regions_within_the_lag_is_sold_twice_and_counted(
    place: DeploymentChoice, deployment: Deployment, deployed_twin: DeployedTwin
) -> None:
    apis = {stack.region: calls.regional(place.target, stack) for stack in deployment.stacks}
    [pair] = _pairs(apis[EAST])
    _until_everywhere(place, deployment, pair)
    entries: list[Entry] = []
    buyers = [threading.Thread(target=_buy, args=(apis[r], r, pair, entries)) for r in (EAST, WEST)]
    with links_cut(deployed_twin.client, (EAST, WEST)):
        for buyer in buyers:
            buyer.start()
        for buyer in buyers:
            buyer.join()
    assert [e.status for e in entries] == [201, 201]
    counted = sold_twice(promises(entries))
    assert counted == {pair.product_id: tuple(sorted(e.order_id for e in entries))}


def test_an_order_sent_again_exactly_is_answered_200_and_sold_once(
    place: DeploymentChoice, deployment: Deployment
) -> None:
    east = calls.regional(place.target, deployment.stack_in(EAST))
    [pair] = _pairs(east)
    entries: list[Entry] = []
    order = new_id()
    for _ in range(2):
        _buy(east, EAST, pair, entries, order=order)
    assert [e.status for e in entries] == [201, 200]
    assert sold_twice(promises(entries)) == {}


def test_a_region_that_dies_among_orders_loses_nothing_that_was_promised(
    place: DeploymentChoice, tmp_path: Path, switch: RoutingSwitch
) -> None:
    settings = DrillSettings(
        region=EAST,
        scenario=Scenario.OUTAGE,
        reaction=1.0,
        switch_after=3.0,
        rate=10.0,
        ttl=1.0,
        pool_age=1.0,
        seed=7,
        bounds=Bounds(max_lost=0),
    )
    result = drill(place, place.deployment(), settings, Console(err=io.StringIO()), results=tmp_path).result
    assert result["ok"], result["bounds"]
    assert result["orders"]["acknowledged"] > 50
    assert result["orders"]["everyAcknowledgedOrderInEveryRegion"]
    assert result["requests"]["failed"] > 0
    # What the survivor lacked when the region died is no more than the lag explains.
    assert result["rpo"]["oldestAge"] <= 3 * result["replicationLag"]["configured"]["p99"]
    assert switch.read().states == BOTH_ON


def _pairs(through: calls.OrdersApi) -> Sequence[Wanted]:
    return fill_pairs(
        1, lambda number: api.document(through.send(api.fill(customers=number, products=number)).body)
    )


def _until_everywhere(place: DeploymentChoice, deployment: Deployment, pair: Wanted) -> None:
    for stack in deployment.stacks:
        tables = RegionTables(place.target.client("dynamodb", stack.region), stack.table_names)
        for _ in range(100):
            if tables.present("products", [pair.product_id]) and tables.present(
                "customers", [pair.customer_id]
            ):
                break
            threading.Event().wait(0.05)
        else:
            pytest.fail(f"the product did not reach {stack.region}")


def _buy(
    through: calls.OrdersApi, region: str, pair: Wanted, entries: list[Entry], *, order: str | None = None
) -> None:
    identity = order or new_id()
    answer = through.send(
        api.create_order(customer=pair.customer_id, product=pair.product_id, order=identity)
    )
    entries.append(
        entry(
            float(len(entries)),
            order_id=identity,
            product_id=pair.product_id,
            status=answer.status,
            region=region,
        )
    )
