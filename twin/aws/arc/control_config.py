"""ARC's recovery control configuration: clusters, control panels, routing controls, safety rules and tags.

The control plane, served in us-west-2 alone as on AWS. Permissions are by the resources that the Service
Authorization Reference gives for each action.
"""

from collections.abc import Callable
from typing import Any

from twin.aws.arc.rules import RuleConfig, RuleKind, SafetyRule
from twin.aws.arc.state import ArcState, Cluster, ControlPanel, RoutingControl
from twin.aws.own.contract import CallContext, Params, Permission, Result
from twin.aws.own.errors import ServiceError
from twin.aws.own.paging import page
from twin.settings import ARC_CONFIG_REGION

# Where an operation's parameters name the resource it works on.
_RESOURCE_MEMBERS = (
    "ResourceArn",
    "SafetyRuleArn",
    "RoutingControlArn",
    "ControlPanelArn",
    "ClusterArn",
)
_CREATES = {
    "CreateCluster": "cluster/*",
    "CreateControlPanel": "controlpanel/*",
    "CreateRoutingControl": "controlpanel/*/routingcontrol/*",
    "CreateSafetyRule": "controlpanel/*/safetyrule/*",
}
_WITHOUT_RESOURCE = frozenset({"ListClusters", "ListControlPanels"})


