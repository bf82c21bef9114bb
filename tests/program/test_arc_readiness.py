"""Readiness checks: off for everybody who does not ask for them, and then in the last stack alone."""

import pytest

from blueprint import output_names as names
from components.errors import OtherStackError, ProgramError
from components.routing import arc_readiness
from tests.fakes.pulumi_mocks import Run, attempt_program, run_program

PREFIX = "aws:route53recoveryreadiness/"
CELL = f"{PREFIX}cell:Cell"
GROUP = f"{PREFIX}recoveryGroup:RecoveryGroup"
SET = f"{PREFIX}resourceSet:ResourceSet"
CHECK = f"{PREFIX}readinessCheck:ReadinessCheck"
ON = {"readiness": True}
THREE = {"region1": "us-east-1", "region2": "us-west-2", "region3": "eu-west-1"}
# Handed over in any order: the last one is the last by name.
OF_THREE = {**ON, "stacks": dict(reversed(THREE.items()))}


@pytest.fixture(scope="module")
def last(primary: Run) -> Run:
    """region2, the last of two stacks, with readiness checks."""
    return run_program("region2", ON, stacks={"region1": primary.exports})


@pytest.fixture(scope="module")
def first_of_three(primary: Run) -> Run:
    return run_program("region1", OF_THREE)


def test_nothing_of_it_exists_where_it_is_not_asked_for(primary: Run, secondary: Run) -> None:
    for run in (primary, secondary, run_program("region1", ON)):
        assert [r.name for r in run.aws if r.type.startswith(PREFIX)] == []
    assert [r.name for r in secondary.all("pulumi:pulumi:StackReference")] == [
        "organization/resilient-orders/region1"
    ]


def test_each_region_is_a_cell_of_one_recovery_group(last: Run) -> None:
    assert [c.inputs["cellName"] for c in last.all(CELL)] == [
        "resilient_orders_region2_us_east_1",
        "resilient_orders_region2_us_west_2",
    ]
    assert last.one(GROUP).inputs == {
        "recoveryGroupName": "resilient_orders_region2_regions",
        "cells": [
            f"arn:aws:route53recoveryreadiness:us-west-2:111122223333:{c.name}" for c in last.all(CELL)
        ],
    }


def test_stages_functions_and_tables_of_both_regions_are_audited_each_in_its_cell(
    primary: Run, last: Run
) -> None:
    found = {
        s.name: {r["resourceArn"]: r["readinessScopes"] for r in s.inputs["resources"]} for s in last.all(SET)
    }
    east, west = ([c.inputs["cells"][i]] for c in [last.one(GROUP)] for i in (0, 1))
    api = "arn:aws:apigateway:{}:111122223333:/restapis/{}/stages/live"
    assert found["readiness-stages"] == {
        api.format("us-east-1", primary.exports[names.API_ID]): east,
        api.format("us-west-2", last.exports[names.API_ID]): west,
    }
    functions = [run.exports[names.FUNCTION_ARNS][f] for run in (primary, last) for f in ("create", "read")]
    assert list(found["readiness-functions"].items()) == list(
        zip(functions, [east, east, west, west], strict=True)
    )
    table = "arn:aws:dynamodb:{}:111122223333:table/resilient-orders-region1-orders-eventual"
    assert found["readiness-table-orders"] == {
        table.format("us-east-1"): east,
        table.format("us-west-2"): west,
    }
    assert len(found) == 5


def test_what_a_set_holds_can_be_compared_a_table_with_its_replicas_alone(last: Run) -> None:
    for resource_set in last.all(SET):
        arns = [r["resourceArn"] for r in resource_set.inputs["resources"]]
        if resource_set.inputs["resourceSetType"] == arc_readiness.TABLE_TYPE:
            assert len({arn.rpartition("/")[2] for arn in arns}) == 1
        assert not any("fill" in arn for arn in arns)


def test_each_set_has_a_check(last: Run) -> None:
    checked = {c.inputs["resourceSetName"] for c in last.all(CHECK)}
    assert checked == {s.inputs["resourceSetName"] for s in last.all(SET)}
    assert {s.inputs["resourceSetType"] for s in last.all(SET)} == {
        "AWS::ApiGateway::Stage",
        "AWS::Lambda::Function",
        "AWS::DynamoDB::Table",
    }


def test_all_of_it_is_made_through_the_control_api_of_arc(last: Run) -> None:
    made = [r for r in last.aws if r.type.startswith(PREFIX)]
    assert len(made) == 13
    assert {(r.provider, r.region) for r in made} == {("aws-arc", "us-west-2")}


def test_nothing_depends_on_it(last: Run) -> None:
    made = {r.urn for r in last.resources if r.type.startswith(PREFIX) or "ArcReadiness" in r.type}
    others = [r for r in last.resources if r.urn not in made]
    assert [r.name for r in others if made & set(r.options.depends_on)] == []
    assert set(last.exports) == set(names.ALL)


def test_of_three_stacks_the_last_by_name_has_it_and_reads_the_other_two(first_of_three: Run) -> None:
    first = first_of_three.exports
    second = run_program("region2", OF_THREE, stacks={"region1": first})
    assert second.all(CELL) == []
    third = run_program("region3", OF_THREE, stacks={"region1": first, "region2": second.exports})
    assert len(third.all(CELL)) == 3
    assert [len(s.inputs["resources"]) for s in third.all(SET)] == [6, 3, 3, 3, 3]


def test_another_stack_that_is_not_deployed_is_refused_by_name(first_of_three: Run) -> None:
    done = attempt_program("region3", OF_THREE, stacks={"region1": first_of_three.exports, "region2": {}})
    assert isinstance(done.error, OtherStackError)
    assert "the stack region2 has no outputs" in done.error.what
    assert "pulumi up in the stack region2" in done.error.do
    assert done.all(SET) == []


@pytest.mark.parametrize("lost", [names.API_ID, names.FUNCTION_ARNS])
def test_another_stack_that_lacks_outputs_is_refused_with_what_is_missing(
    lost: str, first_of_three: Run
) -> None:
    first = first_of_three.exports
    second = {**first, names.REGION: "us-west-2", lost: {} if lost == names.FUNCTION_ARNS else None}
    done = attempt_program("region3", OF_THREE, stacks={"region1": first, "region2": second})
    assert isinstance(done.error, OtherStackError)
    assert isinstance(done.error.seen, dict)
    assert done.error.seen["missing"] == [lost]


def test_a_stack_that_never_existed_is_named_before_the_engine_refuses(first_of_three: Run) -> None:
    done = attempt_program("region3", OF_THREE, stacks={"region1": first_of_three.exports})
    assert done.error is not None
    assert any("organization/resilient-orders/region2" in line for line in done.logs)


def test_more_regions_than_a_set_can_hold_are_refused_before_anything_is_built() -> None:
    four = {**THREE, "region4": "ap-southeast-2"}
    done = attempt_program("region1", {**ON, "stacks": four})
    assert isinstance(done.error, ProgramError)
    assert "`readiness`" in done.error.what
    assert done.resources == []
