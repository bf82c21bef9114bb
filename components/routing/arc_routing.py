"""The switches that move traffic: a routing control a region, and health checks that follow them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from blueprint import output_names as names
from blueprint.naming import ARC_RESOURCE, Namer
from components.answers import required
from components.app.account_log_role import StandingLogRole

CLUSTER_DOLLARS_AN_HOUR = 2.5
"""Of a routing control cluster, whatever it does (Application Recovery Controller pricing page)."""

SAFETY_WAIT_MS = 5000
"""How long a change keeps further ones out, so that traffic does not flap (default of NewAssertionRule)."""


CLUSTER_NOTICE = (
    f"This stack has a routing control cluster of its own: ${CLUSTER_DOLLARS_AN_HOUR:.2f} an hour, about "
    f"${CLUSTER_DOLLARS_AN_HOUR * 730:,.0f} a month, until it is destroyed. To share one that exists, "
    "set `arcCluster` to its ARN."
)
"""What to say before a cluster is made: it costs most of all, also while nobody uses it."""


@dataclass(frozen=True, kw_only=True)
class ArcRoutingArgs:
    namer: Namer
    regions: Sequence[str]
    """Those that traffic can be moved between."""
    provider: aws.Provider
    """Of routing control's API; health checks are Route 53's and use the component's own."""
    cluster_arn: str = ""
    """Of a cluster that exists; without one the component makes its own."""
    protect: bool
    """Whether Pulumi refuses to delete all but the safety rule."""
    log_role: StandingLogRole = ()
    """The cluster waits for it: billed by the hour, it is not made for a region that cannot be deployed."""


