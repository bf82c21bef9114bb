"""What is deployed, as the stacks' outputs say it."""

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from ops.deployed import deployment as deployments
from ops.errors import DeploymentError, MisuseError
from tests.unit.ops.outputs import ACCOUNT, both, outputs


def test_outputs_become_a_deployment_with_the_primary_first() -> None:
    found = deployments.parse(both(), source="test")
    assert found.regions == ("us-east-1", "us-west-2")
    assert found.account_id == ACCOUNT
    assert found.controls.arns == {"us-east-1": "arn:east", "us-west-2": "arn:west"}
    assert [e.region for e in found.endpoints] == ["us-east-1", "us-west-2"]
    assert found.stack_in("us-west-2").name == "region2"


def test_nothing_deployed_is_said_without_advice_since_it_may_be_an_incident() -> None:
    with pytest.raises(DeploymentError, match=r"^No stack is deployed \(test\)\.$"):
        deployments.parse({}, source="test")


def test_a_backend_that_does_not_answer_is_waited_for_no_longer_than_an_operator_can() -> None:
    def hanging(arguments: Sequence[str]) -> "subprocess.CompletedProcess[str]":
        raise subprocess.TimeoutExpired(list(arguments), deployments.PULUMI_DEADLINE)

    with pytest.raises(DeploymentError, match="gave no answer in 30 s"):
        deployments.read_pulumi(["region1"], hanging)


def test_a_region_without_a_stack_is_named_with_those_that_have_one() -> None:
    with pytest.raises(MisuseError, match=r"eu-west-1.*us-east-1, us-west-2"):
        deployments.parse(both(), source="test").stack_in("eu-west-1")


@pytest.mark.parametrize(
    "key", ["region", "apiUrl", "domainUrl", "tableNames", "functionArns", "hostedZoneId"]
)
def test_a_missing_output_is_named(key: str) -> None:
    with pytest.raises(DeploymentError, match=f"region1 lacks the output {key} "):
        deployments.parse({"region1": outputs("us-east-1", **{key: None})}, source="test")


@pytest.mark.parametrize("key", ["controlPanelArn", "clusterEndpoints", "routingControls", "safetyRuleArn"])
def test_a_missing_part_of_arc_is_named(key: str) -> None:
    arc = outputs("us-east-1")["arc"] | {key: []}
    with pytest.raises(DeploymentError, match=rf"lacks the output arc\.{key}"):
        deployments.parse({"region1": outputs("us-east-1", arc=arc)}, source="test")


def test_missing_arc_is_said_once() -> None:
    with pytest.raises(DeploymentError, match=r"lacks the output arc \("):
        deployments.parse({"region1": outputs("us-east-1", arc=None)}, source="test")


def test_a_newer_schema_is_refused_with_both_versions() -> None:
    with pytest.raises(DeploymentError, match=r"schema version 2; this program reads up to 1"):
        deployments.parse({"region1": outputs("us-east-1", schemaVersion=2)}, source="test")


def test_alarm_topics_of_every_stack_are_known_and_none_are_needed() -> None:
    east = outputs("us-east-1", alarmTopicArns={"us-east-1": "arn:aws:sns:us-east-1:1:a"})
    west = outputs("us-west-2", alarmTopicArns={"us-west-2": "arn:aws:sns:us-west-2:1:a"})
    found = deployments.parse({"region1": east, "region2": west}, source="test")
    assert found.alarm_topics == ("arn:aws:sns:us-east-1:1:a", "arn:aws:sns:us-west-2:1:a")
    assert deployments.parse(both(), source="test").alarm_topics == ()


def test_a_directory_of_outputs_gives_those_that_are_there(tmp_path: Path) -> None:
    (tmp_path / "region2.json").write_text(json.dumps(outputs("us-west-2")))
    assert list(deployments.read_directory(tmp_path, ["region1", "region2"])) == ["region2"]


def pulumi(answers: dict[str, tuple[int, str, str]]) -> deployments.Run:
    def run(arguments: Sequence[str]) -> "subprocess.CompletedProcess[str]":
        assert arguments[:4] == ["pulumi", "stack", "output", "--json"]
        code, out, err = answers[arguments[-1]]
        return subprocess.CompletedProcess(arguments, code, out, err)

    return run


def test_pulumi_is_asked_for_each_stack_and_one_that_does_not_exist_is_left_out() -> None:
    run = pulumi(
        {
            "region1": (0, json.dumps(outputs("us-east-1")), ""),
            "region2": (255, "", "error: no stack named 'region2' found\n"),
        }
    )
    assert list(deployments.read_pulumi(["region1", "region2"], run)) == ["region1"]


def test_a_stack_that_was_made_but_never_deployed_is_not_deployed() -> None:
    assert deployments.read_pulumi(["region1"], pulumi({"region1": (0, "{}", "")})) == {}


def test_another_error_of_pulumi_is_passed_on_in_its_words() -> None:
    run = pulumi({"region1": (255, "", "error: PULUMI_ACCESS_TOKEN must be set\n")})
    with pytest.raises(DeploymentError, match="PULUMI_ACCESS_TOKEN must be set"):
        deployments.read_pulumi(["region1"], run)


def test_no_pulumi_at_all_names_the_way_without_it() -> None:
    def run(arguments: Sequence[str]) -> "subprocess.CompletedProcess[str]":
        raise FileNotFoundError("pulumi")

    with pytest.raises(DeploymentError, match="--deployment FILE"):
        deployments.read_pulumi(["region1"], run)
