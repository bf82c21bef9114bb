"""The state of ARC routing control: clusters, control panels, routing controls, safety rules. Pure.

Sources: the API references of recovery control configuration and of the routing control (cluster) API, and
the ARC developer guide. What AWS does not publish is decided here and said where it is decided.
"""

import secrets
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, TypeVar

from twin.aws.arc.rules import RuleConfig, RuleKind, SafetyRule
from twin.aws.own.errors import ServiceError

Status = Literal["PENDING", "DEPLOYED"]

# ARC developer guide, "Quotas for routing control".
CLUSTERS_PER_ACCOUNT = 2
PANELS_PER_CLUSTER = 50
CONTROLS_PER_PANEL = 100
CONTROLS_PER_CLUSTER = 300
RULES_PER_PANEL = 20

# The API reference of CreateControlPanel and ListControlPanels shows the default panel under this name.
DEFAULT_PANEL_NAME = "DefaultControlPanel"

# Users of the API met it creating controls of one panel in parallel (Terraform AWS provider, issue 48311).
CONCURRENT_CHANGE = (
    "Conflict occurred while attempting to change the same resource by multiple requests at the same time. "
    "Please retry."
)


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """One of a cluster's five endpoints."""

    region: str
    url: str


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """A cluster; its endpoints are the same five for every cluster of a twin."""

    arn: str
    name: str
    network_type: str
    created_at: float


@dataclass(frozen=True, kw_only=True)
class ControlPanel:
    """A group of routing controls."""

    arn: str
    cluster_arn: str
    name: str
    default: bool
    created_at: float


@dataclass(frozen=True, kw_only=True)
class RoutingControl:
    """A switch. Its state is not here: see `ArcState.states`."""

    arn: str
    panel_arn: str
    name: str
    created_at: float


Resource = Cluster | ControlPanel | RoutingControl | SafetyRule
R = TypeVar("R", Cluster, ControlPanel, RoutingControl, SafetyRule)


@dataclass
class _History:
    """A control's states over time; Off before the first entry, since a new control is Off."""

    times: list[float] = field(default_factory=list)
    states: list[bool] = field(default_factory=list)

    def at(self, moment: float) -> bool:
        index = bisect_right(self.times, moment)
        return self.states[index - 1] if index else False

    def now(self) -> bool:
        return self.states[-1] if self.states else False

    def add(self, moment: float, state: bool) -> None:
        self.times.append(moment)
        self.states.append(state)


