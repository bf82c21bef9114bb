"""Amazon States Language: what Step Functions refuses in a definition, and what the twin cannot run.

As ValidateStateMachineDefinition reports it: a code, a message, a location. Rules: the language's
specification (states-language.net) and the Step Functions Developer Guide. The emulator refuses JSONata that
cannot be parsed.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from twin.aws.stepfunctions.expressions import expression_in, unsupported

State = Mapping[str, Any]

_TOP = frozenset({"Comment", "StartAt", "States", "QueryLanguage", "Version", "TimeoutSeconds"})
_COMMON = frozenset({"Type", "Comment", "QueryLanguage"})
_FLOW = frozenset({"Next", "End"})
_JSONPATH = frozenset({"InputPath", "OutputPath"})
_JSONATA = frozenset({"Output", "Assign"})
_RESULT = frozenset({"Parameters", "ResultSelector", "ResultPath"})
_ERRORS = frozenset({"Retry", "Catch"})
_TIMES = ("Seconds", "Timestamp", "SecondsPath", "TimestampPath")

# By type: fields of both query languages, of JSONPath alone, of JSONata alone.
_FIELDS: Mapping[str, tuple[frozenset[str], frozenset[str], frozenset[str]]] = {
    "Pass": (_FLOW | {"Assign"}, _JSONPATH | {"Parameters", "Result", "ResultPath"}, _JSONATA),
    "Task": (
        _FLOW | _ERRORS | {"Assign", "Resource", "TimeoutSeconds", "HeartbeatSeconds", "Credentials"},
        _JSONPATH | _RESULT | {"TimeoutSecondsPath", "HeartbeatSecondsPath"},
        _JSONATA | {"Arguments"},
    ),
    "Choice": (frozenset({"Choices", "Default", "Assign"}), _JSONPATH, _JSONATA),
    "Wait": (
        _FLOW | {"Assign", "Seconds", "Timestamp"},
        _JSONPATH | {"SecondsPath", "TimestampPath"},
        _JSONATA,
    ),
    "Succeed": (frozenset(), _JSONPATH, frozenset({"Output"})),
    "Fail": (frozenset({"Error", "Cause"}), frozenset({"ErrorPath", "CausePath"}), frozenset()),
    "Parallel": (_FLOW | _ERRORS | {"Assign", "Branches"}, _JSONPATH | _RESULT, _JSONATA | {"Arguments"}),
    "Map": (
        _FLOW
        | _ERRORS
        | {"Assign", "ItemProcessor", "Iterator", "ItemSelector", "MaxConcurrency", "Label"}
        | {
            "ItemReader",
            "ItemBatcher",
            "ResultWriter",
            "ToleratedFailurePercentage",
            "ToleratedFailureCount",
        },
        _JSONPATH | _RESULT | {"ItemsPath", "MaxConcurrencyPath"},
        _JSONATA | {"Items", "Arguments"},
    ),
}
_NOT_EVALUATED = frozenset({"Comment", "Branches", "ItemProcessor", "Iterator"})
"""Fields of a state whose text is no expression of its own."""

_WITH_RESULT = frozenset({"Task", "Map", "Parallel"})
_ENDS = frozenset({"Choice", "Succeed", "Fail"})
"""States without a Next or End of their own."""


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One thing that is wrong with a definition."""

    code: str
    message: str
    location: str

    def __str__(self) -> str:
        return f"{self.code}: {self.message} at {self.location}"


def problems(text: str) -> list[Problem]:
    """Everything that is wrong with a definition, in the order of its states; empty when it is good."""
    try:
        document = json.loads(text)
    except ValueError as error:
        return [Problem(code="INVALID_JSON_DESCRIPTION", message=f"Invalid JSON: {error}", location="/")]
    if not isinstance(document, dict):
        return [_schema("The definition is not a JSON object", "/")]
    unknown = [_unknown(field, "") for field in document if field not in _TOP]
    return [*unknown, *_machine(document, "", str(document.get("QueryLanguage", "JSONPath")))]


