"""The deployed service, whole before and after each test."""

import time
from collections.abc import Iterator
from typing import Any

import pytest

from blueprint import output_names as names
from tests.acceptance.routing import SERVICE, Cluster
from tests.acceptance.service import REGIONS, SHORT_LAG, WEST, Service
from tests.fakes.twin_fixtures import DNS_TTL, DeployedTwin
from tests.waiting import until

QUICK_MILLISECONDS = 100


@pytest.fixture(scope="session")
def eventual_session(deployed_twin: DeployedTwin) -> Service:
    return warm(deployed_twin)


@pytest.fixture(scope="session")
def strong_session(strong_twin: DeployedTwin) -> Service:
    return warm(strong_twin)


def warm(deployed: DeployedTwin) -> Service:
    service = Service(deployed)
    service.warm_up()
    return service


@pytest.fixture
def eventual(eventual_session: Service) -> Iterator[Service]:
    """Both regions on eventually consistent tables."""
    yield from whole(eventual_session)


@pytest.fixture
def strong(strong_session: Service) -> Iterator[Service]:
    """Both regions on strongly consistent tables."""
    yield from whole(strong_session)


def whole(service: Service) -> Iterator[Service]:
    """Nothing broken before or after; a short lag, so that waiting for it is short too."""
    with service.lag(*SHORT_LAG):
        yield service
        service.mend()


@pytest.fixture
def traffic_at_home(eventual: Service) -> Service:
    """The shared name leads each client to the nearer region: what another test moved is back."""
    until(lambda: all(eventual.shared_region(near) == near for near in REGIONS), "traffic is at home")
    return eventual


@pytest.fixture
def functions_at_home(traffic_at_home: Service) -> Service:
    """As `traffic_at_home`, for functions that call the shared name: they keep its addresses for a TTL."""
    time.sleep(DNS_TTL)
    return traffic_at_home


@pytest.fixture(params=["eventual", "strong"])
def service(request: pytest.FixtureRequest) -> Service:
    """Each consistency mode in turn."""
    found: Service = request.getfixturevalue(request.param)
    return found


@pytest.fixture(scope="session")
def last_endpoint(eventual_session: Service) -> Any:
    """A client of the one endpoint that no test kills."""
    twin = eventual_session.twin
    endpoint = twin.addresses["arcEndpoints"][-1]
    session: Any = twin.boto3_session(endpoint["region"])
    return session.client(SERVICE, endpoint_url=endpoint["url"], verify=twin.env["AWS_CA_BUNDLE"])


@pytest.fixture(scope="session")
def config(eventual_session: Service) -> Any:
    return eventual_session.twin.boto3_client("route53-recovery-control-config", WEST)


@pytest.fixture
def cluster(eventual: Service, last_endpoint: Any, config: Any) -> Iterator[Cluster]:
    """The controls, with a safety rule that waits no longer than tests want to; all as before afterwards."""
    routing = eventual.routing
    found = Cluster(
        client=last_endpoint,
        arns=routing[names.ARC_ROUTING_CONTROLS],
        rule=routing[names.ARC_SAFETY_RULE_ARN],
        panel=routing[names.ARC_CONTROL_PANEL_ARN],
    )
    rule = config.describe_safety_rule(SafetyRuleArn=found.rule)["AssertionRule"]

    def wait(milliseconds: int) -> None:
        update = {"SafetyRuleArn": found.rule, "Name": rule["Name"], "WaitPeriodMs": milliseconds}
        config.update_safety_rule(AssertionRuleUpdate=update)

    before = found.states()
    wait(QUICK_MILLISECONDS)
    yield found
    eventual.mend()
    wait(rule["WaitPeriodMs"])
    found.set(before)
