"""The routing controls as they are, past this project's own code."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

SERVICE = "route53-recovery-cluster"


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """A deployment's controls through one client; `rule` and `panel` are ARNs."""

    client: Any
    arns: Mapping[str, str]
    rule: str
    panel: str

    def states(self) -> dict[str, str]:
        found = self.client.list_routing_controls(ControlPanelArn=self.panel)["RoutingControls"]
        by_arn = {one["RoutingControlArn"]: one["RoutingControlState"] for one in found}
        return {region: by_arn[arn] for region, arn in self.arns.items()}

    def set(self, states: Mapping[str, str], *, override: bool = True) -> None:
        entries = [
            {"RoutingControlArn": self.arns[region], "RoutingControlState": state}
            for region, state in states.items()
        ]
        rules = {"SafetyRulesToOverride": [self.rule]} if override else {}
        self.client.update_routing_control_states(UpdateRoutingControlStateEntries=entries, **rules)
