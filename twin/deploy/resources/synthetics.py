"""CloudWatch Synthetics canaries."""
# ruff: noqa: ARG002 - every handler answers to one interface, whichever of its arguments a type needs

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from twin.deploy.context import Aws
from twin.deploy.errors import ResourceError
from twin.deploy.names import AutoName
from twin.deploy.resources.base import (
    Handler,
    Inputs,
    Made,
    Outputs,
    compact,
    first,
    found,
    half_made,
    ignore_gone,
    paths,
    tag_changes,
    tags_of,
)

_PASSING: Final = frozenset({"CREATING", "STARTING", "UPDATING", "STOPPING", "DELETING"})
# Arguments that an update of the canary itself sends; tags and starting are calls of their own.
_DEFINITION: Final = (
    "artifactS3Location",
    "executionRoleArn",
    "failureRetentionPeriod",
    "handler",
    "runConfig",
    "runtimeVersion",
    "s3Bucket",
    "s3Key",
    "schedule",
    "successRetentionPeriod",
    "zipFile",
)
_CODE: Final = ("handler", "s3Bucket", "s3Key", "zipFile")


class Canary(Handler):
    pulumi_type = "aws:synthetics/canary:Canary"
    accepts = paths(
        "name",
        "artifactS3Location",
        "deleteLambda",
        "executionRoleArn",
        "failureRetentionPeriod",
        "handler",
        "runConfig.activeTracing",
        "runConfig.environmentVariables.*",
        "runConfig.ephemeralStorage",
        "runConfig.memoryInMb",
        "runConfig.timeoutInSeconds",
        "runtimeVersion",
        "s3Bucket",
        "s3Key",
        "schedule.durationInSeconds",
        "schedule.expression",
        "startCanary",
        "successRetentionPeriod",
        "tags.*",
        "zipFile",
    )
    replaces = frozenset({"name"})
    autoname = AutoName(argument="name", limit=255)

    def create(self, aws: Aws, inputs: Inputs) -> Made:
        name = inputs["name"]
        aws.client("synthetics").create_canary(
            Name=name,
            Code=_code(inputs),
            **_definition(inputs),
            **compact(Tags=dict(inputs.get("tags") or {}) or None),
        )
        with half_made(name):
            _wait(aws, name)
            if inputs.get("startCanary"):
                _start(aws, name)
            return Made(identity=name, outputs=_outputs(aws, name))

    def read(self, aws: Aws, identity: str, inputs: Inputs) -> Outputs | None:
        return _outputs(aws, identity) if found(aws.client("synthetics").get_canary, Name=identity) else None

    def update(self, aws: Aws, identity: str, old: Inputs, new: Inputs) -> Outputs:
        """As the provider does: a running canary is stopped, changed and started again."""
        client = aws.client("synthetics")
        if any(old.get(name) != new.get(name) for name in _DEFINITION):
            running = _wait(aws, identity)["Status"]["State"] == "RUNNING"
            if running:
                _stop(aws, identity)
            changed_code = any(old.get(name) != new.get(name) for name in _CODE)
            client.update_canary(
                Name=identity, **_definition(new), **({"Code": _code(new)} if changed_code else {})
            )
            _wait(aws, identity)
        state = _wait(aws, identity)["Status"]["State"]
        if new.get("startCanary") and state != "RUNNING":
            _start(aws, identity)
        elif not new.get("startCanary") and state == "RUNNING":
            _stop(aws, identity)
        self._change_tags(aws, identity, old, new)
        return _outputs(aws, identity)

    def delete(self, aws: Aws, identity: str, inputs: Inputs, outputs: Mapping[str, Any]) -> None:
        client = aws.client("synthetics")
        if found(client.get_canary, Name=identity) is None:
            return
        if _wait(aws, identity)["Status"]["State"] == "RUNNING":
            _stop(aws, identity)
        ignore_gone(client.delete_canary, Name=identity, DeleteLambda=bool(inputs.get("deleteLambda")))
        aws.wait(
            f"The deletion of canary {identity}",
            lambda: True if found(client.get_canary, Name=identity) is None else None,
        )

    def _change_tags(self, aws: Aws, identity: str, old: Inputs, new: Inputs) -> None:
        to_set, to_remove = tag_changes(old.get("tags") or {}, new.get("tags") or {})
        arn, client = _arn(aws, identity), aws.client("synthetics")
        if to_remove:
            client.untag_resource(ResourceArn=arn, TagKeys=to_remove)
        if to_set:
            client.tag_resource(ResourceArn=arn, Tags=to_set)


