"""ARC routing control: clusters, control panels, routing controls, safety rules.

Whether a routing control is On is never touched here: its state is operational, not declared.
"""
# ruff: noqa: ARG002 - every handler answers to one interface, whichever of its arguments a type needs

import secrets
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from twin.deploy.context import Aws
from twin.deploy.errors import ResourceError
from twin.deploy.names import AutoName
from twin.deploy.resources.base import (
    Handler,
    Inputs,
    Made,
    Outputs,
    compact,
    found,
    half_made,
    ignore_gone,
    paths,
    tag_changes,
    tags_of,
)

SERVICE = "route53-recovery-control-config"


class _ArcHandler(Handler):
    """Things with an ARN and a status that goes from PENDING to DEPLOYED."""

    autoname = AutoName(argument="name", limit=64)
    # Names are unique in a cluster or panel, so an old and a new one cannot stand side by side.
    delete_before_replace = True
    kind: ClassVar[str]
    arn_member: ClassVar[str]

    def _describe(self, aws: Aws, arn: str) -> dict[str, Any] | None:
        call: Callable[..., Any] = getattr(aws.client(SERVICE), f"describe_{self.kind}")
        answer = found(call, **{self.arn_member: arn})
        return self._body(answer) if answer else None

    def _body(self, answer: Mapping[str, Any]) -> dict[str, Any]:
        return dict(answer["".join(part.title() for part in self.kind.split("_"))])

    def _deployed(self, aws: Aws, arn: str) -> dict[str, Any]:
        def attempt() -> dict[str, Any] | None:
            thing = self._describe(aws, arn)
            return thing if thing and thing["Status"] == "DEPLOYED" else None

        return aws.wait(f"{arn} becoming DEPLOYED", attempt)

    def read(self, aws: Aws, identity: str, inputs: Inputs) -> Outputs | None:
        thing = self._describe(aws, identity)
        return {**self._outputs(thing), **self._observed(aws, thing)} if thing else None

    def delete(self, aws: Aws, identity: str, inputs: Inputs, outputs: Mapping[str, Any]) -> None:
        call = getattr(aws.client(SERVICE), f"delete_{self.kind}")
        ignore_gone(call, **{self.arn_member: identity})
        aws.wait(
            f"The deletion of {identity}", lambda: True if self._describe(aws, identity) is None else None
        )

    def _observed(self, aws: Aws, thing: Mapping[str, Any]) -> Outputs:
        """Arguments that are no outputs."""
        if "tags" not in self.accepts:
            return {}
        arn = thing[self.arn_member]
        return {"tags": tags_of(aws.client(SERVICE).list_tags_for_resource(ResourceArn=arn).get("Tags"))}

    def _outputs(self, thing: Mapping[str, Any]) -> Outputs:
        return {"arn": thing[self.arn_member], "name": thing["Name"], "status": thing["Status"]}


class Cluster(_ArcHandler):
    pulumi_type = "aws:route53recoverycontrol/cluster:Cluster"
    accepts = paths("name", "networkType", "tags.*")
    replaces = frozenset({"name"})
    kind, arn_member = "cluster", "ClusterArn"

    def create(self, aws: Aws, inputs: Inputs) -> Made:
        answer = aws.client(SERVICE).create_cluster(
            ClientToken=secrets.token_hex(16),
            ClusterName=inputs["name"],
            **compact(NetworkType=inputs.get("networkType"), Tags=inputs.get("tags") or None),
        )
        arn = answer["Cluster"]["ClusterArn"]
        with half_made(arn):
            return Made(identity=arn, outputs=self._outputs(self._deployed(aws, arn)))

    def update(self, aws: Aws, identity: str, old: Inputs, new: Inputs) -> Outputs:
        if old.get("networkType") != new.get("networkType") and new.get("networkType"):
            aws.client(SERVICE).update_cluster(ClusterArn=identity, NetworkType=new["networkType"])
        _retag(aws, identity, old, new)
        return self._outputs(self._deployed(aws, identity))

    def _outputs(self, thing: Mapping[str, Any]) -> Outputs:
        endpoints = [
            {"endpoint": e["Endpoint"], "region": e["Region"]} for e in thing.get("ClusterEndpoints", [])
        ]
        return {
            **super()._outputs(thing),
            "clusterEndpoints": endpoints,
            "networkType": thing.get("NetworkType", "IPV4"),
        }


class ControlPanel(_ArcHandler):
    pulumi_type = "aws:route53recoverycontrol/controlPanel:ControlPanel"
    accepts = paths("name", "clusterArn", "tags.*")
    replaces = frozenset({"clusterArn"})
    kind, arn_member = "control_panel", "ControlPanelArn"

    def create(self, aws: Aws, inputs: Inputs) -> Made:
        answer = aws.client(SERVICE).create_control_panel(
            ClientToken=secrets.token_hex(16),
            ClusterArn=inputs["clusterArn"],
            ControlPanelName=inputs["name"],
            **compact(Tags=inputs.get("tags") or None),
        )
        arn = answer["ControlPanel"]["ControlPanelArn"]
        with half_made(arn):
            return Made(identity=arn, outputs=self._outputs(self._deployed(aws, arn)))

    def update(self, aws: Aws, identity: str, old: Inputs, new: Inputs) -> Outputs:
        if old.get("name") != new["name"]:
            aws.client(SERVICE).update_control_panel(ControlPanelArn=identity, ControlPanelName=new["name"])
        _retag(aws, identity, old, new)
        return self._outputs(self._deployed(aws, identity))

    def _outputs(self, thing: Mapping[str, Any]) -> Outputs:
        return {
            **super()._outputs(thing),
            "clusterArn": thing["ClusterArn"],
            "defaultControlPanel": thing.get("DefaultControlPanel", False),
            "routingControlCount": thing.get("RoutingControlCount", 0),
        }


