"""Runs a state machine's definition at once, without waits, on functions of the test's own.

The engine is the emulator's, which also runs the deployed machine in the local twin: here without a server,
roles or time.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

import ministack.services.stepfunctions as engine
from ministack.core.responses import request_scope

ACCOUNT, REGION = "111122223333", "us-east-1"
Function = Callable[[Mapping[str, Any]], Any]


@dataclass(frozen=True, kw_only=True)
class Execution:
    """How it ended, and every event on the way."""

    status: str
    output: Any
    error: str | None
    cause: str | None
    events: list[dict[str, Any]]

    def count(self, event_type: str) -> int:
        return sum(event["type"] == event_type for event in self.events)


def run(definition: Mapping[str, Any], given: object, functions: Mapping[str, Function]) -> Execution:
    """Run to the end. A function that raises fails with its error's class as the error's name."""

    def call(arn: str, payload: Any) -> Any:
        try:
            return functions[arn.rpartition(":")[2]](payload)
        except Exception as error:
            name = type(error).__name__
            cause = json.dumps({"errorMessage": str(error), "errorType": name})
            raise engine._ExecutionError(name, cause) from error

    machine_arn = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:tested"
    arn = f"arn:aws:states:{REGION}:{ACCOUNT}:execution:tested:1"
    found: dict[str, Any] = {
        "executionArn": arn,
        "stateMachineArn": machine_arn,
        "name": "1",
        "status": "RUNNING",
        "startDate": "2026-01-01T00:00:00.000Z",
        "input": json.dumps(given),
        "output": None,
        "events": [{"id": 1, "type": "ExecutionStarted"}],
    }
    machines = {machine_arn: {"name": "tested", "definition": json.dumps(definition)}}
    with (
        request_scope(ACCOUNT, REGION),
        patch.object(engine, "_state_machines", machines),
        patch.object(engine, "_executions", {arn: found}),
        patch.object(engine, "_call_lambda", call),
        patch.object(engine, "_invoke_resource_with_timeout", lambda r, p, _: engine._invoke_resource(r, p)),
        patch.object(engine, "_emit_execution_status_event", lambda _: None),
        patch.object(engine.time, "sleep", lambda _: None),
    ):
        engine._run_execution(arn)
    succeeded = found["status"] == "SUCCEEDED"
    return Execution(
        status=found["status"],
        output=json.loads(found["output"]) if succeeded else None,
        error=found.get("error"),
        cause=found.get("cause"),
        events=found["events"],
    )