class ArcState:
    """Everything ARC knows, in one account.

    `clock` gives seconds; `settle_seconds` is how long a new resource is PENDING (AWS creates them
    asynchronously and gives no time); `propagation_delay` is how long a changed state takes to reach the
    health checks that DNS uses (AWS: "a few seconds").
    """

    def __init__(
        self,
        *,
        account_id: str,
        endpoints: tuple[Endpoint, ...],
        clock: Callable[[], float],
        settle_seconds: float = 0.0,
        propagation_delay: float = 0.0,
    ) -> None:
        self.account_id = account_id
        self.endpoints = endpoints
        self.settle_seconds = settle_seconds
        self.propagation_delay = propagation_delay
        self._clock = clock
        self.clusters: dict[str, Cluster] = {}
        self.panels: dict[str, ControlPanel] = {}
        self.controls: dict[str, RoutingControl] = {}
        self.rules: dict[str, SafetyRule] = {}
        self.tags: dict[str, dict[str, str]] = {}
        self._states: dict[str, _History] = {}
        self._tokens: dict[tuple[str, str], str] = {}
        self._changed_at: dict[str, float] = {}

    def status(self, resource: Resource) -> Status:
        """PENDING for a while after creation, then DEPLOYED."""
        return "DEPLOYED" if self._clock() >= resource.created_at + self.settle_seconds else "PENDING"

    def cluster(self, arn: str) -> Cluster:
        """A cluster by ARN; ResourceNotFoundException when there is none."""
        return _found(self.clusters, arn, "cluster")

    def panel(self, arn: str) -> ControlPanel:
        """A control panel by ARN; ResourceNotFoundException when there is none."""
        return _found(self.panels, arn, "control panel")

    def control(self, arn: str) -> RoutingControl:
        """A routing control by ARN; ResourceNotFoundException when there is none."""
        return _found(self.controls, arn, "routing control")

    def rule(self, arn: str) -> SafetyRule:
        """A safety rule by ARN; ResourceNotFoundException when there is none."""
        return _found(self.rules, arn, "safety rule")

    def panels_of(self, cluster_arn: str) -> list[ControlPanel]:
        """A cluster's panels, its default panel first."""
        return [p for p in self.panels.values() if p.cluster_arn == cluster_arn]

    def controls_of(self, panel_arn: str) -> list[RoutingControl]:
        """A panel's routing controls in the order they were made."""
        return [c for c in self.controls.values() if c.panel_arn == panel_arn]

    def rules_of(self, panel_arn: str) -> list[SafetyRule]:
        """A panel's safety rules in the order they were made."""
        return [r for r in self.rules.values() if r.panel_arn == panel_arn]

    def is_on(self, control_arn: str) -> bool:
        """A control's state now, as the cluster's endpoints say it."""
        self.control(control_arn)
        return self._states[control_arn].now()

    def routing_control_state(self, control_arn: str) -> bool:
        """A control's state as health checks see it: `propagation_delay` ago. False for an unknown ARN."""
        history = self._states.get(control_arn)
        return history.at(self._clock() - self.propagation_delay) if history else False

    def create_cluster(self, name: str, *, network_type: str = "IPV4", token: str | None = None) -> Cluster:
        """A new cluster with its default control panel."""
        if existing := self._replayed("cluster", token, self.clusters):
            return existing
        _unique(name, self.clusters.values(), "cluster")
        _within(len(self.clusters), CLUSTERS_PER_ACCOUNT, "clusters in the account")
        arn = f"{self._arn_prefix()}:cluster/{_uuid()}"
        cluster = Cluster(arn=arn, name=name, network_type=network_type, created_at=self._clock())
        self.clusters[arn] = cluster
        self._remember("cluster", token, arn)
        self._add_panel(cluster.arn, DEFAULT_PANEL_NAME, default=True)
        return cluster

    def create_panel(self, cluster_arn: str, name: str, *, token: str | None = None) -> ControlPanel:
        """A new control panel in a cluster that is DEPLOYED."""
        if existing := self._replayed("panel", token, self.panels):
            return existing
        self._deployed(self.cluster(cluster_arn), "cluster")
        siblings = self.panels_of(cluster_arn)
        self._settled(siblings)
        _unique(name, siblings, "control panel")
        _within(len(siblings), PANELS_PER_CLUSTER, "control panels in the cluster")
        panel = self._add_panel(cluster_arn, name, default=False)
        self._remember("panel", token, panel.arn)
        return panel

    def create_control(
        self, cluster_arn: str, name: str, *, panel_arn: str | None = None, token: str | None = None
    ) -> RoutingControl:
        """A new routing control, Off, in a panel (the cluster's default panel when none is named)."""
        if existing := self._replayed("control", token, self.controls):
            return existing
        self._deployed(self.cluster(cluster_arn), "cluster")
        panel = self.panel(panel_arn) if panel_arn else self._default_panel(cluster_arn)
        if panel.cluster_arn != cluster_arn:
            raise ServiceError("ValidationException", "The control panel is not in the cluster.")
        self._deployed(panel, "control panel")
        siblings = self.controls_of(panel.arn)
        self._settled(siblings)
        _unique(name, siblings, "routing control")
        _within(len(siblings), CONTROLS_PER_PANEL, "routing controls in the control panel")
        in_cluster = sum(self.panels[c.panel_arn].cluster_arn == cluster_arn for c in self.controls.values())
        _within(in_cluster, CONTROLS_PER_CLUSTER, "routing controls in the cluster")
        arn = f"{panel.arn}/routingcontrol/{secrets.token_hex(8)}"
        control = RoutingControl(arn=arn, panel_arn=panel.arn, name=name, created_at=self._clock())
        self.controls[arn] = control
        self._states[arn] = _History()
        self._remember("control", token, arn)
        return control

    def create_rule(
        self,
        *,
        kind: RuleKind,
        panel_arn: str,
        name: str,
        config: RuleConfig,
        counted: tuple[str, ...],
        guarded: tuple[str, ...],
        wait_period_ms: int,
        token: str | None = None,
    ) -> SafetyRule:
        """A new safety rule over routing controls of one panel. It may be unmet when it is made."""
        if existing := self._replayed("rule", token, self.rules):
            return existing
        self._deployed(self.panel(panel_arn), "control panel")
        siblings = self.rules_of(panel_arn)
        _unique(name, siblings, "safety rule")
        _within(len(siblings), RULES_PER_PANEL, "safety rules in the control panel")
        self._rule_controls(panel_arn, {*counted, *guarded})
        if config.type == "ATLEAST" and not 0 < config.threshold <= len(counted):
            raise ServiceError(
                "ValidationException",
                f"Threshold {config.threshold} is not between 1 and the number of controls, {len(counted)}.",
            )
        if wait_period_ms < 0:
            raise ServiceError("ValidationException", "WaitPeriodMs must not be negative.")
        rule = SafetyRule(
            arn=f"{panel_arn}/safetyrule/{secrets.token_hex(8)}",
            panel_arn=panel_arn,
            name=name,
            kind=kind,
            config=config,
            counted=counted,
            guarded=guarded,
            wait_period_ms=wait_period_ms,
            created_at=self._clock(),
        )
        self.rules[rule.arn] = rule
        self._remember("rule", token, rule.arn)
        return rule

    def update_cluster(self, arn: str, network_type: str) -> Cluster:
        """Change a cluster's network type, the only thing that can change."""
        self.clusters[arn] = replace(self.cluster(arn), network_type=network_type)
        return self.clusters[arn]

    def rename_panel(self, arn: str, name: str) -> ControlPanel:
        """Rename a control panel."""
        panel = self.panel(arn)
        _unique(name, (p for p in self.panels_of(panel.cluster_arn) if p.arn != arn), "control panel")
        self.panels[arn] = replace(panel, name=name)
        return self.panels[arn]

    def rename_control(self, arn: str, name: str) -> RoutingControl:
        """Rename a routing control."""
        control = self.control(arn)
        _unique(name, (c for c in self.controls_of(control.panel_arn) if c.arn != arn), "routing control")
        self.controls[arn] = replace(control, name=name)
        return self.controls[arn]

    def update_rule(self, arn: str, *, kind: RuleKind, name: str, wait_period_ms: int) -> SafetyRule:
        """Change a rule's name and wait period; everything else needs a new rule."""
        rule = self.rule(arn)
        if rule.kind != kind:
            raise ServiceError("ValidationException", f"{arn} is not a rule of this kind.")
        _unique(name, (r for r in self.rules_of(rule.panel_arn) if r.arn != arn), "safety rule")
        self.rules[arn] = replace(rule, name=name, wait_period_ms=wait_period_ms)
        return self.rules[arn]

    def set_states(self, changes: Mapping[str, bool], *, override: Iterable[str] = ()) -> None:
        """Switch controls, all or none of them.

        A rule refuses (ConflictException) when it would not hold, and during its wait period after a change
        of one of its controls, whatever the request asks for then. Rules named in `override` are not asked.
        """
        if not changes:
            raise ServiceError("ValidationException", "No routing control states to update.")
        clusters = {self.panel(self.control(arn).panel_arn).cluster_arn for arn in changes}
        if len(clusters) > 1:
            raise ServiceError("ValidationException", "The routing controls are not in one cluster.")
        overridden = set(override)
        for arn in overridden - self.rules.keys():
            raise ServiceError("ValidationException", f"There is no safety rule {arn} to override.")
        now = self._clock()
        watching = [rule for rule in self.rules.values() if rule.watches(changes)]
        before = {arn: history.now() for arn, history in self._states.items()}
        for rule in watching:
            if rule.arn not in overridden:
                self._ask(rule, before, changes, now)
        changed = [arn for arn, state in changes.items() if before[arn] is not state]
        for arn in changed:
            self._states[arn].add(now, changes[arn])
        for rule in watching:
            if any(arn in rule.guarded for arn in changed):
                self._changed_at[rule.arn] = now

    def _ask(
        self, rule: SafetyRule, before: Mapping[str, bool], changes: Mapping[str, bool], now: float
    ) -> None:
        reason = rule.refusal(before, changes)
        waits = self._changed_at.get(rule.arn, float("-inf")) + rule.wait_period_ms / 1000 - now
        if reason is None and waits > 0:
            reason = f"safety rule {rule.name} waits {rule.wait_period_ms} ms between changes"
        if reason:
            raise ServiceError(
                "ConflictException",
                f"Routing control states were not updated: {reason}. Safety rule: {rule.arn}",
                resourceId=rule.arn,
                resourceType="SafetyRule",
            )

    def delete_cluster(self, arn: str) -> None:
        """Delete a cluster, with its default panel; refused while it has other panels or any control."""
        self.cluster(arn)
        panels = self.panels_of(arn)
        if any(not panel.default for panel in panels):
            raise ServiceError("ConflictException", "The cluster has control panels: delete them first.")
        for panel in panels:
            self._empty(panel)
        for panel in panels:
            self._drop(self.panels, panel.arn)
        self._drop(self.clusters, arn)

    def delete_panel(self, arn: str) -> None:
        """Delete a control panel without controls and rules; the default panel goes with its cluster only."""
        panel = self.panel(arn)
        if panel.default:
            raise ServiceError("ConflictException", "The default control panel cannot be deleted.")
        self._empty(panel)
        self._drop(self.panels, arn)

    def delete_control(self, arn: str) -> None:
        """Delete a routing control that no safety rule names. Its state does not matter."""
        control = self.control(arn)
        for rule in self.rules_of(control.panel_arn):
            if arn in rule.counted or arn in rule.guarded:
                raise ServiceError(
                    "ConflictException", f"Safety rule {rule.name} uses the routing control: delete it first."
                )
        self._drop(self.controls, arn)
        self._states.pop(arn)

    def delete_rule(self, arn: str) -> None:
        """Delete a safety rule."""
        self.rule(arn)
        self._drop(self.rules, arn)
        self._changed_at.pop(arn, None)

    def taggable(self, arn: str) -> dict[str, str]:
        """The tags of a resource, to read or change; ResourceNotFoundException when there is none."""
        if not any(arn in kind for kind in (self.clusters, self.panels, self.controls, self.rules)):
            raise ServiceError("ResourceNotFoundException", f"There is no resource {arn}.")
        return self.tags.setdefault(arn, {})

    def _arn_prefix(self) -> str:
        return f"arn:aws:route53-recovery-control::{self.account_id}"

    def _add_panel(self, cluster_arn: str, name: str, *, default: bool) -> ControlPanel:
        arn = f"{self._arn_prefix()}:controlpanel/{secrets.token_hex(16)}"
        panel = ControlPanel(
            arn=arn, cluster_arn=cluster_arn, name=name, default=default, created_at=self._clock()
        )
        self.panels[arn] = panel
        return panel

    def _default_panel(self, cluster_arn: str) -> ControlPanel:
        return next(panel for panel in self.panels_of(cluster_arn) if panel.default)

    def _deployed(self, resource: Resource, kind: str) -> None:
        if self.status(resource) != "DEPLOYED":
            raise ServiceError("ConflictException", f"The {kind} is still being created. Please retry.")

    def _settled(self, siblings: Iterable[Resource]) -> None:
        if any(self.status(sibling) != "DEPLOYED" for sibling in siblings):
            raise ServiceError("ConflictException", CONCURRENT_CHANGE)

    def _rule_controls(self, panel_arn: str, arns: set[str]) -> None:
        for arn in sorted(arns):
            control = self.control(arn)
            if control.panel_arn != panel_arn:
                raise ServiceError("ValidationException", f"{arn} is not in the safety rule's control panel.")
            self._deployed(control, "routing control")

    def _empty(self, panel: ControlPanel) -> None:
        if self.controls_of(panel.arn) or self.rules_of(panel.arn):
            raise ServiceError(
                "ConflictException",
                f"Control panel {panel.name} has routing controls or safety rules: delete them first.",
            )

    def _drop(self, kind: dict[str, R], arn: str) -> None:
        del kind[arn]
        self.tags.pop(arn, None)

    def _replayed(self, kind: str, token: str | None, resources: Mapping[str, R]) -> R | None:
        return resources.get(self._tokens.get((kind, token), "")) if token else None

    def _remember(self, kind: str, token: str | None, arn: str) -> None:
        if token:
            self._tokens[kind, token] = arn


def _found(resources: Mapping[str, R], arn: str, kind: str) -> R:
    if arn not in resources:
        raise ServiceError(
            "ResourceNotFoundException", f"There is no {kind} {arn}.", resourceId=arn, resourceType=kind
        )
    return resources[arn]


def _unique(name: str, others: Iterable[Resource], kind: str) -> None:
    if any(other.name == name for other in others):
        raise ServiceError("ConflictException", f"There is already a {kind} named {name}.")


def _within(count: int, limit: int, what: str) -> None:
    if count >= limit:
        raise ServiceError("ServiceQuotaExceededException", f"The quota of {limit} {what} is reached.")


def _uuid() -> str:
    digits = secrets.token_hex(16)
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))
