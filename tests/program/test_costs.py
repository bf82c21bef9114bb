"""What `ops costs` counts is what the program declares."""

from collections import Counter
from collections.abc import Mapping, Sequence

import pytest

from blueprint.config_keys import as_text
from ops.costs.setup import READINESS_CHECKS, setup_of
from ops.deployed.stacks import PROJECT, read_config
from tests.fakes.pulumi_mocks import Run, run_program
from tests.program.conftest import EVERY_OPTION

THREE = {"region1": "us-east-1", "region2": "us-west-2", "region3": "us-east-2"}


def declared(runs: Sequence[Run]) -> Mapping[str, int]:
    return Counter(resource.type for run in runs for resource in run.aws)


def expected(overrides: Mapping[str, object]) -> Mapping[str, int]:
    setup = setup_of(
        read_config("region1", PROJECT, {key: as_text(value) for key, value in overrides.items()})
    )
    return {
        "aws:cloudwatch/metricAlarm:MetricAlarm": setup.alarms,
        "aws:cloudwatch/compositeAlarm:CompositeAlarm": setup.composite_alarms,
        "aws:cloudwatch/dashboard:Dashboard": setup.dashboards,
        "aws:synthetics/canary:Canary": setup.canaries,
        "aws:route53/healthCheck:HealthCheck": setup.regions,
        "aws:route53recoverycontrol/cluster:Cluster": int(setup.own_cluster),
        "aws:route53recoveryreadiness/readinessCheck:ReadinessCheck": READINESS_CHECKS * setup.readiness,
    }


def check(runs: Sequence[Run], overrides: Mapping[str, object]) -> None:
    found = declared(runs)
    assert {type_: found[type_] for type_ in expected(overrides)} == expected(overrides)


def test_what_is_counted_is_what_both_stacks_declare(primary: Run, secondary: Run) -> None:
    check([primary, secondary], {})


@pytest.mark.parametrize(("first", "consistency"), [(0, "eventual"), (2, "strong")])
def test_every_option_is_counted_too(everything: tuple[Run, ...], first: int, consistency: str) -> None:
    check(everything[first : first + 2], {**EVERY_OPTION, "consistency": consistency})


def test_a_third_region_and_no_fill_are_counted(small_layers: None) -> None:
    options = {"stacks": THREE, "fillEnabled": False, "observerRegion": "eu-west-1"}
    primary = run_program("region1", options)
    others = [
        run_program(stack, options, stacks={"region1": primary.exports}) for stack in ("region2", "region3")
    ]
    check([primary, *others], options)
