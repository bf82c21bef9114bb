"""ARC readiness check in the twin, asked by boto3."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.fakes.own_services import ACCOUNT_ID, InProcess
from twin.aws.arc.readiness import ArcReadiness
from twin.aws.arc.readiness_state import ReadinessState
from twin.aws.own.wire import Wire
from twin.front.operations import OPERATIONS

SERVICE = "route53-recovery-readiness"
TABLE = f"arn:aws:dynamodb:us-east-1:{ACCOUNT_ID}:table/orders"


class Readiness:
    """The service in this process, and boto3's client of it."""

    def __init__(self) -> None:
        self.service = ArcReadiness(ReadinessState(ACCOUNT_ID))
        self.served = InProcess(self.service)
        self.client = self.served.client(SERVICE)

    def build(self) -> str:
        """A cell in a group, and a checked set with a table in that cell; the cell's ARN."""
        cell: str = self.client.create_cell(CellName="east")["CellArn"]
        self.client.create_recovery_group(RecoveryGroupName="regions", Cells=[cell])
        self.client.create_resource_set(
            ResourceSetName="tables",
            ResourceSetType="AWS::DynamoDB::Table",
            Resources=[{"ResourceArn": TABLE, "ReadinessScopes": [cell]}],
        )
        self.client.create_readiness_check(ReadinessCheckName="tables", ResourceSetName="tables")
        return cell


@pytest.fixture
def readiness() -> Readiness:
    return Readiness()


def refused(code: str, call: Callable[..., Any], **arguments: Any) -> str:
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    assert caught.value.response["Error"]["Code"] == code
    return str(caught.value.response["Error"]["Message"])


def test_what_it_lacks_of_the_model_is_what_would_claim_an_audit_or_share_accounts(
    readiness: Readiness,
) -> None:
    modelled = set(Wire(SERVICE).model.operation_names)
    missing = modelled - readiness.service.operations
    assert all(
        "Status" in name or "Summary" in name or "CrossAccount" in name
        for name in missing - {"GetArchitectureRecommendations", "ListRules"}
    )
    assert readiness.service.operations == OPERATIONS[SERVICE]


def test_boto3_reads_back_what_it_made(readiness: Readiness) -> None:
    cell = readiness.build()
    client = readiness.client
    group = client.get_recovery_group(RecoveryGroupName="regions")
    assert group["Cells"] == [cell] == [f"arn:aws:{SERVICE}::{ACCOUNT_ID}:cell/east"]
    assert client.get_cell(CellName="east")["ParentReadinessScopes"] == [group["RecoveryGroupArn"]]
    found = client.get_resource_set(ResourceSetName="tables")
    assert found["Resources"] == [{"ResourceArn": TABLE, "ReadinessScopes": [cell]}]
    assert client.get_readiness_check(ReadinessCheckName="tables")["ResourceSet"] == "tables"
    assert [len(client.list_cells()["Cells"]), len(client.list_readiness_checks()["ReadinessChecks"])] == [
        1,
        1,
    ]


def test_tags_are_set_and_removed_by_arn(readiness: Readiness) -> None:
    cell, client = readiness.build(), readiness.client
    client.tag_resource(ResourceArn=cell, Tags={"Project": "orders", "Stack": "region1"})
    client.untag_resource(ResourceArn=cell, TagKeys=["Stack"])
    assert client.list_tags_for_resources(ResourceArn=cell)["Tags"] == {"Project": "orders"}


@pytest.mark.parametrize(
    ("operation", "arguments"),
    [
        ("create_cell", {"CellName": "with-hyphen"}),
        ("create_recovery_group", {"RecoveryGroupName": "x" * 65}),
        ("create_recovery_group", {"RecoveryGroupName": "other", "Cells": ["arn:of:nothing"]}),
        ("create_readiness_check", {"ReadinessCheckName": "other", "ResourceSetName": "nothing"}),
        (
            "create_resource_set",
            {
                "ResourceSetName": "stages",
                "ResourceSetType": "AWS::ApiGateway::Stage",
                # As API Gateway itself writes it: without the account, which ARC wants.
                "Resources": [{"ResourceArn": "arn:aws:apigateway:us-east-1::/restapis/a/stages/live"}],
            },
        ),
        (
            "create_resource_set",
            {
                "ResourceSetName": "seven",
                "ResourceSetType": "AWS::DynamoDB::Table",
                "Resources": [{"ResourceArn": TABLE}] * 7,
            },
        ),
    ],
)
def test_what_aws_would_refuse_is_refused(
    readiness: Readiness, operation: str, arguments: dict[str, Any]
) -> None:
    readiness.build()
    refused("ValidationException", getattr(readiness.client, operation), **arguments)


def test_a_name_is_taken_until_its_holder_is_gone_and_a_holder_stays_while_it_is_used(
    readiness: Readiness,
) -> None:
    readiness.build()
    client = readiness.client
    refused("ConflictException", client.create_cell, CellName="east")
    assert "in use" in refused("ValidationException", client.delete_cell, CellName="east")
    assert "in use" in refused("ValidationException", client.delete_resource_set, ResourceSetName="tables")
    client.delete_readiness_check(ReadinessCheckName="tables")
    client.delete_resource_set(ResourceSetName="tables")
    client.delete_recovery_group(RecoveryGroupName="regions")
    client.delete_cell(CellName="east")
    refused("ResourceNotFoundException", client.get_cell, CellName="east")


def test_permissions_are_by_resource_and_it_is_served_in_one_region(readiness: Readiness) -> None:
    readiness.build()
    readiness.client.get_cell(CellName="east")
    asked = {(p.action, p.resource) for p in readiness.served.asked}
    prefix = f"arn:aws:{SERVICE}::{ACCOUNT_ID}"
    assert (f"{SERVICE}:CreateCell", f"{prefix}:cell/*") in asked
    assert (f"{SERVICE}:GetCell", f"{prefix}:cell/east") in asked
    assert (f"{SERVICE}:CreateReadinessCheck", f"{prefix}:readiness-check/*") in asked
    elsewhere = readiness.served.client(SERVICE, "us-east-1")
    assert "us-west-2 only" in refused("AccessDeniedException", elsewhere.list_cells)
