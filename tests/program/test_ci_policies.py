"""The CI roles' policies follow the resource types that the program declares, and are committed as made."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from blueprint.order_service import CANARY_IDS
from tests.fakes.pulumi_mocks import Run
from tools.pages import ci_policies
from tools.pages.ci_actions import ANY, GRANTS

LOOKS = re.compile(r"\w[\w-]*:(Get|List|Describe|Validate)\w+|apigateway:GET")
LONG_VALUES = {
    "prefix": "resilient-orders",
    "account": "111122223333",
    "zone": "Z0123456789ABCDEFGHIJ",
    "domain": "orders." + "x" * 40 + ".example.com",
    "state_bucket": "x" * 63,
}


def statements(role: str) -> list[dict[str, Any]]:
    return [
        statement
        for name, document in ci_policies.documents().items()
        if name.partition("-")[0] == role
        for statement in document["Statement"]
    ]


def actions(role: str) -> set[str]:
    return {action for statement in statements(role) for action in statement["Action"]}


def test_every_resource_type_of_the_program_has_its_actions(everything: tuple[Run, ...]) -> None:
    declared = {resource.type for run in everything for resource in run.aws}
    assert len(declared) > 25
    assert sorted(declared - GRANTS.keys()) == []


def test_the_committed_policies_are_those_that_are_made(tmp_path: Path) -> None:
    ci_policies.write(tmp_path, ci_policies.PLACEHOLDERS)
    made = {file.name: file.read_text() for file in tmp_path.iterdir()}
    assert made == {file.name: file.read_text() for file in ci_policies.FOLDER.iterdir()}, "run make docs"


def test_policies_with_an_accounts_own_values_go_into_a_folder_of_their_own(tmp_path: Path) -> None:
    ci_policies.main(
        ["--account", "111122223333", "--zone", "Z1", "--domain", "o.example.org", str(tmp_path)]
    )
    text = "".join(file.read_text() for file in tmp_path.iterdir())
    assert "arn:aws:route53:::hostedzone/Z1" in text
    assert "ACCOUNT_ID" not in text
    with pytest.raises(SystemExit):
        ci_policies.main(["--account", "111122223333"])


def test_every_policy_fits_into_a_managed_policy_with_its_values() -> None:
    sizes = {
        name: ci_policies.characters(ci_policies.filled_in(document, LONG_VALUES))
        for name, document in ci_policies.documents().items()
    }
    assert {name: size for name, size in sizes.items() if size > ci_policies.MANAGED_POLICY_CHARACTERS} == {}
    # A role takes ten managed policies (IAM quotas).
    assert len(sizes) <= 10


def test_no_placeholder_is_left_when_the_values_are_filled_in() -> None:
    for document in ci_policies.documents().values():
        assert "{" not in json.dumps(ci_policies.filled_in(document, LONG_VALUES)["Statement"][0]["Resource"])


def test_the_preview_role_can_only_look() -> None:
    assert sorted(action for action in actions("preview") if not LOOKS.fullmatch(action)) == []


def test_the_preview_role_sees_routing_controls_and_the_keys_of_replicas() -> None:
    assert {
        "route53-recovery-control-config:DescribeCluster",
        "route53-recovery-control-config:ListTagsForResource",
        "kms:DescribeKey",
        "s3:GetObject",
    } <= actions("preview")


def test_the_preview_role_may_check_a_state_machine_while_it_plans() -> None:
    assert "states:ValidateStateMachineDefinition" in actions("preview") & actions("deploy")


def test_the_preview_role_reads_the_canaries_items_and_no_others() -> None:
    items = re.compile(r"dynamodb:(\w*Item|Scan|Query|PartiQL\w+|Export\w+|GetRecords)")
    (reading,) = [s for s in statements("preview") if any(map(items.fullmatch, s["Action"]))]
    assert reading["Action"] == ["dynamodb:GetItem"]
    assert reading["Condition"] == {
        "ForAllValues:StringEquals": {"dynamodb:LeadingKeys": sorted(CANARY_IDS.values())},
        "Null": {"dynamodb:LeadingKeys": "false"},
    }


def test_the_deploy_role_may_change_what_a_role_is_for() -> None:
    assert {"iam:UpdateRole", "iam:UpdateRoleDescription"} <= actions("deploy")


def test_only_actions_without_a_narrower_resource_have_a_star() -> None:
    stars = {
        action
        for grants in GRANTS.values()
        for grant in grants
        if grant.resources == ANY
        for action in (*grant.read, *grant.write)
        if not grant.why_any
    }
    assert stars == set()
    resources = {
        r for role in ("preview", "deploy", "drill") for s in statements(role) for r in s["Resource"]
    }
    assert {
        r for r in resources if r.endswith(":*") and r != "arn:aws:route53-recovery-control::{account}:*"
    } == {"arn:aws:lambda:*:*:layer:Synthetics*:*"}


def test_no_action_is_a_pattern() -> None:
    every = actions("preview") | actions("deploy") | actions("drill")
    assert sorted(action for action in every if "*" in action) == []


def test_roles_are_passed_to_the_services_that_run_ours_only() -> None:
    (passing,) = [s for s in statements("deploy") if "iam:PassRole" in s["Action"]]
    assert passing["Resource"] == ["arn:aws:iam::{account}:role/{prefix}-*"]
    assert passing["Action"] == ["iam:PassRole"]
    trusted = {"apigateway", "lambda", "states", "synthetics"}
    (services,) = passing["Condition"]["StringEquals"].values()
    assert {service.removesuffix(".amazonaws.com") for service in services} == trusted


def test_the_drill_role_deploys_nothing() -> None:
    assert actions("drill") == {
        "dynamodb:BatchGetItem",
        "dynamodb:PutItem",
        "execute-api:Invoke",
        "route53-recovery-cluster:GetRoutingControlState",
        "route53-recovery-cluster:ListRoutingControls",
        "route53-recovery-cluster:UpdateRoutingControlState",
        "route53-recovery-cluster:UpdateRoutingControlStates",
        "s3:GetObject",
        "s3:ListBucket",
    }
