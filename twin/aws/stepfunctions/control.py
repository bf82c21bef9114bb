"""Step Functions' control API: wrong definitions, roles and log destinations are refused, as on AWS."""

import json
import re
from collections.abc import Mapping
from typing import Any

import ministack.services.cloudwatch_logs as logs
import ministack.services.stepfunctions as emulated
from ministack.core.responses import get_account_id, get_region

from twin.aws.hooks import HookedName, declare, replace
from twin.aws.iam.permissions import role_allows, role_trusts
from twin.aws.stepfunctions.asl import not_in_the_twin, problems

MODULE = "ministack.services.stepfunctions"
_SERVICE = "states.amazonaws.com"
_NAME = re.compile(r"[0-9A-Za-z_-]{1,80}")
_NO_LOG: Mapping[str, Any] = {"level": "OFF", "includeExecutionData": False}
_LEVELS = ("ALL", "ERROR", "FATAL", "OFF")
# Step Functions Developer Guide, "IAM policies for logging to CloudWatch Logs".
_DELIVERY = (
    "logs:CreateLogDelivery",
    "logs:GetLogDelivery",
    "logs:UpdateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:DescribeResourcePolicies",
    "logs:DescribeLogGroups",
)
_ABORTED = "ABORTED"
declare(
    HookedName(module=MODULE, attribute="_state_machines"),
    HookedName(module=MODULE, attribute="_executions"),
    HookedName(module=MODULE, attribute="_validate_definition_jsonata", signature="(definition_str)"),
)

Json = dict[str, Any]


def install() -> None:
    """Hook the operations that make, change, check and remove state machines."""
    for attribute, make in (
        ("_create_state_machine", _checked_create),
        ("_update_state_machine", _checked_update),
        ("_delete_state_machine", _ending_executions),
        ("_validate_state_machine_definition", lambda _: _validate),
    ):
        replace(HookedName(module=MODULE, attribute=attribute, signature="(data)"), make)


def log_group_of(logging: Mapping[str, Any]) -> str | None:
    """The name of the group that a machine's log goes to; None when it goes nowhere."""
    for destination in logging.get("destinations") or []:
        arn = str((destination.get("cloudWatchLogsLogGroup") or {}).get("logGroupArn", ""))
        _, found, name = arn.removesuffix(":*").partition(":log-group:")
        return name if found and arn.endswith(":*") else None
    return None


def _checked_create(original: Any) -> Any:
    def create_state_machine(data: Json) -> Any:
        if not _NAME.fullmatch(str(data.get("name", ""))):
            return _error("InvalidName", f"Invalid Name: '{data.get('name')}'")
        refused = _unmodelled("CreateStateMachine", data) or _refusal(data)
        answer = refused or original(data)
        if not refused and answer[0] == 200:
            _set_tracing(json.loads(answer[2])["stateMachineArn"], data)
        return answer

    return create_state_machine


def _checked_update(original: Any) -> Any:
    def update_state_machine(data: Json) -> Any:
        machine = emulated._state_machines.get(data.get("stateMachineArn"))
        if machine is None:
            return original(data)
        refused = _unmodelled("UpdateStateMachine", data) or _refusal({**machine, **data})
        answer = refused or original(data)
        if not refused and answer[0] == 200 and "tracingConfiguration" in data:
            _set_tracing(data["stateMachineArn"], data)
        return answer

    return update_state_machine


def _ending_executions(original: Any) -> Any:
    """Its executions end with a state machine, at their next step."""

    def delete_state_machine(data: Json) -> Any:
        for execution in emulated._executions.values():
            ours = execution.get("stateMachineArn") == data.get("stateMachineArn")
            if ours and execution["status"] == "RUNNING":
                execution["status"] = _ABORTED
        return original(data)

    return delete_state_machine


def _validate(data: Json) -> Any:
    found = [
        {"severity": "ERROR", "code": p.code, "message": p.message, "location": p.location}
        for p in problems(str(data.get("definition", "")))
    ]
    wrong = None if found else emulated._validate_definition_jsonata(data.get("definition"))
    if wrong:
        found = [{"severity": "ERROR", "code": "INVALID_JSONATA_EXPRESSION", "message": wrong}]
    most = int(data.get("maxResults") or 100)
    return emulated.json_response(
        {
            "result": "FAIL" if found else "OK",
            "diagnostics": found[:most],
            "truncated": len(found) > most,
        }
    )


def _unmodelled(operation: str, data: Mapping[str, Any]) -> Any:
    """Arguments that would change what a machine does, and that the twin does not have."""
    encryption = (data.get("encryptionConfiguration") or {}).get("type", "AWS_OWNED_KEY")
    given = {
        "type EXPRESS": data.get("type") == "EXPRESS",
        "publish": data.get("publish"),
        f"encryptionConfiguration {encryption}": encryption != "AWS_OWNED_KEY",
    }
    lacking = next((name for name, value in given.items() if value), None)
    if lacking is None and "definition" in data and not problems(str(data["definition"])):
        lacking = not_in_the_twin(str(data["definition"]))
    if lacking is None:
        return None
    message = f"not in the twin: stepfunctions.{operation} with {lacking}"
    return emulated.error_response_json("NotImplemented", message, 501)


def _refusal(machine: Mapping[str, Any]) -> Any:
    """What Step Functions checks of a machine as it would be, in its own words."""
    wrong = problems(str(machine.get("definition", "")))
    if wrong:
        listed = ", ".join(str(problem) for problem in wrong)
        return _error("InvalidDefinition", f"Invalid State Machine Definition: '{listed}'")
    role = str(machine.get("roleArn", ""))
    if not role_trusts(role.rpartition("/")[2], _SERVICE):
        return _error(
            "AccessDeniedException",
            f"Neither the global service principal {_SERVICE}, nor the regional one is authorized to "
            "assume the provided role.",
        )
    return _logging_refusal(machine.get("loggingConfiguration") or _NO_LOG, role)


def _logging_refusal(logging: Mapping[str, Any], role: str) -> Any:
    level = logging.get("level", "OFF")
    if level not in _LEVELS:
        return _error("ValidationException", f"loggingConfiguration.level must be one of {_LEVELS}")
    if level == "OFF":
        return None
    group = log_group_of(logging)
    if group is None:
        return _error(
            "InvalidLoggingConfiguration",
            "Invalid Logging Configuration: Must specify exactly one Log Destination.",
        )
    account, region = get_account_id(), get_region()
    allowed = all(role_allows(role, account, region, action, "*") for action in _DELIVERY)
    if not allowed or group not in logs._log_groups:
        return _error(
            "AccessDeniedException",
            "The state machine IAM Role is not authorized to access the Log Destination",
        )
    return None


def _set_tracing(arn: str, data: Mapping[str, Any]) -> None:
    machine = emulated._state_machines[arn]
    machine["tracingConfiguration"] = data.get("tracingConfiguration") or {"enabled": False}


def _error(code: str, message: str) -> Any:
    return emulated.error_response_json(code, message, 400)