def not_in_the_twin(text: str) -> str | None:
    """What a good definition uses that the twin would ignore or not run; None when it runs all of it."""
    document = json.loads(text)
    if "TimeoutSeconds" in document:
        return "TimeoutSeconds of the whole state machine"
    return next((lack for state in _all_states(document) for lack in _lacking(state)), None)


def _all_states(machine: Mapping[str, Any]) -> Iterator[State]:
    for state in machine["States"].values():
        yield state
        for inner, _ in _inner(state):
            yield from _all_states(inner)


def _lacking(state: State) -> Iterator[str]:
    if state["Type"] == "Task":
        resource = state["Resource"]
        if resource != "arn:aws:states:::lambda:invoke" and ":function:" not in resource:
            yield f"a task of the resource {resource}"
        if not isinstance(state.get("TimeoutSeconds", 1), int):
            yield "TimeoutSeconds as an expression"
    yield from (
        f"{field} of a {state['Type']} state"
        for field in ("HeartbeatSeconds", "HeartbeatSecondsPath", "TimeoutSecondsPath", "Credentials")
        if field in state
    )
    yield from (
        f"{field} in Retry"
        for retrier in state.get("Retry", [])
        for field in ("MaxDelaySeconds", "JitterStrategy")
        if field in retrier
    )
    processor = state.get("ItemProcessor") or {}
    if "ItemReader" in state or (processor.get("ProcessorConfig") or {}).get("Mode") == "DISTRIBUTED":
        yield "a distributed Map"


def _machine(machine: Mapping[str, Any], where: str, language: str) -> list[Problem]:
    """A machine, or a part of one in a Parallel or Map state."""
    states = machine.get("States")
    if not isinstance(states, dict) or not states:
        return [_schema("The field 'States' must be an object with at least one state", f"{where}/")]
    found = [problem for name, state in states.items() for problem in _state(name, state, where, language)]
    if found:
        return found
    start = str(machine.get("StartAt"))
    if start not in states:
        return [_missing(f"Missing 'StartAt' target: {start}", f"{where}/StartAt")]
    return [*_targets_exist(states, where), *_reachable(start, states, where)]


def _state(name: str, state: Any, where: str, machine_language: str) -> Iterator[Problem]:
    here = f"{where}/States/{name}"
    kind = str(state.get("Type")) if isinstance(state, dict) else ""
    if kind not in _FIELDS:
        yield _schema(f"The field 'Type' must be one of {', '.join(_FIELDS)}", f"{here}/Type")
        return
    language = state.get("QueryLanguage", machine_language)
    both, jsonpath, jsonata = _FIELDS[kind]
    known = _COMMON | both | (jsonata if language == "JSONata" else jsonpath)
    yield from (_unknown(field, here) for field in state if field not in known)
    if kind not in _ENDS and ("Next" in state) == (state.get("End") is True):
        yield _schema("Exactly one of 'Next' and 'End' is required", here)
    yield from _of_kind(kind, state, here, language)
    yield from _handlers(state, here)
    if language == "JSONata":
        yield from _expressions(kind, state, here)
    for inner, location in _inner(state):
        yield from _machine(inner, f"{here}{location}", language)


def _of_kind(kind: str, state: State, here: str, language: str) -> Iterator[Problem]:
    if kind == "Task" and not (isinstance(state.get("Resource"), str) and state["Resource"]):
        yield _schema("The field 'Resource' is required", f"{here}/Resource")
    if kind == "Wait" and sum(field in state for field in _TIMES) != 1:
        yield _schema(f"Exactly one of {', '.join(_TIMES)} is required", here)
    if kind == "Choice":
        yield from _choices(state.get("Choices"), here, language)
    if kind == "Parallel" and not state.get("Branches"):
        yield _schema("The field 'Branches' must have at least one branch", f"{here}/Branches")
    if kind == "Map" and "ItemProcessor" not in state and "Iterator" not in state:
        yield _schema("The field 'ItemProcessor' is required", f"{here}/ItemProcessor")


