"""Who moves traffic and who does not: `python -m ops controls` as users run it, exit codes and states."""

import json
import subprocess
import sys

import pytest
from botocore.exceptions import ClientError

from tests.acceptance.routing import Cluster
from tests.acceptance.service import EAST, WEST, Service
from tests.fakes.twin_fixtures import DeployedTwin
from tests.twin.running import PROJECT, clean_environment
from tests.waiting import until
from twin.deploy.run import deploy_stack

pytestmark = pytest.mark.twin
ONLY_EAST, ONLY_WEST = {EAST: "On", WEST: "Off"}, {EAST: "Off", WEST: "On"}
NONE = {EAST: "Off", WEST: "Off"}


def controls(service: Service, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "ops", "controls", *arguments, "--target", "twin", "--json"],
        cwd=PROJECT,
        env={**clean_environment(), "TWIN_HOME": str(service.twin.home)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def states_of(done: "subprocess.CompletedProcess[str]") -> dict[str, str]:
    """What a command that succeeded says about the states."""
    assert done.returncode == 0, done.stderr
    states: dict[str, str] = json.loads(done.stdout)["states"]
    return states


def refusal_of(done: "subprocess.CompletedProcess[str]") -> str:
    """What a command that failed says: its last line, and never a trace."""
    assert done.returncode == 1, (done.stdout, done.stderr)
    assert "Traceback" not in done.stderr
    return done.stderr.strip().splitlines()[-1]


def test_the_last_control_cannot_be_switched_off(eventual: Service, cluster: Cluster) -> None:
    cluster.set(ONLY_EAST)

    refused = refusal_of(controls(eventual, "off", EAST))

    assert WEST in refused
    assert "--on" in refused
    assert cluster.states() == ONLY_EAST
    with pytest.raises(ClientError, match="ConflictException"):
        cluster.set({EAST: "Off"}, override=False)
    assert cluster.states() == ONLY_EAST


def test_a_region_switched_off_on_purpose_is_never_switched_on_by_itself(
    eventual: Service, deployed_twin: DeployedTwin, cluster: Cluster
) -> None:
    cluster.set(ONLY_EAST)

    refusal_of(controls(eventual, "off", EAST))
    assert cluster.states() == ONLY_EAST, "not as a way out for another one"
    assert states_of(controls(eventual, "init", WEST)) == ONLY_EAST, "not by setting up again"
    deploy_stack("region2", eventual.twin, deployed_twin.values, quiet=True)
    assert cluster.states() == ONLY_EAST, "not by a deployment"
    eventual.twin.kill(EAST)
    assert cluster.states() == ONLY_EAST, "not when the only other region dies"
    assert eventual.shared_region() == EAST
    assert states_of(controls(eventual, "list")) == ONLY_EAST
    eventual.twin.revive(EAST)
    assert cluster.states() == ONLY_EAST


def test_init_gives_the_traffic_to_a_region_while_none_has_it(eventual: Service, cluster: Cluster) -> None:
    cluster.set(NONE)

    assert states_of(controls(eventual, "init", EAST)) == ONLY_EAST
    assert cluster.states() == ONLY_EAST


def test_traffic_moves_to_a_named_region_while_two_of_the_five_endpoints_are_dead(
    eventual: Service, cluster: Cluster
) -> None:
    cluster.set(ONLY_EAST)
    for number in (1, 2):
        eventual.twin.kill_arc_endpoint(number)

    assert states_of(controls(eventual, "off", EAST, "--on", WEST)) == ONLY_WEST, "in one call"

    assert cluster.states() == ONLY_WEST
    until(lambda: eventual.shared_region() == WEST, "clients near the east were sent to the west")


def test_three_dead_endpoints_are_a_clear_error_and_change_nothing(
    eventual: Service, cluster: Cluster
) -> None:
    cluster.set(ONLY_EAST)
    for number in (1, 2, 3):
        eventual.twin.kill_arc_endpoint(number)

    refused = refusal_of(controls(eventual, "off", EAST, "--on", WEST))

    assert "none of the 5 cluster endpoints" in refused
    assert "Could not read the routing controls" in refused
    for number in (1, 2, 3):
        eventual.twin.revive_arc_endpoint(number)
    assert cluster.states() == ONLY_EAST


def test_moving_traffic_does_not_need_the_dead_region(eventual: Service, cluster: Cluster) -> None:
    """Without us-east-1 there is no IAM and no API of Route 53 either; the cluster is enough."""
    cluster.set(ONLY_EAST)
    eventual.twin.kill(EAST)

    assert states_of(controls(eventual, "off", EAST, "--on", WEST)) == ONLY_WEST
    assert cluster.states() == ONLY_WEST
