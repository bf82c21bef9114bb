"""Least privilege, on the policies as they are deployed: nothing too much, and nothing that is not needed."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from blueprint.policies import LOG_DELIVERY_ACTIONS
from functions.orders import contract
from ops.client.api import new_id
from tests.acceptance.service import Pair, Region, Service, Wish
from tests.acceptance.test_bad_input import assert_no_leak
from tests.waiting import until

pytestmark = pytest.mark.twin

NOT_IN_THE_TWIN = {
    "xray:GetSamplingRules",
    "xray:GetSamplingTargets",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
    *LOG_DELIVERY_ACTIONS,
}
"""Traces are sent by Lambda itself, outside the function; the twin has no X-Ray that could miss them."""

WITHOUT_RESOURCES = {*NOT_IN_THE_TWIN, "cloudwatch:PutMetricData", "s3:ListAllMyBuckets"}
"""IAM takes only `*` as their resource (Service Authorization Reference); metrics have a condition."""

Document = dict[str, Any]
Statement = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class InlinePolicy:
    """A policy of a function's role, as one statement for each single action on a single resource."""

    role: str
    name: str
    document: str
    statements: tuple[Statement, ...]

    def without(self, left_out: Statement) -> Document:
        kept = [statement for statement in self.statements if statement is not left_out]
        return {"Version": "2012-10-17", "Statement": kept}


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def single(document: Document) -> Iterator[Statement]:
    for statement in listed(document["Statement"]):
        rest = {key: value for key, value in statement.items() if key not in ("Sid", "Action", "Resource")}
        for action in listed(statement["Action"]):
            for resource in listed(statement["Resource"]):
                yield {**rest, "Action": action, "Resource": resource}


def policies_of(service: Service, role: str) -> list[InlinePolicy]:
    iam = service.iam
    found = []
    for name in iam.list_role_policies(RoleName=role)["PolicyNames"]:
        document = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
        statements = tuple(single(document))
        found.append(InlinePolicy(role=role, name=name, document=json.dumps(document), statements=statements))
    return found


def role_of(region: Region, function: str) -> str:
    return str(region.configuration(function)["Role"]).rpartition("/")[2]


@contextmanager
def reduced(service: Service, policy: InlinePolicy, left_out: Statement) -> Iterator[None]:
    iam = service.iam

    def put(document: str) -> None:
        iam.put_role_policy(RoleName=policy.role, PolicyName=policy.name, PolicyDocument=document)

    put(json.dumps(policy.without(left_out)))
    try:
        yield
    finally:
        put(policy.document)


Exercise = Callable[[Region, Callable[[], Pair]], bool]


def creates(region: Region, take: Callable[[], Pair]) -> bool:
    return answers(region, "POST", contract.ORDERS_PATH, take().wish().query, 201)


def reads(region: Region, take: Callable[[], Pair]) -> bool:
    nowhere = {"orderId": new_id(), "productId": new_id()}
    return answers(region, "GET", contract.ORDERS_PATH, nowhere, 404)


def is_healthy(region: Region, take: Callable[[], Pair]) -> bool:
    return answers(region, "GET", contract.HEALTH_PATH, {}, 200)


def fills(region: Region, take: Callable[[], Pair]) -> bool:
    one_each = {"cust": "1", "product": "1", "order": "1"}
    return answers(region, "POST", contract.FILL_PATH, one_each, 200)


def answers(region: Region, method: str, path: str, query: Mapping[str, str], expected: int) -> bool:
    """Whether the call does what it should; if not, that it fails as a call has to fail."""
    answer = region.call(method, path, query)
    if answer.status == expected:
        return True
    assert answer.status == 503, answer.body
    assert answer.headers["content-type"] == contract.PROBLEM_CONTENT_TYPE
    assert answer.region == region.name
    assert "AccessDenied" not in answer.body.decode()
    assert b"arn:" not in answer.body
    return False


EXERCISES: Mapping[str, tuple[Exercise, ...]] = {
    contract.CREATE: (creates,),
    contract.READ: (reads, is_healthy),
    contract.FILL: (fills,),
}


def ask_unnoticed(region: Region, function: str) -> str:
    """A call of the function that writes nothing; returns what names it in its log line."""
    calls = {
        contract.CREATE: ("POST", contract.ORDERS_PATH),
        contract.READ: ("GET", contract.ORDERS_PATH),
        contract.FILL: ("POST", contract.FILL_PATH),
    }
    method, path = calls[function]
    query = {"cust": "-1"} if function == contract.FILL else Wish(customer="!", product="!", order="!").query
    answer = region.call(method, path, query)
    assert answer.status == 400, answer.body
    return str(answer.json["requestId"])


