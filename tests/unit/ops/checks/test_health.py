"""What canaries and alarms say: read in the regions that answer, judged as one, watched during an outage."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from blueprint.alarm_definitions import UNHEALTHY_KEY
from ops.checks.alarms import DeployedAlarm
from ops.checks.canaries import CanaryRun, last_runs
from ops.checks.health import Health, Watch, look, observer_regions, until_green
from tests.fakes.ops_target import FakeTarget
from tests.unit.ops.outputs import outputs

EAST, WEST, OBSERVER = "us-east-1", "us-west-2", "us-east-2"


def stack(region: str, name: str) -> dict[str, Any]:
    topics = {where: f"arn:aws:sns:{where}:111122223333:shop-{name}-alarms" for where in (region, OBSERVER)}
    return outputs(region, alarmTopicArns=topics, canaryNames=[f"{name}-inside", f"{name}-outside"])


OUTPUTS = {"region1": stack(EAST, "region1"), "region2": stack(WEST, "region2")}


class FakeSynthetics:
    def __init__(self, states: Mapping[str, str]) -> None:
        self.states = states

    def describe_canaries(self, *, Names: list[str]) -> dict[str, Any]:  # noqa: N803
        return {"Canaries": [{"Name": name} for name in Names if name in self.states]}

    def describe_canaries_last_run(self, *, Names: list[str]) -> dict[str, Any]:  # noqa: N803
        ran = [name for name in Names if self.states.get(name)]
        return {
            "CanariesLastRun": [
                {"CanaryName": name, "LastRun": {"Status": {"State": self.states[name]}}} for name in ran
            ]
        }


class FakeCloudWatch:
    def get_paginator(self, _: str) -> "FakeCloudWatch":
        return self

    def paginate(self, *, AlarmNamePrefix: str, **_: Any) -> Iterator[dict[str, Any]]:  # noqa: N803
        alarm = {"AlarmName": f"{AlarmNamePrefix}region-unhealthy", "StateValue": "OK"}
        yield {"MetricAlarms": [], "CompositeAlarms": [alarm]}


def target() -> FakeTarget:
    choice = {
        ("synthetics", EAST): FakeSynthetics({"region1-inside": "FAILED"}),
        ("synthetics", WEST): FakeSynthetics({"region2-inside": ""}),
        ("synthetics", OBSERVER): FakeSynthetics({"region1-outside": "PASSED", "region2-outside": "PASSED"}),
    }
    return FakeTarget(clients={**choice, "cloudwatch": FakeCloudWatch()})


def test_a_canary_is_found_in_its_own_region_or_the_observers() -> None:
    found = [(run.name, run.region, run.state) for run in last_runs(target(), OUTPUTS)]
    assert found == [
        ("region1-inside", EAST, "FAILED"),
        ("region1-outside", OBSERVER, "PASSED"),
        ("region2-inside", WEST, "NEVER"),
        ("region2-outside", OBSERVER, "PASSED"),
    ]


def test_a_dead_region_is_not_asked() -> None:
    alive = target()
    del alive.clients["synthetics", EAST]
    health = look(alive, OUTPUTS, regions={OBSERVER})
    assert [run.region for run in health.canaries] == [OBSERVER, OBSERVER]
    assert {alarm.region for alarm in health.alarms} == {OBSERVER}


def test_the_observer_is_where_alarms_are_that_no_stack_lives_in() -> None:
    assert observer_regions(OUTPUTS) == {OBSERVER}


def alarm(state: str, name: str = f"shop-region1-{UNHEALTHY_KEY}") -> DeployedAlarm:
    return DeployedAlarm(stack="region1", region=OBSERVER, name=name, state=state, reason="")


def canary(state: str) -> CanaryRun:
    return CanaryRun(stack="region1", region=OBSERVER, name="outside", state=state)


def health_of(canary_state: str, alarm_state: str) -> Health:
    return Health(canaries=(canary(canary_state),), alarms=(alarm(alarm_state),))


@pytest.mark.parametrize(
    ("health", "complaints"),
    [
        (health_of("PASSED", "OK"), []),
        (health_of("FAILED", "OK"), ["canary outside FAILED"]),
        (health_of("NEVER", "INSUFFICIENT_DATA"), ["canary outside NEVER", "alarm shop-region1-"]),
        (health_of("PASSED", "ALARM"), ["alarm shop-region1-region-unhealthy ALARM"]),
    ],
)
def test_green_is_when_nobody_complains(health: Health, complaints: list[str]) -> None:
    assert health.green is (not complaints)
    assert len(health.complaints) == len(complaints)
    assert all(
        said.startswith(expected) for said, expected in zip(health.complaints, complaints, strict=True)
    )


def test_nothing_that_watches_is_not_green() -> None:
    assert not Health(canaries=(), alarms=()).green


def test_a_watch_remembers_when_the_region_turned_red_and_which_canaries_failed() -> None:
    watch = Watch(lambda: health_of("PASSED", "OK"), "region1")
    for canary_state, alarm_state in (("PASSED", "OK"), ("FAILED", "OK"), ("FAILED", "ALARM")):
        watch.see(health_of(canary_state, alarm_state))
    turned = watch.turned_red
    assert watch.red
    assert turned is not None
    watch.see(health_of("PASSED", "OK"))
    assert (watch.red, watch.turned_red) == (False, turned)
    assert watch.failed_canaries == {"outside"}


def test_waiting_for_green_says_what_is_missing_and_gives_up() -> None:
    looks = iter([health_of("NEVER", "OK"), health_of("PASSED", "OK")])
    report: list[str] = []
    seconds = iter(range(100))
    clock = lambda: float(next(seconds))  # noqa: E731
    assert (
        until_green(lambda: next(looks), report.append, seconds=60, clock=clock, pause=lambda _: None)
        is not None
    )
    assert report == ["Not green yet: canary outside NEVER"]
    assert (
        until_green(
            lambda: health_of("FAILED", "OK"), report.append, seconds=3, clock=clock, pause=lambda _: None
        )
        is None
    )