class ArcRouting(pulumi.ComponentResource):
    """Makes what moves traffic between regions:

    - a Cluster, or reads the one that is given
    - a ControlPanel of its own in it
    - a RoutingControl a region
    - a SafetyRule: at least one control stays On
    - a HealthCheck a region, healthy while the region's control is On

        args = ArcRoutingArgs(namer=namer, regions=["us-east-1", "us-west-2"], provider=oregon, protect=True)
        ArcRouting("arc", args).health_checks["us-west-2"]

    Nothing here declares a control's state: operators switch it, and a deployment must not move traffic.
    """

    def __init__(self, name: str, args: ArcRoutingArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("resilient-orders:routing:ArcRouting", name, None, opts)
        self._args = args
        self._cluster = self._make_cluster(name)
        self._panel = aws.route53recoverycontrol.ControlPanel(
            f"{name}-panel",
            name=self._physical("panel"),
            cluster_arn=self._cluster.arn,
            opts=self._arc_options(),
        )
        self._controls: dict[str, aws.route53recoverycontrol.RoutingControl] = {}
        for region in args.regions:
            self._controls[region] = self._control(name, region)
        self._rule = self._safety_rule(name)
        self._checks = {region: self._health_check(name, region) for region in args.regions}
        self.outputs = self._outputs()
        """The stack output `arc`: what moves traffic without asking any control API."""
        self.register_outputs({"outputs": self.outputs})

    @property
    def health_checks(self) -> Mapping[str, pulumi.Output[str]]:
        """Health check ids by region."""
        return {region: check.id for region, check in self._checks.items()}

    @property
    def routing_controls(self) -> Mapping[str, pulumi.Output[str]]:
        """The controls' ARNs by region."""
        return {region: required(control, "arn") for region, control in self._controls.items()}

    def _outputs(self) -> pulumi.Output[dict[str, Any]]:
        return pulumi.Output.from_input(
            {
                names.ARC_CLUSTER_ARN: self._cluster.arn,
                names.ARC_CONTROL_PANEL_ARN: self._panel.arn,
                names.ARC_CLUSTER_ENDPOINTS: self._cluster.cluster_endpoints.apply(_endpoints),
                names.ARC_ROUTING_CONTROLS: self.routing_controls,
                names.ARC_SAFETY_RULE_ARN: self._rule.arn,
                names.ARC_HEALTH_CHECKS: self.health_checks,
            }
        )

    def _make_cluster(self, name: str) -> aws.route53recoverycontrol.Cluster:
        if not self._args.cluster_arn:
            return aws.route53recoverycontrol.Cluster(
                f"{name}-cluster",
                name=self._physical("cluster"),
                opts=self._arc_options(depends_on=self._args.log_role),
            )
        # Read, not managed: its endpoints are needed, and nothing of it is ever changed or deleted.
        return aws.route53recoverycontrol.Cluster.get(
            f"{name}-cluster",
            self._args.cluster_arn,
            opts=pulumi.ResourceOptions(parent=self, provider=self._args.provider),
        )

    def _control(self, name: str, region: str) -> aws.route53recoverycontrol.RoutingControl:
        return aws.route53recoverycontrol.RoutingControl(
            f"{name}-control-{region}",
            # Unique in our own panel, and what an operator reads there.
            name=region,
            cluster_arn=self._cluster.arn,
            control_panel_arn=self._panel.arn,
            # Without replacement the provider would keep the control in its former panel and say nothing.
            # One after the other: of controls created at once in a panel, one gets a ConflictException that
            # the provider does not retry (hashicorp/terraform-provider-aws #48311).
            opts=self._arc_options(
                replace_on_changes=["control_panel_arn"],
                delete_before_replace=True,
                depends_on=list(self._controls.values())[-1:],
            ),
        )

    def _safety_rule(self, name: str) -> aws.route53recoverycontrol.SafetyRule:
        arns = pulumi.Output.all(*self.routing_controls.values())
        return aws.route53recoverycontrol.SafetyRule(
            f"{name}-rule",
            name=self._physical("one-on"),
            control_panel_arn=self._panel.arn,
            # The list's order counts as a change.
            asserted_controls=arns.apply(sorted),
            rule_config={"type": "ATLEAST", "threshold": 1, "inverted": False},
            wait_period_ms=SAFETY_WAIT_MS,
            # The provider cannot update a rule in place, not even its tags
            # (hashicorp/terraform-provider-aws #37763), and a rule's name is unique in its panel. An output
            # is only known by its name in the engine, hence tagsAll.
            opts=self._arc_options(
                protect=False,
                replace_on_changes=["name", "wait_period_ms"],
                delete_before_replace=True,
                ignore_changes=["tags", "tagsAll"],
            ),
        )

    def _health_check(self, name: str, region: str) -> aws.route53.HealthCheck:
        return aws.route53.HealthCheck(
            f"{name}-check-{region}",
            type="RECOVERY_CONTROL",
            routing_control_arn=self._controls[region].arn,
            tags={"Name": self._physical(region)},
            opts=pulumi.ResourceOptions(parent=self, protect=self._args.protect),
        )

    def _physical(self, name: str) -> str:
        return self._args.namer.physical(name, ARC_RESOURCE)

    def _arc_options(
        self,
        *,
        protect: bool = True,
        replace_on_changes: list[str] | None = None,
        delete_before_replace: bool | None = None,
        ignore_changes: list[str] | None = None,
        depends_on: Sequence[pulumi.Input[pulumi.Resource]] | None = None,
    ) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(
            parent=self,
            provider=self._args.provider,
            protect=protect and self._args.protect,
            replace_on_changes=replace_on_changes,
            delete_before_replace=delete_before_replace,
            ignore_changes=ignore_changes,
            depends_on=depends_on,
        )


def _endpoints(
    endpoints: Sequence[aws.route53recoverycontrol.outputs.ClusterClusterEndpoint] | None,
) -> list[dict[str, str]]:
    """Sorted, since AWS's order is not promised and a changed output would look like a changed cluster.

    Nothing is made from them, so a cluster without any, as one that is not deployed yet, is a warning.
    """
    found = [
        {names.ARC_ENDPOINT_REGION: e.region, names.ARC_ENDPOINT_URL: e.endpoint}
        for e in endpoints or ()
        if e.region and e.endpoint
    ]
    if not found:
        pulumi.log.warn(
            "The routing control cluster tells no endpoints, so nobody could move traffic. When AWS shows it "
            "as deployed, pulumi up --refresh takes them into the outputs; then export them again: "
            "`python -m ops export`"
        )
    return sorted(found, key=lambda e: e[names.ARC_ENDPOINT_REGION])
