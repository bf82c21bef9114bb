"""The dashboards of one region; what is on them is in dashboard_bodies."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi_aws import cloudwatch

from blueprint import dashboard_bodies as bodies
from blueprint import output_names as names
from blueprint.naming import DASHBOARD
from blueprint.stack_config import StackConfig
from components.answers import required


@dataclass(frozen=True, kw_only=True)
class DashboardsArgs:
    config: StackConfig
    tables: Mapping[str, pulumi.Input[str]]
    arc: pulumi.Input[Mapping[str, Any]]
    """The stack output `arc`: it has every region's health check."""


class Dashboards(pulumi.ComponentResource):
    """`DynamoDB-Metrics-<region>` and `Canary-Metrics-<region>`; the provider is the region's own.

    To create a dashboard is to replace one of that name, whoever made it, and dashboards are one namespace
    for all regions. So their names carry project and stack.
    """

    def __init__(self, name: str, args: DashboardsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("resilient-orders:app:Dashboards", name, None, opts)
        config = args.config
        known = pulumi.Output.all(tables=args.tables, arc=args.arc)
        self.urls: Mapping[str, pulumi.Output[str]] = {
            f"{kind}-{config.region}": self._create(f"{name}-{kind.lower()}", config, kind, body)
            for kind, body in (
                (bodies.DYNAMODB, known.apply(lambda values: _dynamodb(config, values))),
                (bodies.CANARY, bodies.as_json(bodies.canary_metrics(config))),
            )
        }
        """Where each is in the console, by its name without project and stack."""
        self.register_outputs({"urls": dict(self.urls)})

    def _create(
        self, name: str, config: StackConfig, kind: str, body: pulumi.Input[str]
    ) -> pulumi.Output[str]:
        dashboard = cloudwatch.Dashboard(
            name,
            dashboard_name=config.namer.physical(f"{kind}-{config.region}", DASHBOARD),
            dashboard_body=body,
            opts=pulumi.ResourceOptions(parent=self),
        )
        console = f"https://{config.region}.console.aws.amazon.com/cloudwatch/home?region={config.region}"
        return pulumi.Output.concat(console, "#dashboards/dashboard/", required(dashboard, "dashboard_name"))


def _dynamodb(config: StackConfig, known: Mapping[str, Any]) -> str:
    health_checks = known["arc"][names.ARC_HEALTH_CHECKS]
    return bodies.as_json(
        bodies.dynamodb_metrics(config, tables=known["tables"], health_checks=health_checks)
    )