def _choices(choices: Any, here: str, language: str) -> Iterator[Problem]:
    if not isinstance(choices, list) or not choices:
        yield _schema("The field 'Choices' must have at least one rule", f"{here}/Choices")
        return
    for number, rule in enumerate(choices):
        at = f"{here}/Choices[{number}]"
        if not isinstance(rule, dict) or not isinstance(rule.get("Next"), str):
            yield _schema("The field 'Next' is required", f"{at}/Next")
        elif language == "JSONata" and "Condition" not in rule:
            yield _schema("The field 'Condition' is required", f"{at}/Condition")


def _handlers(state: State, here: str) -> Iterator[Problem]:
    for field in ("Retry", "Catch"):
        handlers = state.get(field, [])
        for number, handler in enumerate(handlers):
            at = f"{here}/{field}[{number}]"
            errors = handler.get("ErrorEquals") if isinstance(handler, dict) else None
            if not isinstance(errors, list) or not errors:
                yield _schema("The field 'ErrorEquals' must have at least one error", f"{at}/ErrorEquals")
            elif "States.ALL" in errors and (len(errors) > 1 or number + 1 < len(handlers)):
                yield _schema("'States.ALL' must be alone, and in the last entry", f"{at}/ErrorEquals")
            elif field == "Catch" and not isinstance(handler.get("Next"), str):
                yield _schema("The field 'Next' is required", f"{at}/Next")


def _expressions(kind: str, state: State, here: str) -> Iterator[Problem]:
    evaluated = {field: value for field, value in state.items() if field not in _NOT_EVALUATED}
    for path, text in _texts(evaluated):
        expression = expression_in(text)
        for said in unsupported(expression, _readable(kind, path)) if expression else ():
            at = "".join(part if part.startswith("[") else f"/{part}" for part in path)
            yield Problem(code="UNSUPPORTED_JSONATA_EXPRESSION", message=said, location=f"{here}{at}")


def _readable(kind: str, path: tuple[str, ...]) -> frozenset[str]:
    """The members of `$states` that a field has besides those that every field has."""
    if path[0] in _JSONATA and kind in _WITH_RESULT:
        return frozenset({"result"})
    return frozenset({"errorOutput"} if path[0] == "Catch" and path[2:3] and path[2] in _JSONATA else ())


def _texts(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    """Every text in a JSON value, with the names and `[numbers]` that lead to it."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for name, part in value.items():
            yield from _texts(part, (*path, name))
    elif isinstance(value, list):
        for number, part in enumerate(value):
            yield from _texts(part, (*path, f"[{number}]"))


def _inner(state: State) -> Iterator[tuple[Mapping[str, Any], str]]:
    """The machines inside a state, with where they are."""
    for number, branch in enumerate(state.get("Branches") or []):
        yield branch, f"/Branches[{number}]"
    for field in ("ItemProcessor", "Iterator"):
        if field in state:
            yield state[field], f"/{field}"


def _targets(state: State) -> Iterator[tuple[str, str]]:
    """(field, state) of every way out of a state."""
    yield from ((field, state[field]) for field in ("Next", "Default") if field in state)
    for field in ("Choices", "Catch"):
        yield from ((f"{field}[{n}]/Next", entry["Next"]) for n, entry in enumerate(state.get(field, [])))


def _targets_exist(states: Mapping[str, State], where: str) -> Iterator[Problem]:
    for name, state in states.items():
        for field, target in _targets(state):
            if target not in states:
                yield _missing(f"Missing 'Next' target: {target}", f"{where}/States/{name}/{field}")


def _reachable(start: str, states: Mapping[str, State], where: str) -> Iterator[Problem]:
    seen, left = {start}, [start]
    while left:
        for _, target in _targets(states[left.pop()]):
            if target in states and target not in seen:
                seen.add(target)
                left.append(target)
    for name in states:
        if name not in seen:
            yield _missing(f'State "{name}" is not reachable.', f"{where}/States/{name}")


def _unknown(field: str, where: str) -> Problem:
    return _schema(f"The field '{field}' is not supported by Step Functions", f"{where}/{field}")


def _schema(message: str, location: str) -> Problem:
    return Problem(code="SCHEMA_VALIDATION_FAILED", message=message, location=location)


def _missing(message: str, location: str) -> Problem:
    return Problem(code="MISSING_TRANSITION_TARGET", message=message, location=location)
