"""Wrong definitions of state machines, and what is wrong with each in Step Functions' words."""

import json
from typing import Any

import pytest

from twin.aws.stepfunctions.asl import not_in_the_twin, problems

END = {"Type": "Pass", "End": True}
TASK = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": True}


def machine(start: str = "A", **states: Any) -> str:
    return json.dumps({"StartAt": start, "States": states})


WRONG = {
    "INVALID_JSON_DESCRIPTION: Invalid JSON": "{",
    "not a JSON object": "[]",
    "'States' must be an object": json.dumps({"StartAt": "A", "States": {}}),
    "Missing 'StartAt' target: B at /StartAt": machine("B", A=END),
    "Missing 'Next' target: B at /States/A/Next": machine(A={"Type": "Pass", "Next": "B"}),
    'State "B" is not reachable. at /States/B': machine(A=END, B=END),
    "'Type' must be one of": machine(A={"Type": "Sleep", "End": True}),
    "Exactly one of 'Next' and 'End' is required at /States/A": machine(A={"Type": "Pass"}),
    "'Resource' is required": machine(A={"Type": "Task", "End": True}),
    "The field 'Retries' is not supported": machine(A={**TASK, "Retries": []}),
    "The field 'Arguments' is not supported": machine(A={**TASK, "Arguments": {}}),
    "Exactly one of Seconds": machine(A={"Type": "Wait", "End": True}),
    "'Choices' must have at least one rule": machine(A={"Type": "Choice", "Choices": []}),
    "'Next' is required at /States/A/Choices[0]/Next": machine(A={"Type": "Choice", "Choices": [{}]}),
    "'ErrorEquals' must have": machine(A={**TASK, "Retry": [{}]}),
    "'States.ALL' must be alone, and in the last entry at /States/A/Retry[0]": machine(
        A={**TASK, "Retry": [{"ErrorEquals": ["States.ALL"]}, {"ErrorEquals": ["E"]}]}
    ),
    "'Next' is required at /States/A/Catch[0]/Next": machine(
        A={**TASK, "Catch": [{"ErrorEquals": ["States.ALL"]}]}
    ),
    "Missing 'Next' target: X at /States/A/Branches[0]/States/B/Next": machine(
        A={
            "Type": "Parallel",
            "End": True,
            "Branches": [{"StartAt": "B", "States": {"B": {"Type": "Pass", "Next": "X"}}}],
        }
    ),
    "'ItemProcessor' is required": machine(A={"Type": "Map", "End": True}),
    "'Branches' must have": machine(A={"Type": "Parallel", "End": True, "Branches": []}),
}


@pytest.mark.parametrize("said", WRONG)
def test_a_wrong_definition_is_described(said: str) -> None:
    assert said in " ".join(str(problem) for problem in problems(WRONG[said]))


def test_both_query_languages_have_their_own_fields() -> None:
    good = {
        "QueryLanguage": "JSONata",
        "StartAt": "A",
        "States": {
            "A": {"Type": "Choice", "Choices": [{"Condition": True, "Next": "B"}], "Default": "C"},
            "B": {**TASK, "Arguments": {}, "Output": {}, "Assign": {}},
            "C": {"Type": "Wait", "Seconds": 1, "QueryLanguage": "JSONPath", "InputPath": "$", "Next": "B"},
        },
    }
    assert problems(json.dumps(good)) == []
    assert not_in_the_twin(json.dumps(good)) is None


@pytest.mark.parametrize(
    ("state", "lacking"),
    [
        ({**TASK, "Resource": "arn:aws:states:::sqs:sendMessage"}, "a task of the resource"),
        ({**TASK, "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken"}, "a task of the resource"),
        ({**TASK, "HeartbeatSeconds": 3}, "HeartbeatSeconds"),
        ({**TASK, "Credentials": {"RoleArn": "r"}}, "Credentials"),
        ({**TASK, "Retry": [{"ErrorEquals": ["E"], "MaxDelaySeconds": 3}]}, "MaxDelaySeconds in Retry"),
    ],
)
def test_what_the_twin_would_not_run_is_named(state: dict[str, Any], lacking: str) -> None:
    assert lacking in str(not_in_the_twin(machine(A=state)))


def test_a_limit_on_the_whole_run_is_not_in_the_twin() -> None:
    whole = {"StartAt": "A", "States": {"A": END}, "TimeoutSeconds": 60}
    assert "TimeoutSeconds" in str(not_in_the_twin(json.dumps(whole)))
