"""The dashboards of one region; what is on them is in blueprint/dashboard_bodies.py."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi_aws import cloudwatch

from blueprint.naming import DASHBOARD, Namer
from components.answers import required


@dataclass(frozen=True, kw_only=True)
class DashboardsArgs:
    namer: Namer
    region: str
    bodies: Mapping[str, pulumi.Input[str]]
    """JSON, by the dashboard's name without its region: `DynamoDB-Metrics`."""


class Dashboards(pulumi.ComponentResource):
    """Makes a Dashboard of each body, `<project>-<stack>-<name>-<region>`; the provider is the region's own.

    To create a dashboard is to replace one of that name, whoever made it, and dashboards are one namespace
    for all regions. So their names carry project and stack.
    """

    def __init__(self, name: str, args: DashboardsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("resilient-orders:app:Dashboards", name, None, opts)
        self._args = args
        self.urls: Mapping[str, pulumi.Output[str]] = {
            f"{kind}-{args.region}": self._create(f"{name}-{kind.lower()}", kind, body)
            for kind, body in args.bodies.items()
        }
        """Where each is in the console, by its name without project and stack."""
        self.register_outputs({"urls": dict(self.urls)})

    def _create(self, name: str, kind: str, body: pulumi.Input[str]) -> pulumi.Output[str]:
        region = self._args.region
        dashboard = cloudwatch.Dashboard(
            name,
            dashboard_name=self._args.namer.physical(f"{kind}-{region}", DASHBOARD),
            dashboard_body=body,
            opts=pulumi.ResourceOptions(parent=self),
        )
        console = f"https://{region}.console.aws.amazon.com/cloudwatch/home?region={region}"
        return pulumi.Output.concat(console, "#dashboards/dashboard/", required(dashboard, "dashboard_name"))