def _arn(aws: Aws, name: str) -> str:
    return f"arn:{aws.partition}:synthetics:{aws.region}:{aws.account_id}:canary:{name}"


def _code(inputs: Inputs) -> dict[str, Any]:
    content = Path(inputs["zipFile"]).read_bytes() if inputs.get("zipFile") else None
    return compact(
        ZipFile=content,
        S3Bucket=inputs.get("s3Bucket"),
        S3Key=inputs.get("s3Key"),
        Handler=inputs["handler"],
    )


def _definition(inputs: Inputs) -> dict[str, Any]:
    """What CreateCanary and UpdateCanary share, the code left out."""
    schedule = first(inputs["schedule"])
    config = first(inputs.get("runConfig")) or {}
    run_config = compact(
        TimeoutInSeconds=_whole(config.get("timeoutInSeconds")),
        MemoryInMB=_whole(config.get("memoryInMb")),
        ActiveTracing=config.get("activeTracing"),
        EphemeralStorage=_whole(config.get("ephemeralStorage")),
        EnvironmentVariables=config.get("environmentVariables"),
    )
    return compact(
        ArtifactS3Location=inputs["artifactS3Location"],
        ExecutionRoleArn=inputs["executionRoleArn"],
        RuntimeVersion=inputs["runtimeVersion"],
        Schedule=compact(
            Expression=schedule["expression"], DurationInSeconds=_whole(schedule.get("durationInSeconds"))
        ),
        RunConfig=run_config or None,
        SuccessRetentionPeriodInDays=_whole(inputs.get("successRetentionPeriod")),
        FailureRetentionPeriodInDays=_whole(inputs.get("failureRetentionPeriod")),
    )


def _whole(number: Any) -> int | None:
    return None if number is None else int(number)


def _start(aws: Aws, name: str) -> None:
    aws.client("synthetics").start_canary(Name=name)
    _wait(aws, name)


def _stop(aws: Aws, name: str) -> None:
    aws.client("synthetics").stop_canary(Name=name)
    _wait(aws, name)


def _wait(aws: Aws, name: str) -> Mapping[str, Any]:
    """The canary once it has come to rest; raises ResourceError where that is an error."""

    def rested() -> Mapping[str, Any] | None:
        canary: Mapping[str, Any] = aws.client("synthetics").get_canary(Name=name)["Canary"]
        return None if canary["Status"]["State"] in _PASSING else canary

    canary = aws.wait(f"The change of canary {name}", rested)
    if canary["Status"]["State"] == "ERROR":
        raise ResourceError(f"canary {name} is in error: {canary['Status'].get('StateReason')}")
    return canary


def _outputs(aws: Aws, name: str) -> Outputs:
    canary = aws.client("synthetics").get_canary(Name=name)["Canary"]
    config, timeline = canary["RunConfig"], canary["Timeline"]
    return {
        "name": name,
        "arn": _arn(aws, name),
        # AWS leaves the scheme out, which the provider takes for no difference.
        "artifactS3Location": f"s3://{canary['ArtifactS3Location']}",
        "engineArn": canary.get("EngineArn", ""),
        "executionRoleArn": canary["ExecutionRoleArn"],
        "failureRetentionPeriod": canary["FailureRetentionPeriodInDays"],
        "handler": canary["Code"]["Handler"],
        "runConfig": {
            "activeTracing": config.get("ActiveTracing", False),
            "memoryInMb": config["MemoryInMB"],
            "timeoutInSeconds": config["TimeoutInSeconds"],
        },
        "runtimeVersion": canary["RuntimeVersion"],
        "schedule": {
            "durationInSeconds": canary["Schedule"]["DurationInSeconds"],
            "expression": canary["Schedule"]["Expression"],
        },
        "sourceLocationArn": canary["Code"].get("SourceLocationArn", ""),
        "status": canary["Status"]["State"],
        "successRetentionPeriod": canary["SuccessRetentionPeriodInDays"],
        "tags": tags_of(canary.get("Tags")),
        "timelines": [
            {
                "created": timeline["Created"].isoformat(),
                "lastModified": timeline["LastModified"].isoformat(),
                "lastStarted": _moment(timeline.get("LastStarted")),
                "lastStopped": _moment(timeline.get("LastStopped")),
            }
        ],
    }


def _moment(value: Any) -> str:
    return value.isoformat() if value else ""
