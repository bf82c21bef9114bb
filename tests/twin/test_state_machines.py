"""Step Functions in the twin, through its API: what is refused, how executions run, log and stand still."""

import json
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.waiting import until
from twin.client import TwinClient
from twin.deploy.clients import Clients
from twin.deploy.context import Aws
from twin.deploy.errors import ResourceError
from twin.deploy.provider import ProviderSettings
from twin.deploy.resources.registry import handler_of

pytestmark = pytest.mark.twin

REGION = "us-west-2"
TRUST = {"Effect": "Allow", "Principal": {"Service": "states.amazonaws.com"}, "Action": "sts:AssumeRole"}
DELIVERY = [
    f"logs:{action}"
    for action in (
        "CreateLogDelivery",
        "GetLogDelivery",
        "UpdateLogDelivery",
        "DeleteLogDelivery",
        "ListLogDeliveries",
        "PutResourcePolicy",
        "DescribeResourcePolicies",
        "DescribeLogGroups",
    )
]
PASS = {"Type": "Pass", "End": True}


def text(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def machine_of(state: dict[str, Any]) -> str:
    return json.dumps({"StartAt": "Only", "States": {"Only": state}})


class Account:
    """A role and a log group of the test's own, and the machines made with them."""

    def __init__(self, twin: TwinClient) -> None:
        self.name = f"machines-{uuid.uuid4().hex[:8]}"
        self.states = twin.boto3_client("stepfunctions", REGION)
        self.logs = twin.boto3_client("logs", REGION)
        self.iam = twin.boto3_client("iam", "us-east-1")
        role = self.iam.create_role(RoleName=self.name, AssumeRolePolicyDocument=text(TRUST))["Role"]
        self.role = role["Arn"]
        self.allow({"Effect": "Allow", "Action": DELIVERY, "Resource": "*"})
        self.group = f"/aws/vendedlogs/states/{self.name}"
        self.logs.create_log_group(logGroupName=self.group)

    def allow(self, *statements: dict[str, Any]) -> None:
        self.iam.put_role_policy(RoleName=self.name, PolicyName="p", PolicyDocument=text(*statements))

    def logging(self, level: str = "ALL", *, data: bool = True, ending: str = ":*") -> dict[str, Any]:
        arn = f"arn:aws:logs:{REGION}:111122223333:log-group:{self.group}{ending}"
        destination = {"cloudWatchLogsLogGroup": {"logGroupArn": arn}}
        return {"level": level, "includeExecutionData": data, "destinations": [destination]}

    def create(self, definition: str, **more: Any) -> str:
        answer = self.states.create_state_machine(
            name=f"m-{uuid.uuid4().hex[:8]}", definition=definition, roleArn=self.role, **more
        )
        arn: str = answer["stateMachineArn"]
        return arn

    def run(self, machine: str, given: object = None) -> dict[str, Any]:
        started = self.states.start_execution(stateMachineArn=machine, input=json.dumps(given))
        return self.ended(started["executionArn"])

    def ended(self, execution: str) -> dict[str, Any]:
        def look() -> dict[str, Any] | None:
            found: dict[str, Any] = self.states.describe_execution(executionArn=execution)
            return None if found["status"] == "RUNNING" else found

        return until(look, "the execution ended")

    def events(self, execution: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.states.get_execution_history(executionArn=execution)["events"]
        return found


@pytest.fixture(scope="module")
def account(twin: TwinClient) -> Account:
    return Account(twin)


def refusal(call: Callable[[], object]) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        call()
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


def test_a_wrong_definition_is_refused_at_creation_and_at_change(account: Account) -> None:
    wrong = machine_of({"Type": "Pass", "Next": "Nowhere"})
    code, message = refusal(lambda: account.create(wrong))
    assert code == "InvalidDefinition"
    assert "Missing 'Next' target: Nowhere" in message
    machine = account.create(machine_of(PASS))
    update = account.states.update_state_machine
    assert refusal(lambda: update(stateMachineArn=machine, definition=wrong))[0] == "InvalidDefinition"
    assert json.loads(account.states.describe_state_machine(stateMachineArn=machine)["definition"])


def test_a_definition_can_be_checked_without_making_anything(account: Account) -> None:
    check = account.states.validate_state_machine_definition
    assert check(definition=machine_of(PASS))["result"] == "OK"
    found = check(definition=machine_of({"Type": "Pass"}))
    assert found["result"] == "FAIL"
    assert found["diagnostics"][0]["code"] == "SCHEMA_VALIDATION_FAILED"
    unparsable = {**json.loads(machine_of({**PASS, "Output": "{% ( %}"})), "QueryLanguage": "JSONata"}
    [only] = check(definition=json.dumps(unparsable))["diagnostics"]
    assert only["code"] == "INVALID_JSONATA_EXPRESSION"


def test_a_plan_checks_a_definition_that_is_new_or_changed(twin: TwinClient) -> None:
    settings, clients = ProviderSettings(region=REGION), Clients(twin.boto3_session(REGION))
    aws = Aws(settings, clients, fallback_endpoint=twin.addresses["endpoint"])
    handler = handler_of("aws:sfn/stateMachine:StateMachine")
    good, wrong = machine_of(PASS), machine_of({"Type": "Pass", "Next": "Nowhere"})
    handler.plan(aws, {}, {"definition": good, "type": "STANDARD"})
    handler.plan(aws, {}, {"name": "the definition is not known yet"})
    handler.plan(aws, {"definition": wrong}, {"definition": wrong})
    with pytest.raises(ResourceError, match=r"invalid Step Functions State Machine definition: .*Nowhere"):
        handler.plan(aws, {"definition": good}, {"definition": wrong})


def test_a_role_must_trust_the_service(account: Account, twin: TwinClient) -> None:
    other = Account(twin)
    lambda_alone = {**TRUST, "Principal": {"Service": "lambda.amazonaws.com"}}
    other.iam.update_assume_role_policy(RoleName=other.name, PolicyDocument=text(lambda_alone))
    code, message = refusal(lambda: other.create(machine_of(PASS)))
    assert code == "AccessDeniedException"
    assert "authorized to assume" in message


def test_a_log_destination_ends_in_a_star_and_the_role_may_deliver_to_it(account: Account) -> None:
    without_star = account.logging(ending="")
    code, _ = refusal(lambda: account.create(machine_of(PASS), loggingConfiguration=without_star))
    assert code == "InvalidLoggingConfiguration"
    for missing in DELIVERY:
        kept = [action for action in DELIVERY if action != missing]
        account.allow({"Effect": "Allow", "Action": kept, "Resource": "*"})
        code, _ = refusal(lambda: account.create(machine_of(PASS), loggingConfiguration=account.logging()))
        assert code == "AccessDeniedException", missing
    account.allow({"Effect": "Allow", "Action": DELIVERY, "Resource": "*"})
    account.create(machine_of(PASS), loggingConfiguration=account.logging())


@pytest.mark.parametrize(
    "more", [{"type": "EXPRESS"}, {"publish": True}, {"definition": {"TimeoutSeconds": 60}}], ids=str
)
def test_what_would_make_no_difference_here_is_refused_by_name(
    account: Account, more: dict[str, Any]
) -> None:
    definition = json.dumps({**json.loads(machine_of(PASS)), **more.pop("definition", {})})
    code, message = refusal(lambda: account.create(definition, **more))
    assert code == "NotImplemented"
    assert "not in the twin: stepfunctions.CreateStateMachine with" in message


def test_a_machine_is_described_changed_tagged_and_deleted(account: Account) -> None:
    machine = account.create(
        machine_of(PASS),
        tracingConfiguration={"enabled": True},
        tags=[{"key": "a", "value": "1"}],
    )
    states = account.states
    described = states.describe_state_machine(stateMachineArn=machine)
    assert described["tracingConfiguration"] == {"enabled": True}
    assert (described["type"], described["loggingConfiguration"]["level"]) == ("STANDARD", "OFF")
    states.update_state_machine(stateMachineArn=machine, loggingConfiguration=account.logging("ERROR"))
    changed = states.describe_state_machine(stateMachineArn=machine)
    assert changed["loggingConfiguration"]["level"] == "ERROR"
    assert changed["tracingConfiguration"] == {"enabled": True}
    states.tag_resource(resourceArn=machine, tags=[{"key": "b", "value": "2"}])
    states.untag_resource(resourceArn=machine, tagKeys=["a"])
    assert states.list_tags_for_resource(resourceArn=machine)["tags"] == [{"key": "b", "value": "2"}]
    assert machine in [m["stateMachineArn"] for m in states.list_state_machines()["stateMachines"]]
    states.delete_state_machine(stateMachineArn=machine)
    assert machine not in [m["stateMachineArn"] for m in states.list_state_machines()["stateMachines"]]


def test_a_step_is_logged_with_its_data_only_where_that_is_wanted(account: Account) -> None:
    fails = {"Type": "Fail", "Error": "Broken", "Cause": "on purpose"}
    all_data = account.create(machine_of(PASS), loggingConfiguration=account.logging())
    only_errors = account.create(machine_of(fails), loggingConfiguration=account.logging("ERROR", data=False))
    whole = account.run(all_data, {"secret": "yes"})["executionArn"]
    failed = account.run(only_errors)
    assert (failed["status"], failed["error"], failed.get("output")) == ("FAILED", "Broken", None)

    def lines(execution: str) -> list[dict[str, Any]]:
        found = account.logs.filter_log_events(logGroupName=account.group)["events"]
        every = [json.loads(event["message"]) for event in found]
        return [line for line in every if line["execution_arn"] == execution]

    until(lambda: len(lines(whole)) == 4, "every step was logged")
    assert [line["type"] for line in lines(whole)] == [event["type"] for event in account.events(whole)]
    assert json.loads(lines(whole)[1]["details"]["input"]) == {"secret": "yes"}
    logged = until(lambda: lines(failed["executionArn"]), "the failure was logged")
    assert {line["type"] for line in logged} == {"FailStateEntered", "ExecutionFailed"}
    assert all("cause" not in line["details"] for line in logged)


def test_a_function_is_run_only_where_the_machines_role_may(account: Account) -> None:
    function = f"arn:aws:lambda:{REGION}:111122223333:function:{account.name}"
    task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Parameters": {"FunctionName": function, "Payload": {}},
        "End": True,
    }
    refused = account.run(account.create(machine_of(task)))
    assert refused["error"] == "Lambda.AWSLambdaException"
    assert "is not authorized to perform: lambda:InvokeFunction" in refused["cause"]
    account.allow(
        {"Effect": "Allow", "Action": DELIVERY, "Resource": "*"},
        {"Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": function},
    )
    allowed = account.run(account.create(machine_of(task)))
    assert allowed["error"] == "Lambda.ResourceNotFoundException", "allowed, but there is no such function"
    types = [event["type"] for event in account.events(allowed["executionArn"])]
    assert types[1:5] == ["TaskStateEntered", "TaskScheduled", "TaskStarted", "TaskFailed"]


def test_an_input_that_is_not_json_starts_nothing(account: Account) -> None:
    machine = account.create(machine_of(PASS))
    start = account.states.start_execution
    assert refusal(lambda: start(stateMachineArn=machine, input="{"))[0] == "InvalidExecutionInput"
    assert account.states.list_executions(stateMachineArn=machine)["executions"] == []


def test_a_stopped_execution_stays_stopped_and_a_dead_region_stands_still(
    account: Account, twin: TwinClient
) -> None:
    two = {"A": {"Type": "Wait", "Seconds": 1, "Next": "B"}, "B": PASS}
    machine = account.create(json.dumps({"StartAt": "A", "States": two}))
    stopped, frozen = (account.states.start_execution(stateMachineArn=machine)["executionArn"] for _ in "12")
    account.states.stop_execution(executionArn=stopped, error="Enough", cause="seen it")
    until(lambda: len(account.events(frozen)) == 2, "it waits")
    twin.kill(REGION)
    time.sleep(1.0)  # the second of waiting is over meanwhile
    twin.revive(REGION)
    revived = datetime.now(UTC)
    assert account.ended(frozen)["status"] == "SUCCEEDED"
    left = next(event for event in account.events(frozen) if event["type"] == "WaitStateExited")
    assert left["timestamp"] > revived - timedelta(seconds=0.2), "nothing was done in a dead region"
    aborted = account.ended(stopped)
    assert (aborted["status"], aborted["error"], aborted["cause"]) == ("ABORTED", "Enough", "seen it")
    assert account.events(stopped)[-1]["type"] == "ExecutionAborted"


def jsonata(expression: str) -> str:
    machine = json.loads(machine_of({**PASS, "Output": f"{{% {expression} %}}"}))
    return json.dumps({**machine, "QueryLanguage": "JSONata"})


def test_jsonata_that_names_the_whole_input_is_refused_at_creation(account: Account) -> None:
    code, message = refusal(lambda: account.create(jsonata("$$")))
    assert code == "InvalidDefinition"
    assert "Reference to '$$' is not supported. at /States/Only/Output" in message
    [only] = account.states.validate_state_machine_definition(definition=jsonata("$$"))["diagnostics"]
    assert (only["code"], only["location"]) == ("UNSUPPORTED_JSONATA_EXPRESSION", "/States/Only/Output")


RECURSION = "($f := function($n) { $n = 0 ? 0 : 1 + $f($n - 1) }; $f(DEPTH))"


@pytest.mark.parametrize(
    ("good", "bad", "said"),
    [
        ("$parse('[1]')", "$eval('[1]')", "T1006"),
        ("[1..873782] ~> $count()", "[1..873783] ~> $count()", "memory limit exceeded"),
        ("$count($range(1, 360145, 1))", "$count($range(1, 360146, 1))", "memory limit exceeded"),
        ("+".join("1" * 100), "+".join("1" * 101), "Stack overflow"),
        (RECURSION.replace("DEPTH", "31"), RECURSION.replace("DEPTH", "32"), "Stack overflow"),
    ],
    ids=["eval", "range", "range function", "depth", "recursion"],
)
def test_an_expression_beyond_step_functions_limits_fails_the_state(
    account: Account, good: str, bad: str, said: str
) -> None:
    assert account.run(account.create(jsonata(good)))["status"] == "SUCCEEDED"
    ended = account.run(account.create(jsonata(bad)))
    assert (ended["status"], ended["error"]) == ("FAILED", "States.QueryEvaluationError")
    assert said in ended["cause"]