class ArcControlConfig:
    """The service `route53-recovery-control-config`.

    `health_checks(arn)` gives the ids of the Route 53 health checks that follow a routing control.
    """

    botocore_service = "route53-recovery-control-config"

    def __init__(self, state: ArcState, *, health_checks: Callable[[str], list[str]]) -> None:
        self._state = state
        self._health_checks = health_checks
        self._operations: dict[str, Callable[[Params], Result]] = {
            "CreateCluster": self._create_cluster,
            "DescribeCluster": lambda p: {"Cluster": self._cluster(self._state.cluster(p["ClusterArn"]))},
            "UpdateCluster": self._update_cluster,
            "DeleteCluster": _deleting(self._state.delete_cluster, "ClusterArn"),
            "ListClusters": self._list_clusters,
            "CreateControlPanel": self._create_panel,
            "DescribeControlPanel": self._describe_panel,
            "UpdateControlPanel": self._update_panel,
            "DeleteControlPanel": _deleting(self._state.delete_panel, "ControlPanelArn"),
            "ListControlPanels": self._list_panels,
            "CreateRoutingControl": self._create_control,
            "DescribeRoutingControl": self._describe_control,
            "UpdateRoutingControl": self._update_control,
            "DeleteRoutingControl": _deleting(self._state.delete_control, "RoutingControlArn"),
            "ListRoutingControls": self._list_controls,
            "ListAssociatedRoute53HealthChecks": self._list_health_checks,
            "CreateSafetyRule": self._create_rule,
            "DescribeSafetyRule": lambda p: self._rule_result(self._state.rule(p["SafetyRuleArn"])),
            "UpdateSafetyRule": self._update_rule,
            "DeleteSafetyRule": _deleting(self._state.delete_rule, "SafetyRuleArn"),
            "ListSafetyRules": self._list_rules,
            "ListTagsForResource": lambda p: {"Tags": dict(self._state.taggable(p["ResourceArn"]))},
            "TagResource": self._tag,
            "UntagResource": self._untag,
        }

    @property
    def operations(self) -> frozenset[str]:
        """The operations that are implemented."""
        return frozenset(self._operations)

    def permissions(self, operation: str, params: Params) -> list[Permission]:
        """One permission on the resource the call names, or on the kind of resource it makes."""
        action = f"{self.botocore_service}:{operation}"
        if operation in _CREATES:
            prefix = f"arn:aws:route53-recovery-control::{self._state.account_id}"
            return [Permission(action=action, resource=f"{prefix}:{_CREATES[operation]}")]
        if operation in _WITHOUT_RESOURCE:
            return [Permission(action=action)]
        named = {**params, **params.get("AssertionRuleUpdate", {}), **params.get("GatingRuleUpdate", {})}
        resource = next((named[member] for member in _RESOURCE_MEMBERS if member in named), "*")
        return [Permission(action=action, resource=resource)]

    def call(self, operation: str, params: Params, ctx: CallContext) -> Result:
        """Answer an operation."""
        if ctx.region != ARC_CONFIG_REGION:
            raise ServiceError(
                "AccessDeniedException",
                f"Recovery control configuration is served in {ARC_CONFIG_REGION} only, not in {ctx.region}.",
            )
        return self._operations[operation](params)

    def _create_cluster(self, params: Params) -> Result:
        cluster = self._state.create_cluster(
            params["ClusterName"],
            network_type=params.get("NetworkType", "IPV4"),
            token=params.get("ClientToken"),
        )
        self._state.taggable(cluster.arn).update(params.get("Tags", {}))
        return {"Cluster": self._cluster(cluster)}

    def _update_cluster(self, params: Params) -> Result:
        cluster = self._state.update_cluster(params["ClusterArn"], params["NetworkType"])
        return {"Cluster": self._cluster(cluster)}

    def _list_clusters(self, params: Params) -> Result:
        return page("Clusters", [self._cluster(c) for c in self._state.clusters.values()], params)

    def _create_panel(self, params: Params) -> Result:
        panel = self._state.create_panel(
            params["ClusterArn"], params["ControlPanelName"], token=params.get("ClientToken")
        )
        self._state.taggable(panel.arn).update(params.get("Tags", {}))
        return {"ControlPanel": self._panel(panel)}

    def _describe_panel(self, params: Params) -> Result:
        return {"ControlPanel": self._panel(self._state.panel(params["ControlPanelArn"]))}

    def _update_panel(self, params: Params) -> Result:
        panel = self._state.rename_panel(params["ControlPanelArn"], params["ControlPanelName"])
        return {"ControlPanel": self._panel(panel)}

    def _list_panels(self, params: Params) -> Result:
        cluster_arn = params.get("ClusterArn")
        panels = list(self._state.panels.values())
        if cluster_arn:
            panels = self._state.panels_of(self._state.cluster(cluster_arn).arn)
        return page("ControlPanels", [self._panel(panel) for panel in panels], params)

    def _create_control(self, params: Params) -> Result:
        control = self._state.create_control(
            params["ClusterArn"],
            params["RoutingControlName"],
            panel_arn=params.get("ControlPanelArn"),
            token=params.get("ClientToken"),
        )
        return {"RoutingControl": self._control(control)}

    def _describe_control(self, params: Params) -> Result:
        return {"RoutingControl": self._control(self._state.control(params["RoutingControlArn"]))}

    def _update_control(self, params: Params) -> Result:
        control = self._state.rename_control(params["RoutingControlArn"], params["RoutingControlName"])
        return {"RoutingControl": self._control(control)}

    def _list_controls(self, params: Params) -> Result:
        panel = self._state.panel(params["ControlPanelArn"])
        return page("RoutingControls", [self._control(c) for c in self._state.controls_of(panel.arn)], params)

    def _list_health_checks(self, params: Params) -> Result:
        control = self._state.control(params["RoutingControlArn"])
        return page("HealthCheckIds", self._health_checks(control.arn), params)

    def _create_rule(self, params: Params) -> Result:
        kind, new = _one_of(params, ASSERTION="AssertionRule", GATING="GatingRule")
        counted, guarded = _rule_controls(kind, new)
        config = new["RuleConfig"]
        rule = self._state.create_rule(
            kind=kind,
            panel_arn=new["ControlPanelArn"],
            name=new["Name"],
            config=RuleConfig(
                type=config["Type"], threshold=config["Threshold"], inverted=config["Inverted"]
            ),
            counted=counted,
            guarded=guarded,
            wait_period_ms=new["WaitPeriodMs"],
            token=params.get("ClientToken"),
        )
        self._state.taggable(rule.arn).update(params.get("Tags", {}))
        return self._rule_result(rule)

    def _update_rule(self, params: Params) -> Result:
        kind, update = _one_of(params, ASSERTION="AssertionRuleUpdate", GATING="GatingRuleUpdate")
        rule = self._state.update_rule(
            update["SafetyRuleArn"], kind=kind, name=update["Name"], wait_period_ms=update["WaitPeriodMs"]
        )
        return self._rule_result(rule)

    def _list_rules(self, params: Params) -> Result:
        panel = self._state.panel(params["ControlPanelArn"])
        rules = [{rule.kind: self._rule(rule)} for rule in self._state.rules_of(panel.arn)]
        return page("SafetyRules", rules, params)

    def _tag(self, params: Params) -> Result:
        self._state.taggable(params["ResourceArn"]).update(params["Tags"])
        return {}

    def _untag(self, params: Params) -> Result:
        tags = self._state.taggable(params["ResourceArn"])
        for key in params["TagKeys"]:
            tags.pop(key, None)
        return {}

    def _cluster(self, cluster: Cluster) -> Result:
        """A cluster gets its endpoints when it is DEPLOYED; the answer to CreateCluster has none."""
        status = self._state.status(cluster)
        endpoints = [{"Endpoint": e.url, "Region": e.region} for e in self._state.endpoints]
        return {
            "ClusterArn": cluster.arn,
            "ClusterEndpoints": endpoints if status == "DEPLOYED" else None,
            "Name": cluster.name,
            "NetworkType": cluster.network_type,
            "Owner": self._state.account_id,
            "Status": status,
        }

    def _panel(self, panel: ControlPanel) -> Result:
        return {
            "ClusterArn": panel.cluster_arn,
            "ControlPanelArn": panel.arn,
            "DefaultControlPanel": panel.default,
            "Name": panel.name,
            "Owner": self._state.account_id,
            "RoutingControlCount": len(self._state.controls_of(panel.arn)),
            "Status": self._state.status(panel),
        }

    def _control(self, control: RoutingControl) -> Result:
        return {
            "ControlPanelArn": control.panel_arn,
            "Name": control.name,
            "Owner": self._state.account_id,
            "RoutingControlArn": control.arn,
            "Status": self._state.status(control),
        }

    def _rule(self, rule: SafetyRule) -> Result:
        controls: dict[str, Any] = (
            {"AssertedControls": list(rule.counted)}
            if rule.kind == "ASSERTION"
            else {"GatingControls": list(rule.counted), "TargetControls": list(rule.guarded)}
        )
        return {
            **controls,
            "ControlPanelArn": rule.panel_arn,
            "Name": rule.name,
            "Owner": self._state.account_id,
            "RuleConfig": {
                "Type": rule.config.type,
                "Threshold": rule.config.threshold,
                "Inverted": rule.config.inverted,
            },
            "SafetyRuleArn": rule.arn,
            "Status": self._state.status(rule),
            "WaitPeriodMs": rule.wait_period_ms,
        }

    def _rule_result(self, rule: SafetyRule) -> Result:
        return {"AssertionRule" if rule.kind == "ASSERTION" else "GatingRule": self._rule(rule)}


def _one_of(params: Params, **members: str) -> tuple[RuleKind, Params]:
    given: list[tuple[RuleKind, Params]] = [
        ("ASSERTION" if kind == "ASSERTION" else "GATING", params[member])
        for kind, member in members.items()
        if member in params
    ]
    if len(given) != 1:
        raise ServiceError("ValidationException", f"Give exactly one of {' and '.join(members.values())}.")
    return given[0]


def _rule_controls(kind: RuleKind, new: Params) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The controls whose states a new rule counts, and those whose change it guards."""
    if kind == "ASSERTION":
        counted, guarded = new["AssertedControls"], new["AssertedControls"]
    else:
        counted, guarded = new["GatingControls"], new["TargetControls"]
    if not counted or not guarded:
        raise ServiceError("ValidationException", "A safety rule needs routing controls.")
    return tuple(counted), tuple(guarded)


def _deleting(delete: Callable[[str], None], member: str) -> Callable[[Params], Result]:
    def operation(params: Params) -> Result:
        delete(params[member])
        return {}

    return operation