class RoutingControl(_ArcHandler):
    pulumi_type = "aws:route53recoverycontrol/routingControl:RoutingControl"
    accepts = paths("name", "clusterArn", "controlPanelArn")
    # Another panel is no change to the AWS provider (hashicorp/terraform-provider-aws #44373).
    replaces = frozenset({"clusterArn"})
    kind, arn_member = "routing_control", "RoutingControlArn"

    def create(self, aws: Aws, inputs: Inputs) -> Made:
        answer = aws.client(SERVICE).create_routing_control(
            ClientToken=secrets.token_hex(16),
            ClusterArn=inputs["clusterArn"],
            RoutingControlName=inputs["name"],
            **compact(ControlPanelArn=inputs.get("controlPanelArn")),
        )
        arn = answer["RoutingControl"]["RoutingControlArn"]
        with half_made(arn):
            return Made(identity=arn, outputs=self._outputs(self._deployed(aws, arn)))

    def update(self, aws: Aws, identity: str, old: Inputs, new: Inputs) -> Outputs:
        if old.get("name") != new["name"]:
            aws.client(SERVICE).update_routing_control(
                RoutingControlArn=identity, RoutingControlName=new["name"]
            )
        return self._outputs(self._deployed(aws, identity))

    def _outputs(self, thing: Mapping[str, Any]) -> Outputs:
        return {**super()._outputs(thing), "controlPanelArn": thing["ControlPanelArn"]}


class SafetyRule(_ArcHandler):
    pulumi_type = "aws:route53recoverycontrol/safetyRule:SafetyRule"
    accepts = paths(
        "name",
        "controlPanelArn",
        "waitPeriodMs",
        "assertedControls",
        "gatingControls",
        "targetControls",
        "ruleConfig.inverted",
        "ruleConfig.threshold",
        "ruleConfig.type",
        "tags.*",
    )
    replaces = frozenset(
        {"controlPanelArn", "assertedControls", "gatingControls", "targetControls", "ruleConfig"}
    )
    kind, arn_member = "safety_rule", "SafetyRuleArn"

    def create(self, aws: Aws, inputs: Inputs) -> Made:
        if bool(inputs.get("assertedControls")) == bool(inputs.get("gatingControls")):
            raise ResourceError("exactly one of assertedControls and gatingControls must be given.")
        answer = aws.client(SERVICE).create_safety_rule(
            ClientToken=secrets.token_hex(16),
            **compact(Tags=inputs.get("tags") or None),
            **_rule(inputs),
        )
        arn = self._body(answer)["SafetyRuleArn"]
        with half_made(arn):
            return Made(identity=arn, outputs=self._outputs(self._deployed(aws, arn)))

    def update(self, aws: Aws, identity: str, old: Inputs, new: Inputs) -> Outputs:
        if (old.get("name"), old.get("waitPeriodMs")) != (new["name"], new["waitPeriodMs"]):
            member = "AssertionRuleUpdate" if new.get("assertedControls") else "GatingRuleUpdate"
            change = {
                "SafetyRuleArn": identity,
                "Name": new["name"],
                "WaitPeriodMs": int(new["waitPeriodMs"]),
            }
            aws.client(SERVICE).update_safety_rule(**{member: change})
        _retag(aws, identity, old, new)
        return self._outputs(self._deployed(aws, identity))

    def _body(self, answer: Mapping[str, Any]) -> dict[str, Any]:
        return dict(answer.get("AssertionRule") or answer["GatingRule"])

    def _observed(self, aws: Aws, thing: Mapping[str, Any]) -> Outputs:
        config = thing["RuleConfig"]
        return {
            **super()._observed(aws, thing),
            "waitPeriodMs": thing["WaitPeriodMs"],
            "assertedControls": thing.get("AssertedControls"),
            "gatingControls": thing.get("GatingControls"),
            "targetControls": thing.get("TargetControls"),
            "ruleConfig": {
                "inverted": config["Inverted"],
                "threshold": config["Threshold"],
                "type": config["Type"],
            },
        }


def _rule(inputs: Inputs) -> dict[str, Any]:
    config = inputs["ruleConfig"]
    rule = {
        "ControlPanelArn": inputs["controlPanelArn"],
        "Name": inputs["name"],
        "WaitPeriodMs": int(inputs["waitPeriodMs"]),
        "RuleConfig": {
            "Inverted": bool(config["inverted"]),
            "Threshold": int(config["threshold"]),
            "Type": config["type"],
        },
    }
    if inputs.get("assertedControls"):
        return {"AssertionRule": {**rule, "AssertedControls": inputs["assertedControls"]}}
    gates = {"GatingControls": inputs["gatingControls"], "TargetControls": inputs.get("targetControls") or []}
    return {"GatingRule": {**rule, **gates}}


def _retag(aws: Aws, arn: str, old: Inputs, new: Inputs) -> None:
    to_set, to_remove = tag_changes(old.get("tags") or {}, new.get("tags") or {})
    if to_set:
        aws.client(SERVICE).tag_resource(ResourceArn=arn, Tags=to_set)
    if to_remove:
        aws.client(SERVICE).untag_resource(ResourceArn=arn, TagKeys=to_remove)
