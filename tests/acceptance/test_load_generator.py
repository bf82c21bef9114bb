"""The deployed load generator: real orders through the shared name, with no more permissions than needed."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.exceptions import ClientError

from blueprint import output_names as names
from blueprint.load_definition import history_events
from blueprint.policies import LOG_DELIVERY_ACTIONS
from functions.load import contract as load
from functions.orders import contract
from ops.client.api import new_id
from ops.net.signing import Keys, Signer
from ops.net.transport import Address, Connection, Timeouts
from tests.acceptance.service import EAST, WEST, Service
from tests.acceptance.test_permissions import (
    WITHOUT_RESOURCES,
    InlinePolicy,
    Statement,
    policies_of,
    reduced,
)
from tests.waiting import until

pytestmark = pytest.mark.twin

URL = "orders.example.com"


class Generator:
    """The load generator of one region."""

    def __init__(self, service: Service, region: str) -> None:
        self.region = region
        self.stack = service.regions[region].stack.name
        self.machine = service.deployed.outputs[self.stack][names.LOAD_GENERATOR_ARN]
        self.states = service.twin.boto3_client("stepfunctions", region)
        self._lambda = service.twin.boto3_client("lambda", region)
        self._logs = service.twin.boto3_client("logs", region)

    def name(self, function: str) -> str:
        return f"resilient-orders-{self.stack}-load-{function}"

    def start(self, items: object, url: str = URL) -> str:
        given = json.dumps({load.NUM_ITEMS: items, load.URL: url})
        arn: str = self.states.start_execution(stateMachineArn=self.machine, input=given)["executionArn"]
        return arn

    def ended(self, execution: str) -> dict[str, Any]:
        def look() -> dict[str, Any] | None:
            found: dict[str, Any] = self.states.describe_execution(executionArn=execution)
            return None if found["status"] == "RUNNING" else found

        return until(look, f"{execution} ended")

    def events(self, execution: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.states.get_execution_history(executionArn=execution)["events"]
        return found

    def invoke(self, function: str, payload: object) -> tuple[bool, Any]:
        """Whether the function did its work, and what it said."""
        answer = self._lambda.invoke(FunctionName=self.name(function), Payload=json.dumps(payload))
        return "FunctionError" not in answer, json.loads(answer["Payload"].read())

    def lines(self, function: str) -> int:
        group = f"/aws/lambda/{self.name(function)}"
        return len(self._logs.filter_log_events(logGroupName=group)["events"])


@pytest.fixture(scope="session")
def generators(eventual_session: Service) -> dict[str, Generator]:
    return {region: Generator(eventual_session, region) for region in (EAST, WEST)}


def test_both_generators_order_through_the_shared_name_and_count_by_region(
    functions_at_home: Service, generators: dict[str, Generator]
) -> None:
    started = {region: one.start(2) for region, one in generators.items()}
    for region, one in generators.items():
        done = one.ended(started[region])
        assert done["status"] == "SUCCEEDED", done.get("cause")
        counted = {"created": 2, "read": 2}
        assert json.loads(done["output"]) == {
            "asked": 2,
            **counted,
            "failed": 0,
            "regions": {region: counted},
        }
        events = one.events(started[region])
        assert len(events) == history_events(2, every_retry=False)
        for order in placed(events):
            here = functions_at_home.regions[region]
            item = here.stored(contract.ORDERS, order["orderId"])
            assert item is not None
            assert item[contract.SYNTHETIC_ATTRIBUTE] == {"BOOL": True}
            assert here.sold(order["productId"])


def placed(events: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for event in events:
        if event["type"] == "TaskSucceeded":
            payload = json.loads(event["taskSucceededEventDetails"]["output"])["Payload"]
            if load.ORDER in payload:
                yield payload[load.ORDER]


def test_too_many_items_and_another_name_are_refused_in_words(generators: dict[str, Generator]) -> None:
    one = generators[EAST]
    started = {"1 to 1000": one.start(1001), "nowhere else": one.start(1, "evil.example.com")}
    for said, execution in started.items():
        done = one.ended(execution)
        assert (done["status"], done["error"]) == ("FAILED", "InvalidInputError")
        assert said in done["cause"]


# Least privilege


def order_of(generator: Generator) -> dict[str, Any]:
    """Input of the order function for an order whose product nobody has: it calls, and is told 404."""
    ids = {"customerId": new_id(), "productId": new_id(), "orderId": new_id()}
    return {load.URL: URL, load.ORDER: ids, load.TALLY: {}}


def may_call(generator: Generator, function: str) -> bool:
    if function == load.FILL_FUNCTION:
        done, said = generator.invoke(function, {load.URL: URL, load.COUNT: 1})
        assert done or "403" in said["errorMessage"], said
        return done
    _, said = generator.invoke(function, order_of(generator))
    assert said["errorType"] == "OrderNotCreatedError"
    return "404" in said["errorMessage"]


@pytest.mark.parametrize("function", load.HANDLERS)
def test_a_function_calls_the_api_with_its_own_role(
    traffic_at_home: Service, generators: dict[str, Generator], function: str
) -> None:
    """Traffic stays near: the permission for the function's own region is the one that is used."""
    one = generators[EAST]
    [policy] = policies_of(traffic_at_home, one.name(function))
    assert may_call(one, function)
    for statement in policy.statements:
        if not is_call(statement, EAST) or "/GET/" in statement["Resource"]:
            continue
        with reduced(traffic_at_home, policy, statement):
            assert not may_call(one, function), statement


