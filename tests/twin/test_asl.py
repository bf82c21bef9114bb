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


def jsonata(state: dict[str, Any]) -> list[str]:
    made = {"QueryLanguage": "JSONata", "StartAt": "A", "States": {"A": state, "B": {"Type": "Succeed"}}}
    return [str(problem) for problem in problems(json.dumps(made)) if "reachable" not in problem.message]


CATCH = {"ErrorEquals": ["States.ALL"], "Next": "B"}
UNSUPPORTED = "UNSUPPORTED_JSONATA_EXPRESSION"
NO_ERROR = f"{UNSUPPORTED}: Field '$states.errorOutput' does not exist."
NO_RESULT = f"{UNSUPPORTED}: Field '$states.result' does not exist."


@pytest.mark.parametrize(
    "expression", ["$$", "$$.total", "$states.input.a[$ = $$.b]", "$map([1], function($v) { $v + $$ })"]
)
def test_the_whole_input_document_cannot_be_named_in_jsonata(expression: str) -> None:
    found = jsonata({**END, "Output": {"v": [f"{{% {expression} %}}"]}})
    assert found == [f"{UNSUPPORTED}: Reference to '$$' is not supported. at /States/A/Output/v[0]"]


def test_an_errors_output_is_read_in_the_output_and_assign_of_a_catcher_alone() -> None:
    text = "{% $states.errorOutput.Cause %}"
    good = {**TASK, "Catch": [{**CATCH, "Output": text, "Assign": {"cause": text}}]}
    assert jsonata(good) == []
    assert jsonata({**TASK, "Output": text}) == [f"{NO_ERROR} at /States/A/Output"]
    assert jsonata({**TASK, "Arguments": {"a": text}, "Catch": [CATCH]}) == [
        f"{NO_ERROR} at /States/A/Arguments/a"
    ]


def test_a_result_is_read_in_the_output_and_assign_of_a_state_that_has_one() -> None:
    text = "{% $states.result %}"
    assert jsonata({**TASK, "Output": text, "Assign": {"a": text}}) == []
    assert jsonata({**END, "Output": text}) == [f"{NO_RESULT} at /States/A/Output"]
    assert jsonata({**TASK, "Catch": [{**CATCH, "Output": text}]}) == [
        f"{NO_RESULT} at /States/A/Catch[0]/Output"
    ]


def test_what_only_looks_like_a_forbidden_name_is_good() -> None:
    text = "{% $states.input.errorOutput & '$$' & $states.context.result & $items[$ > 1] %}"
    assert jsonata({**END, "Output": text}) == []
    assert jsonata({**END, "Comment": "{% $$ %}", "Output": "$$"}) == []
    assert problems(machine(A={**END, "Parameters": {"a.$": "$$.Execution.Id"}})) == []


def test_an_expression_in_a_branch_is_looked_at_where_it_stands() -> None:
    inner = {"StartAt": "I", "States": {"I": {**END, "Output": "{% $$ %}"}}}
    found = jsonata({"Type": "Parallel", "Branches": [inner], "End": True})
    assert found == [
        f"{UNSUPPORTED}: Reference to '$$' is not supported. at /States/A/Branches[0]/States/I/Output"
    ]
