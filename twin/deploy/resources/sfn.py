"""Step Functions: state machines."""
# ruff: noqa: ARG002 - every handler answers to one interface, whichever of its arguments a type needs

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from twin.deploy.context import Aws
from twin.deploy.errors import ResourceError
from twin.deploy.names import AutoName
from twin.deploy.resources.base import (
    Handler,
    Inputs,
    Made,
    Outputs,
    compact,
    error_code,
    first,
    found,
    half_made,
    ignore_gone,
    paths,
    tag_changes,
    tags_of,
)


class StateMachine(Handler):
    pulumi_type = "aws:sfn/stateMachine:StateMachine"
    accepts = paths(
        "name",
        "definition",
        "roleArn",
        "type",
        "loggingConfiguration.logDestination",
        "loggingConfiguration.level",
        "loggingConfiguration.includeExecutionData",
        "tracingConfiguration.enabled",
        "tags.*",
    )
    replaces = frozenset({"name", "type"})
    autoname = AutoName(argument="name", limit=80)

    def plan(self, aws: Aws, old: Inputs, new: Inputs) -> None:
        """A definition that is new or changed is checked (internal/service/sfn/state_machine.go)."""
        definition = new.get("definition")
        if not definition or definition == old.get("definition"):
            return
        found = aws.client("stepfunctions").validate_state_machine_definition(
            definition=definition, **compact(type=new.get("type"))
        )
        if found["result"] != "OK":
            wrong = [f"{one['code']}: {one['message']}" for one in found["diagnostics"]]
            raise ResourceError(f"invalid Step Functions State Machine definition: {'; '.join(wrong)}")

    def create(self, aws: Aws, inputs: Inputs) -> Made:
        request = {
            "name": inputs["name"],
            **compact(type=inputs.get("type")),
            "tags": [{"key": key, "value": value} for key, value in (inputs.get("tags") or {}).items()],
            **_settings(inputs),
        }
        answer = aws.wait(f"The role {inputs['roleArn']} becoming usable", lambda: _created(aws, request))
        arn = answer["stateMachineArn"]
        with half_made(arn):
            return Made(identity=arn, outputs=_outputs(aws, arn))

    def read(self, aws: Aws, identity: str, inputs: Inputs) -> Outputs | None:
        exists = found(aws.client("stepfunctions").describe_state_machine, stateMachineArn=identity)
        if exists is None:
            return None
        tags = aws.client("stepfunctions").list_tags_for_resource(resourceArn=identity)["tags"]
        return {**_outputs(aws, identity), "tags": tags_of({tag["key"]: tag["value"] for tag in tags})}

    def update(self, aws: Aws, identity: str, old: Inputs, new: Inputs) -> Outputs:
        client = aws.client("stepfunctions")
        if not old or _settings(old) != _settings(new):
            client.update_state_machine(stateMachineArn=identity, **_settings(new))
        to_set, to_remove = tag_changes(old.get("tags") or {}, new.get("tags") or {})
        if to_set:
            tags = [{"key": key, "value": value} for key, value in to_set.items()]
            client.tag_resource(resourceArn=identity, tags=tags)
        if to_remove:
            client.untag_resource(resourceArn=identity, tagKeys=to_remove)
        return _outputs(aws, identity)

    def delete(self, aws: Aws, identity: str, inputs: Inputs, outputs: Mapping[str, Any]) -> None:
        ignore_gone(aws.client("stepfunctions").delete_state_machine, stateMachineArn=identity)


def _created(aws: Aws, request: Mapping[str, Any]) -> dict[str, Any] | None:
    """A new role is known to Step Functions only after some seconds; the real provider waits in this way."""
    try:
        return dict(aws.client("stepfunctions").create_state_machine(**request))
    except ClientError as error:
        if error_code(error) == "AccessDeniedException" and "role" in str(error).lower():
            return None
        raise


def _settings(inputs: Inputs) -> dict[str, Any]:
    """Members that CreateStateMachine and UpdateStateMachine share."""
    logging = first(inputs.get("loggingConfiguration")) or {}
    tracing = first(inputs.get("tracingConfiguration")) or {}
    destination = logging.get("logDestination")
    return {
        "definition": inputs["definition"],
        "roleArn": inputs["roleArn"],
        "loggingConfiguration": {
            "level": logging.get("level") or "OFF",
            "includeExecutionData": bool(logging.get("includeExecutionData")),
            **compact(destinations=[_destination(destination)] if destination else None),
        },
        "tracingConfiguration": {"enabled": bool(tracing.get("enabled"))},
    }


def _destination(arn: str) -> dict[str, Any]:
    return {"cloudWatchLogsLogGroup": {"logGroupArn": arn}}


def _outputs(aws: Aws, arn: str) -> Outputs:
    known = aws.client("stepfunctions").describe_state_machine(stateMachineArn=arn)
    logging = known["loggingConfiguration"]
    destinations = [d["cloudWatchLogsLogGroup"]["logGroupArn"] for d in logging.get("destinations") or []]
    return {
        "arn": arn,
        "name": known["name"],
        "definition": known["definition"],
        "roleArn": known["roleArn"],
        "type": known["type"],
        "status": known["status"],
        "creationDate": known["creationDate"].isoformat(),
        "revisionId": known.get("revisionId", ""),
        "loggingConfiguration": {
            "level": logging["level"],
            "includeExecutionData": logging.get("includeExecutionData", False),
            **compact(logDestination=destinations[0] if destinations else None),
        },
        "tracingConfiguration": {"enabled": (known.get("tracingConfiguration") or {}).get("enabled", False)},
    }
