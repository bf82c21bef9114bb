"""ARC readiness check: cells, recovery groups, resource sets, readiness checks. Each is known by its name."""
# ruff: noqa: ARG002 - every handler answers to one interface, whichever of its arguments a type needs

from collections.abc import Mapping
from typing import Any, ClassVar

from twin.deploy.context import Aws
from twin.deploy.resources.base import (
    Handler,
    Inputs,
    Made,
    Outputs,
    found,
    half_made,
    ignore_gone,
    paths,
    tag_changes,
)

SERVICE = "route53-recovery-readiness"


class _ReadinessHandler(Handler):
    """Things with a name that is their identity; the provider tags them in a call of its own."""

    # A name is taken until its holder is gone.
    delete_before_replace = True
    kind: ClassVar[str]
    """As boto3's methods call it."""
    word: ClassVar[str]
    """As the members of its shapes begin."""

    def create(self, aws: Aws, inputs: Inputs) -> Made:
        call = getattr(aws.client(SERVICE), f"create_{self.kind}")
        answer = call(**{f"{self.word}Name": self._name(inputs)}, **self._members(inputs))
        if inputs.get("tags"):
            with half_made(self._name(inputs)):
                aws.client(SERVICE).tag_resource(ResourceArn=answer[f"{self.word}Arn"], Tags=inputs["tags"])
        return Made(identity=self._name(inputs), outputs=self._outputs(answer))

    def read(self, aws: Aws, identity: str, inputs: Inputs) -> Outputs | None:
        call = getattr(aws.client(SERVICE), f"get_{self.kind}")
        answer = found(call, **{f"{self.word}Name": identity})
        return self._outputs(answer) if answer else None

    def update(self, aws: Aws, identity: str, old: Inputs, new: Inputs) -> Outputs:
        call = getattr(aws.client(SERVICE), f"update_{self.kind}")
        answer = call(**{f"{self.word}Name": identity}, **self._members(new))
        self._retag(aws, answer[f"{self.word}Arn"], old, new)
        return self._outputs(answer)

    def delete(self, aws: Aws, identity: str, inputs: Inputs, outputs: Mapping[str, Any]) -> None:
        ignore_gone(getattr(aws.client(SERVICE), f"delete_{self.kind}"), **{f"{self.word}Name": identity})

    def _name(self, inputs: Inputs) -> str:
        return str(inputs[f"{self.word[0].lower()}{self.word[1:]}Name"])

    def _members(self, inputs: Inputs) -> dict[str, Any]:
        return {"Cells": inputs.get("cells") or []}

    def _outputs(self, answer: Mapping[str, Any]) -> Outputs:
        return {"arn": answer[f"{self.word}Arn"], "cells": answer["Cells"]}

    def _retag(self, aws: Aws, arn: str, old: Inputs, new: Inputs) -> None:
        to_set, to_remove = tag_changes(old.get("tags") or {}, new.get("tags") or {})
        if to_set:
            aws.client(SERVICE).tag_resource(ResourceArn=arn, Tags=to_set)
        if to_remove:
            aws.client(SERVICE).untag_resource(ResourceArn=arn, TagKeys=to_remove)


class Cell(_ReadinessHandler):
    pulumi_type = "aws:route53recoveryreadiness/cell:Cell"
    accepts = paths("cellName", "cells", "tags.*")
    replaces = frozenset({"cellName"})
    kind, word = "cell", "Cell"

    def _outputs(self, answer: Mapping[str, Any]) -> Outputs:
        # Which group a cell is in is known only after it was made, so it is not told.
        return {**super()._outputs(answer), "cellName": answer["CellName"]}


class RecoveryGroup(_ReadinessHandler):
    pulumi_type = "aws:route53recoveryreadiness/recoveryGroup:RecoveryGroup"
    accepts = paths("recoveryGroupName", "cells", "tags.*")
    replaces = frozenset({"recoveryGroupName"})
    kind, word = "recovery_group", "RecoveryGroup"

    def _outputs(self, answer: Mapping[str, Any]) -> Outputs:
        return {**super()._outputs(answer), "recoveryGroupName": answer["RecoveryGroupName"]}


class ResourceSet(_ReadinessHandler):
    pulumi_type = "aws:route53recoveryreadiness/resourceSet:ResourceSet"
    accepts = paths(
        "resourceSetName",
        "resourceSetType",
        "resources.resourceArn",
        "resources.readinessScopes",
        "tags.*",
    )
    replaces = frozenset({"resourceSetName", "resourceSetType"})
    kind, word = "resource_set", "ResourceSet"

    def _members(self, inputs: Inputs) -> dict[str, Any]:
        resources = [
            {"ResourceArn": r["resourceArn"], "ReadinessScopes": r.get("readinessScopes") or []}
            for r in inputs["resources"]
        ]
        return {"ResourceSetType": inputs["resourceSetType"], "Resources": resources}

    def _outputs(self, answer: Mapping[str, Any]) -> Outputs:
        return {
            "arn": answer["ResourceSetArn"],
            "resourceSetName": answer["ResourceSetName"],
            "resourceSetType": answer["ResourceSetType"],
            "resources": [
                {"resourceArn": r["ResourceArn"], "readinessScopes": r.get("ReadinessScopes", [])}
                for r in answer["Resources"]
            ],
        }


class ReadinessCheck(_ReadinessHandler):
    pulumi_type = "aws:route53recoveryreadiness/readinessCheck:ReadinessCheck"
    accepts = paths("readinessCheckName", "resourceSetName", "tags.*")
    replaces = frozenset({"readinessCheckName"})
    kind, word = "readiness_check", "ReadinessCheck"

    def _members(self, inputs: Inputs) -> dict[str, Any]:
        return {"ResourceSetName": inputs["resourceSetName"]}

    def _outputs(self, answer: Mapping[str, Any]) -> Outputs:
        return {
            "arn": answer["ReadinessCheckArn"],
            "readinessCheckName": answer["ReadinessCheckName"],
            "resourceSetName": answer["ResourceSet"],
        }
