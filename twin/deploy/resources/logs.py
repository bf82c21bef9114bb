"""CloudWatch Logs: log groups."""
# ruff: noqa: ARG002 - every handler answers to one interface, whichever of its arguments a type needs

from collections.abc import Mapping
from typing import Any

from twin.deploy.context import Aws
from twin.deploy.names import AutoName
from twin.deploy.resources.base import (
    Handler,
    Inputs,
    Made,
    Outputs,
    compact,
    half_made,
    ignore_gone,
    paths,
    tag_changes,
    tags_of,
)


class LogGroup(Handler):
    pulumi_type = "aws:cloudwatch/logGroup:LogGroup"
    accepts = paths("name", "retentionInDays", "kmsKeyId", "logGroupClass", "skipDestroy", "tags.*")
    replaces = frozenset({"name", "logGroupClass"})
    autoname = AutoName(argument="name", limit=512)

    def create(self, aws: Aws, inputs: Inputs) -> Made:
        name = inputs["name"]
        aws.client("logs").create_log_group(
            **compact(
                logGroupName=name,
                kmsKeyId=inputs.get("kmsKeyId"),
                logGroupClass=inputs.get("logGroupClass"),
                tags=inputs.get("tags") or None,
            )
        )
        with half_made(name):
            _set_retention(aws, name, None, inputs.get("retentionInDays"))
            return Made(identity=name, outputs=_outputs(aws, name))

    def read(self, aws: Aws, identity: str, inputs: Inputs) -> Outputs | None:
        answer = aws.client("logs").describe_log_groups(logGroupNamePrefix=identity)
        for group in answer["logGroups"]:
            if group["logGroupName"] == identity:
                outputs = _outputs(aws, identity)
                tags = aws.client("logs").list_tags_for_resource(resourceArn=outputs["arn"])["tags"]
                return {
                    **outputs,
                    "retentionInDays": group.get("retentionInDays", 0),
                    "tags": tags_of(tags),
                }
        return None

    def update(self, aws: Aws, identity: str, old: Inputs, new: Inputs) -> Outputs:
        _set_retention(aws, identity, old.get("retentionInDays"), new.get("retentionInDays"))
        outputs = _outputs(aws, identity)
        to_set, to_remove = tag_changes(old.get("tags") or {}, new.get("tags") or {})
        if to_set:
            aws.client("logs").tag_resource(resourceArn=outputs["arn"], tags=to_set)
        if to_remove:
            aws.client("logs").untag_resource(resourceArn=outputs["arn"], tagKeys=to_remove)
        return outputs

    def delete(self, aws: Aws, identity: str, inputs: Inputs, outputs: Mapping[str, Any]) -> None:
        if not inputs.get("skipDestroy"):
            ignore_gone(aws.client("logs").delete_log_group, logGroupName=identity)


def _set_retention(aws: Aws, name: str, old: float | None, new: float | None) -> None:
    # 0 is the schema's word for "never expires", which AWS expresses by having no policy.
    if (old or 0) == (new or 0):
        return
    if new:
        aws.client("logs").put_retention_policy(logGroupName=name, retentionInDays=int(new))
    else:
        aws.client("logs").delete_retention_policy(logGroupName=name)


def _outputs(aws: Aws, name: str) -> Outputs:
    return {"name": name, "arn": f"arn:{aws.partition}:logs:{aws.region}:{aws.account_id}:log-group:{name}"}
