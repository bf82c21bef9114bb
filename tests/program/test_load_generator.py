"""The load generator as each stack declares it."""

import json
from typing import Any

import pytest

from blueprint import policies
from blueprint.load_definition import definition
from functions.load import contract
from tests.fakes.pulumi_mocks import ACCOUNT_ID, Run, run_program

FUNCTION = "aws:lambda/function:Function"
MACHINE = "aws:sfn/stateMachine:StateMachine"
ROLE = "aws:iam/role:Role"
ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"
LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup"
REGIONS = {"region1": "us-east-1", "region2": "us-west-2"}


@pytest.fixture(params=["region1", "region2"])
def stack(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def done(stack: str, primary: Run, secondary: Run) -> Run:
    return {"region1": primary, "region2": secondary}[stack]


def inputs(done: Run, type_: str, name: str) -> dict[str, Any]:
    [found] = [r.inputs for r in done.all(type_) if r.inputs.get("name") == name]
    return found


def arn(stack: str, function: str) -> str:
    name = f"resilient-orders-{stack}-load-{function}"
    return f"arn:aws:lambda:{REGIONS[stack]}:{ACCOUNT_ID}:function:{name}"


def test_the_state_machine_is_a_standard_one_in_the_stacks_own_region(done: Run, stack: str) -> None:
    machine = done.one(MACHINE)
    assert machine.region == REGIONS[stack]
    assert machine.inputs["name"] == f"resilient-orders-{stack}-load"
    assert machine.inputs["type"] == "STANDARD"
    assert json.loads(machine.inputs["definition"]) == definition(
        fill_arn=arn(stack, "fill"), order_arn=arn(stack, "order")
    )
    assert machine.inputs["tracingConfiguration"] == {"enabled": True}


def test_every_step_is_logged_into_a_group_that_step_functions_may_deliver_to(done: Run, stack: str) -> None:
    machine = done.one(MACHINE)
    name = f"/aws/vendedlogs/states/resilient-orders-{stack}-load"
    group = next(r for r in done.all(LOG_GROUP) if r.inputs["name"] == name)
    assert group.inputs["retentionInDays"] == 30
    logging = machine.inputs["loggingConfiguration"]
    assert logging["level"] == "ALL"
    assert logging["logDestination"].endswith(f"{group.name}:*")
    waits_for = " ".join(machine.options.depends_on)
    assert "region-load-policy" in waits_for, "the role's permissions are checked when the machine is made"


def test_the_state_machine_may_run_its_two_functions_and_deliver_its_log(done: Run, stack: str) -> None:
    name = f"resilient-orders-{stack}-load"
    role = inputs(done, ROLE, name)
    assert json.loads(role["assumeRolePolicy"]) == policies.trust("states.amazonaws.com")
    [policy] = [r.inputs["policy"] for r in done.all(ROLE_POLICY) if r.inputs["role"] == name]
    expected = policies.load_state_machine([arn(stack, "fill"), arn(stack, "order")])
    assert json.loads(policy) == expected


@pytest.mark.parametrize("function", contract.HANDLERS)
def test_a_function_may_call_its_own_routes_in_every_application_region(
    done: Run, stack: str, function: str
) -> None:
    name = f"resilient-orders-{stack}-load-{function}"
    [policy] = [r.inputs["policy"] for r in done.all(ROLE_POLICY) if r.inputs["role"] == name]
    assert json.loads(policy) == policies.load_function(
        routes=contract.ROUTES[function],
        regions=("us-east-1", "us-west-2"),
        stage="live",
        region=REGIONS[stack],
        account_id=ACCOUNT_ID,
        log_group=f"/aws/lambda/{name}",
    )


@pytest.mark.parametrize(
    ("function", "layers"), [("fill", ["sigv4a", "ulid"]), ("order", ["sigv4a"])], ids=["fill", "order"]
)
def test_a_function_has_the_layers_it_imports_and_the_name_it_calls(
    done: Run, stack: str, function: str, layers: list[str]
) -> None:
    name = f"resilient-orders-{stack}-load-{function}"
    declared = inputs(done, FUNCTION, name)
    assert [layer.rsplit("artifacts-", 1)[1] for layer in declared["layers"]] == layers
    assert declared["handler"] == f"functions.load.{function}.handler"
    assert declared["environment"]["variables"] == {"DOMAIN_NAME": "orders.example.com"}
    assert declared["loggingConfig"]["logGroup"] == f"/aws/lambda/{name}"
    assert declared["tracingConfig"] == {"mode": "Active"}


def test_without_fill_there_is_no_load_generator() -> None:
    done = run_program("region1", {"fillEnabled": "false"})
    assert [r.name for r in done.resources if "load" in r.name] == []
    assert done.exports["loadGeneratorArn"] == ""
