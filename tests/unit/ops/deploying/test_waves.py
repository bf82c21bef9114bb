"""Deploying in waves."""

import io
import json
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from botocore.exceptions import ConnectTimeoutError

from ops.checks import smoke
from ops.checks.smoke import Checked
from ops.console import Console
from ops.deployed.options import DeploymentChoice
from ops.deploying.waves import Waves
from ops.errors import DeploymentError, OpsError
from tests.fakes.arc_endpoints import FakeArcCluster
from tests.fakes.ops_target import FakeTarget
from tests.unit.ops.outputs import outputs
from tests.unit.ops.plans import plan


@dataclass
class World:
    """Deploys into a fake target and notes the order of everything."""

    target: FakeTarget = field(
        default_factory=lambda: FakeTarget(
            cluster=FakeArcCluster(states={"arn:east": False, "arn:west": False})
        )
    )
    events: list[str] = field(default_factory=list)
    failing: set[str] = field(default_factory=set)
    consistency: str = "eventual"
    read_in: tuple[str, ...] = ()
    err: io.StringIO = field(default_factory=io.StringIO)

    @property
    def said_last(self) -> str:
        return self.err.getvalue().splitlines()[-1]

    def up(self, stack: str) -> None:
        if stack in self.failing:
            raise DeploymentError(f"{stack} failed")
        self.events.append(f"up {stack} {self.on()}")
        self.target.deployed[stack] = outputs(plan().regions[stack], consistency=self.consistency)

    def on(self) -> str:
        return "+".join(arn.removeprefix("arn:") for arn, on in self.target.cluster.states.items() if on)

    def run(self) -> list[str]:
        choice = DeploymentChoice(target=self.target, stacks=plan())
        run = Waves(choice=choice, deployer=self, console=Console(err=self.err))
        run.run()
        return run.done


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    made = World()

    def check(
        target: object,
        deployment: object,
        regions: tuple[str, ...],
        *,
        report: object,
        read_in: tuple[str, ...],
    ) -> list[Checked]:
        made.read_in = read_in
        made.events.append(f"smoke {regions[0]} {made.on()}")
        ok = f"smoke {regions[0]}" not in made.failing
        return [Checked(place=regions[0], name="health", ok=ok, seen="", seconds=0.1)]

    monkeypatch.setattr(smoke, "check", check)
    return made


def test_the_first_region_has_the_traffic_before_the_second_one_exists(world: World) -> None:
    done = world.run()
    assert world.events == ["up region1 ", "smoke us-east-1 ", "up region2 east", "smoke us-west-2 east"]
    assert world.on() == "east+west"
    assert done[-1] == "us-west-2 takes traffic"


def test_new_strong_tables_are_deployed_twice_so_that_their_replicas_are_protected(world: World) -> None:
    world.consistency = "strong"
    world.run()
    assert world.events[:2] == ["up region1 ", "up region1 "]
    world.events.clear()
    world.run()
    assert [event for event in world.events if event.startswith("up")] == [
        "up region1 east+west",
        "up region2 east+west",
    ]


def test_a_region_that_fails_its_smoke_test_gets_no_traffic_and_stops_the_rest(world: World) -> None:
    world.failing = {"smoke us-east-1"}
    with pytest.raises(OpsError, match="was not given any traffic"):
        world.run()
    assert world.events == ["up region1 ", "smoke us-east-1 "]
    assert world.on() == ""


def test_a_stack_that_does_not_deploy_stops_the_rest(world: World) -> None:
    world.failing = {"region2"}
    with pytest.raises(DeploymentError, match="region2 failed"):
        world.run()
    assert world.on() == "east"


def test_a_region_that_was_switched_off_stays_off_when_it_is_deployed_again(world: World) -> None:
    world.run()
    world.target.cluster.states["arn:west"] = False
    world.run()
    assert world.on() == "east"


def test_the_primary_switched_off_on_purpose_stays_off_too(world: World) -> None:
    world.run()
    world.target.cluster.states["arn:east"] = False
    world.run()
    assert world.on() == "west"


def test_on_aws_a_deployment_leaves_the_file_that_a_failover_needs(world: World, tmp_path: Path) -> None:
    world.target.name, world.target.exports = "aws", tmp_path
    world.run()
    found = json.loads((tmp_path / "region1.json").read_text())
    assert list(found["stacks"]) == ["region1", "region2"]


def test_a_region_is_read_back_in_every_region_that_answers_and_in_no_dead_one(world: World) -> None:
    world.run()
    assert list(world.read_in) == ["us-east-1", "us-west-2"]
    world.target.problems = {"us-east-1": ConnectTimeoutError(endpoint_url="https://sts.test")}
    world.run()
    assert list(world.read_in) == ["us-west-2"]


def test_a_deployment_says_at_its_end_which_regions_have_the_traffic(world: World) -> None:
    world.run()
    assert world.said_last == "Traffic goes to us-east-1, us-west-2."


@pytest.mark.parametrize("failing", ["region1", "smoke us-east-1"])
def test_a_deployment_that_fails_says_truly_which_regions_have_the_traffic(
    world: World, failing: str
) -> None:
    world.run()
    world.target.cluster.states["arn:west"] = False
    world.failing = {failing}
    with pytest.raises(OpsError) as caught:
        world.run()
    assert "not given any traffic" not in str(caught.value)
    assert world.said_last == "Traffic goes to us-east-1 (Off: us-west-2)."


def test_with_every_control_off_a_failed_deployment_says_that_every_region_is_served(world: World) -> None:
    world.run()
    world.target.cluster.states.update({"arn:east": False, "arn:west": False})
    world.failing = {"region1"}
    with pytest.raises(DeploymentError):
        world.run()
    assert "every region, as if all were On" in world.said_last


def test_a_first_deployment_that_fails_at_once_invents_no_traffic(world: World) -> None:
    world.failing = {"region1"}
    with pytest.raises(DeploymentError, match="region1 failed"):
        world.run()
    assert world.said_last.startswith("Which regions have the traffic is not known: No stack is deployed")