@pytest.mark.parametrize("function", load.HANDLERS)
def test_every_call_that_a_function_may_make_needs_its_permission_in_each_region(
    eventual: Service, generators: dict[str, Generator], function: str
) -> None:
    """The policy as deployed, given to a user: each statement is what lets a call into its region."""
    [policy] = policies_of(eventual, generators[EAST].name(function))
    with a_user(eventual) as (keys, allow):
        for statement in (one for one in policy.statements if one["Action"] == "execute-api:Invoke"):
            region = statement["Resource"].split(":")[3]
            method, path = statement["Resource"].split("/", 2)[2].split("/", 1)
            allow(json.loads(policy.document))
            assert status(eventual, keys, region, method, f"/{path}") != 403
            allow(policy.without(statement))
            assert status(eventual, keys, region, method, f"/{path}") == 403, statement


def test_the_functions_log_with_permissions_that_they_need(
    eventual: Service, generators: dict[str, Generator]
) -> None:
    def loses_lines_without_each(function: str) -> None:
        [policy] = policies_of(eventual, one.name(function))
        for statement in policy.statements:
            if statement["Action"].startswith("logs:"):
                with reduced(eventual, policy, statement):
                    until(lambda: loses_a_line(one, function), f"a line lost without {statement['Action']}")
                until(lambda: not loses_a_line(one, function), "lines are written again")

    one = generators[WEST]
    with ThreadPoolExecutor() as pool:
        list(pool.map(loses_lines_without_each, load.HANDLERS))


def loses_a_line(generator: Generator, function: str) -> bool:
    before = generator.lines(function)
    generator.invoke(function, {load.URL: "evil.example.com"})
    return generator.lines(function) == before


def test_the_state_machine_needs_each_of_its_permissions(
    eventual: Service, generators: dict[str, Generator]
) -> None:
    one = generators[WEST]
    [policy] = policies_of(eventual, one.machine.rpartition(":")[2])
    left_over = [s for s in policy.statements if not is_needed_by_machine(eventual, one, policy, s)]
    assert {s["Action"] for s in left_over} == {
        "xray:GetSamplingRules",
        "xray:GetSamplingTargets",
        "xray:PutTelemetryRecords",
        "xray:PutTraceSegments",
    }, "the twin has no X-Ray that could miss them"


def is_needed_by_machine(
    service: Service, generator: Generator, policy: InlinePolicy, statement: Statement
) -> bool:
    with reduced(service, policy, statement):
        if statement["Action"] in LOG_DELIVERY_ACTIONS:
            return not may_set_logging(generator)
        if statement["Action"] == "lambda:InvokeFunction":
            return fails_to_run(generator, statement["Resource"])
        return False


def may_set_logging(generator: Generator) -> bool:
    described = generator.states.describe_state_machine(stateMachineArn=generator.machine)
    try:
        generator.states.update_state_machine(
            stateMachineArn=generator.machine, loggingConfiguration=described["loggingConfiguration"]
        )
    except ClientError as error:
        return error.response["Error"]["Code"] != "AccessDeniedException"
    return True


def fails_to_run(generator: Generator, function_arn: str) -> bool:
    execution = generator.start(1)

    def refused() -> str | None:
        return next(
            (
                str(event["taskFailedEventDetails"]["cause"])
                for event in generator.events(execution)
                if event["type"] == "TaskFailed"
            ),
            None,
        )

    cause = until(refused, "a task failed")
    generator.states.stop_execution(executionArn=execution)
    return f"lambda:InvokeFunction on resource: {function_arn}" in cause


def is_call(statement: Statement, region: str) -> bool:
    return str(statement["Resource"]).startswith(f"arn:aws:execute-api:{region}:")


def test_what_takes_no_resource_is_known() -> None:
    assert set(LOG_DELIVERY_ACTIONS) <= WITHOUT_RESOURCES


@contextmanager
def a_user(service: Service) -> Iterator[tuple[Keys, Callable[[object], None]]]:
    """A user of the test's own: its keys, and a function that gives it one policy."""
    name = f"load-{new_id()}"
    iam = service.iam

    def allow(document: object) -> None:
        iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=json.dumps(document))

    iam.create_user(UserName=name)
    made = iam.create_access_key(UserName=name)["AccessKey"]
    try:
        yield Keys(access_key=made["AccessKeyId"], secret_key=made["SecretAccessKey"]), allow
    finally:
        iam.delete_access_key(UserName=name, AccessKeyId=made["AccessKeyId"])
        iam.delete_user_policy(UserName=name, PolicyName="p")
        iam.delete_user(UserName=name)


def status(service: Service, keys: Keys, region: str, method: str, path: str) -> int:
    """The status of a call through the shared name that a region answers."""
    host = urlsplit(service.deployment.domain_url).netloc
    place = urlsplit(service.twin.addresses["regions"][region]["https"])
    address = Address(host=place.hostname or "", port=place.port or 0)
    target = f"/{contract.BASE_PATH}{path}"
    headers = Signer(lambda: keys).for_all_regions(method, host, target, b"")
    tls = service.regions[region]._tls
    connection = Connection(host, address, tls, Timeouts(connect=5.0, read=30.0))
    try:
        return connection.send(method, target, headers).status
    finally:
        connection.close()
