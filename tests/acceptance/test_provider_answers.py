"""The twin's Pulumi provider answers as the real one did: what it gives, and what the program reads of it.

The real engine is answered by the same handlers and functions: twin/deploy/resources, twin/deploy/invokes.py.
"""

from collections.abc import Iterator
from typing import Any

import pulumi
import pytest
from pulumi import _types

from tests.fakes.provider_answers import ANSWERS, contradictions
from tests.fakes.pulumi_mocks import run_program
from tests.fakes.twin_fixtures import STACKS, DeployedTwin
from tests.provider.answers import FUNCTIONS
from twin.acting import ci_values
from twin.deploy.clients import Clients
from twin.deploy.context import Aws
from twin.deploy.in_process.run import state_of
from twin.deploy.in_process.state import StoredResource
from twin.deploy.invokes import invoke
from twin.deploy.provider import ProviderSettings

pytestmark = pytest.mark.twin


@pytest.fixture
def resources(deployed_twin: DeployedTwin) -> list[StoredResource]:
    """Every resource of both stacks."""
    states = (state_of(stack, deployed_twin.client) for stack in STACKS)
    return [kept for state in states for kept in state.resources.values()]


@pytest.fixture
def read_by_the_program(monkeypatch: pytest.MonkeyPatch) -> set[tuple[str, str]]:
    """Type and attribute of every output of a resource that the program looks at, in the primary's stack."""
    seen: set[tuple[str, str]] = set()
    original = pulumi.get

    def get(of: Any, name: str) -> Any:
        if isinstance(of, pulumi.CustomResource):
            names = _types.resource_py_to_pulumi_names(type(of))
            seen.add((getattr(type(of), "pulumi_type", ""), names.get(name, name)))
        return original(of, name)

    monkeypatch.setattr(pulumi, "get", get)
    run_program("region1")
    return seen


def test_no_output_of_a_resource_is_of_a_kind_that_the_real_provider_never_gave(
    resources: list[StoredResource],
) -> None:
    wrong = {text for kept in resources for text in contradictions(kept.type, kept.outputs, kept.inputs)}
    assert sorted(wrong) == []


def test_what_the_program_reads_is_null_only_where_the_real_provider_answers_null(
    resources: list[StoredResource], read_by_the_program: set[tuple[str, str]]
) -> None:
    assert ("aws:dynamodb/table:Table", "arn") in read_by_the_program
    assert sorted(missing(resources, read_by_the_program)) == []


def test_functions_answer_as_the_real_provider_does(deployed_twin: DeployedTwin) -> None:
    client = deployed_twin.client
    aws = Aws(
        ProviderSettings(region="us-east-1"),
        Clients(client.boto3_session("us-east-1")),
        fallback_endpoint=client.addresses["endpoint"],
    )
    zone = ci_values(client)["HOSTED_ZONE_ID"]
    arguments: dict[str, dict[str, Any]] = {
        "aws:route53/getRecords:getRecords": {"zoneId": zone, "nameRegex": "."},
        "aws:route53/getZone:getZone": {"zoneId": zone},
    }
    for function in FUNCTIONS.values():
        answer = invoke(function, aws, arguments.get(function, {}))
        assert list(contradictions(function, answer, {})) == []
    nothing = invoke("aws:route53/getRecords:getRecords", aws, {"zoneId": zone, "nameRegex": "^no-such"})
    assert nothing["resourceRecordSets"] is None


def missing(resources: list[StoredResource], read: set[tuple[str, str]]) -> Iterator[str]:
    for kept in resources:
        for kind, name in read:
            value = {**kept.inputs, **kept.outputs}.get(name)
            expected = ANSWERS.get(kept.type, {}).get(name, ["null"])
            if kind == kept.type and value is None and "null" not in expected:
                yield f"{kind} {name} is null in {kept.name}, the real provider gave {' or '.join(expected)}"
