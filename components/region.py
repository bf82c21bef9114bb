"""Everything of one region that holds no data: the same code in every stack."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from blueprint.stack_config import StackConfig
from components import region_args
from components.app.account_log_role import StandingLogRole
from components.app.artifacts import Artifacts
from components.app.load_generator import LoadGenerator
from components.app.regional_app import RegionalApp
from components.routing.certificate import RegionalCertificate
from components.routing.regional_endpoint import RegionalEndpoint
from components.shared_outputs import SharedOutputs
from components.watching.alarms import RegionalAlarms
from components.watching.dashboards import Dashboards
from components.watching.synthetics import Synthetics


@dataclass(frozen=True, kw_only=True)
class RegionArgs:
    config: StackConfig
    shared: SharedOutputs
    certificate: RegionalCertificate
    account_id: pulumi.Input[str]
    observer: aws.Provider
    log_role: StandingLogRole


class Region(pulumi.ComponentResource):
    """Makes Artifacts, RegionalApp, RegionalEndpoint, Synthetics, RegionalAlarms and Dashboards.

    Where the API can fill the tables, a LoadGenerator too.

    Its provider must be its region's; `observer` is that of the region which watches from outside.
    """

    def __init__(self, name: str, args: RegionArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("resilient-orders:composite:Region", name, None, opts)
        config, shared = args.config, args.shared
        child = pulumi.ResourceOptions(parent=self)
        artifacts = Artifacts(f"{name}-artifacts", region_args.artifacts_args(config), opts=child)
        self.app = RegionalApp(
            f"{name}-app",
            region_args.app_args(
                config,
                account_id=args.account_id,
                tables=shared.table_names,
                artifacts=artifacts,
                log_role=args.log_role,
            ),
            opts=child,
        )
        self.endpoint = RegionalEndpoint(
            f"{name}-endpoint",
            region_args.endpoint_args(config, shared, self.app, certificate_arn=args.certificate.arn),
            opts=child,
        )
        self.synthetics = Synthetics(
            f"{name}-synthetics",
            region_args.synthetics_args(
                config,
                self.app,
                self.endpoint,
                account_id=args.account_id,
                artifacts=artifacts,
                observer=args.observer,
            ),
            opts=child,
        )
        self.alarms = RegionalAlarms(
            f"{name}-alarms",
            region_args.alarms_args(
                config,
                self.app,
                account_id=args.account_id,
                tables=shared.table_names,
                observer=args.observer,
            ),
            opts=child,
        )
        self.dashboards = Dashboards(
            f"{name}-dashboards", region_args.dashboards_args(config, shared), opts=child
        )
        # It makes its customers and products through POST /fill, so it needs that route.
        self.load_generator = (
            LoadGenerator(
                f"{name}-load",
                region_args.load_args(config, account_id=args.account_id, artifacts=artifacts),
                opts=child,
            )
            if config.fill_enabled
            else None
        )
        self.register_outputs({"apiUrl": self.app.api_url, "domainUrl": self.endpoint.url})