def is_logged(region: Region, function: str) -> bool:
    return bool(region.log_lines(function, ask_unnoticed(region, function)))


def loses_lines_without(
    service: Service, region: Region, function: str, policy: InlinePolicy, one: Statement
) -> bool:
    """Whether a log line of the function is lost for good while the permission is missing."""
    with reduced(service, policy, one):
        lost = ""

        def is_lost() -> bool:
            nonlocal lost
            lost = ask_unnoticed(region, function)
            return not region.log_lines(function, lost)

        try:
            until(is_lost, "a line was lost", seconds=4)
        except AssertionError:
            return False
    until(lambda: is_logged(region, function), "lines are written again", seconds=4)
    return not region.log_lines(function, lost)


def needless(service: Service, region: Region, function: str, take: Callable[[], Pair]) -> list[Statement]:
    """The permissions of a function without which everything still works."""
    found = []
    for policy in policies_of(service, role_of(region, function)):
        for one in policy.statements:
            if one["Action"] in NOT_IN_THE_TWIN:
                continue
            if one["Action"].startswith("logs:"):
                needed = loses_lines_without(service, region, function, policy, one)
            else:
                with reduced(service, policy, one):
                    needed = not all(works(region, take) for works in EXERCISES[function])
            found += [] if needed else [one]
    assert all(works(region, take) for works in EXERCISES[function]), "with all permissions all works"
    return found


def test_every_permission_of_every_function_is_needed(eventual: Service, strong: Service) -> None:
    """Each action on each resource is taken away in turn, and something stops working."""
    with ThreadPoolExecutor(2 * len(contract.HANDLERS)) as pool:
        checks = [
            pool.submit(needless, service, service.east, function, pairs.pop)
            for service, pairs in ((eventual, eventual.stock(10)), (strong, strong.stock(10)))
            for function in contract.HANDLERS
        ]
        assert [one for check in checks for one in check.result()] == []


def test_functions_send_the_traces_that_they_may_send(eventual: Service) -> None:
    for region in eventual.regions.values():
        for function in contract.HANDLERS:
            assert region.configuration(function)["TracingConfig"]["Mode"] == "Active"


@pytest.mark.parametrize("function", contract.HANDLERS)
def test_every_region_has_the_same_permissions_on_its_own_resources(service: Service, function: str) -> None:
    def permissions(region: Region) -> list[tuple[str, str]]:
        """What the function may do; regions and the stacks in log groups' names are left out."""
        pattern = re.compile(rf"{region.name}|log-group:/aws/lambda/resilient-orders-{region.stack.name}")
        return [
            (one["Action"], pattern.sub("HERE", one["Resource"]))
            for policy in policies_of(service, role_of(region, function))
            for one in policy.statements
        ]

    assert permissions(service.east) == permissions(service.west)


def test_no_role_has_a_managed_policy_or_more_resources_than_it_must(service: Service) -> None:
    iam = service.iam
    for role in (found["RoleName"] for found in iam.list_roles()["Roles"]):
        assert iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"] == [], role
        for policy in policies_of(service, role):
            for one in policy.statements:
                where = f"{role}: {one['Action']} on {one['Resource']}"
                assert one["Effect"] == "Allow", where
                assert "*" not in one["Action"], where
                if one["Action"] in WITHOUT_RESOURCES:
                    continue
                arn = str(one["Resource"]).split(":", 5)
                assert arn[0] == "arn", where
                # The log role of API Gateway is one for all APIs of a region, so it names no group.
                assert "*" not in "".join(arn[:5]), where
                assert arn[5] != "*" or one["Action"].startswith("logs:"), where


def test_a_function_without_a_permission_says_nothing_about_it(service: Service) -> None:
    """The error of IAM names the role, the action and the table."""
    region = service.east
    [policy] = policies_of(service, role_of(region, contract.READ))
    for one in policy.statements:
        if one["Action"].startswith("dynamodb:"):
            with reduced(service, policy, one):
                answer = region.call("GET", contract.ORDERS_PATH, {"orderId": "a", "productId": "b"})
            assert (answer.status, answer.headers["retry-after"]) == (503, "1")
            assert_no_leak(service, answer)
            [line] = region.log_lines(contract.READ, answer.json["requestId"])
            assert "AccessDenied" in line["errorMessage"], "whoever runs the service is told"
