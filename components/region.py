"""Everything of one region that holds no data: the same code in every stack."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from blueprint.stack_config import StackConfig
from components.app.account_log_role import StandingLogRole
from components.app.artifacts import Artifacts, ArtifactsArgs
from components.app.load_generator import LoadGenerator, LoadGeneratorArgs
from components.app.regional_app import RegionalApp, RegionalAppArgs
from components.routing.certificate import RegionalCertificate
from components.routing.regional_endpoint import RegionalEndpoint, RegionalEndpointArgs
from components.shared_outputs import SharedOutputs
from components.watching.alarms import RegionalAlarms, RegionalAlarmsArgs
from components.watching.dashboards import Dashboards, DashboardsArgs
from components.watching.synthetics import Synthetics, SyntheticsArgs


@dataclass(frozen=True, kw_only=True)
class RegionArgs:
    config: StackConfig
    shared: SharedOutputs
    certificate: RegionalCertificate
    account_id: pulumi.Input[str]
    observer: aws.Provider
    log_role: StandingLogRole


class Region(pulumi.ComponentResource):
    """Code archives, functions, API, custom domain, latency record, load generator, canaries and alarms.

    Its provider must be its region's; `observer` is that of the region which watches from outside.
    """

    def __init__(self, name: str, args: RegionArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("resilient-orders:composite:Region", name, None, opts)
        config, shared = args.config, args.shared
        child = pulumi.ResourceOptions(parent=self)
        artifacts = Artifacts(
            f"{name}-artifacts", ArtifactsArgs(config=config, region=config.region), opts=child
        )
        self.app = RegionalApp(
            f"{name}-app",
            RegionalAppArgs(
                config=config,
                region=config.region,
                account_id=args.account_id,
                tables=shared.table_names,
                artifacts=artifacts,
                log_role=args.log_role,
            ),
            opts=child,
        )
        self.endpoint = RegionalEndpoint(
            f"{name}-endpoint",
            RegionalEndpointArgs(
                config=config,
                certificate_arn=args.certificate.arn,
                validation_record_fqdn=shared.validation_record_fqdn,
                app=self.app,
                rest_api_id=self.app.rest_api_id,
                stage_name=self.app.stage_name,
                hosted_zone_id=shared.hosted_zone_id,
                health_check_id=shared.health_check_id,
            ),
            opts=child,
        )
        self.synthetics = Synthetics(
            f"{name}-synthetics",
            SyntheticsArgs(
                config=config,
                account_id=args.account_id,
                app=self.app,
                endpoint=self.endpoint,
                artifacts=artifacts.bucket,
                observer=args.observer,
            ),
            opts=child,
        )
        self.alarms = RegionalAlarms(
            f"{name}-alarms",
            RegionalAlarmsArgs(
                config=config,
                account_id=args.account_id,
                tables=shared.table_names,
                functions=list(self.app.function_arns),
                observer=args.observer,
            ),
            opts=child,
        )
        self.dashboards = Dashboards(
            f"{name}-dashboards",
            DashboardsArgs(config=config, tables=shared.table_names, arc=shared.arc),
            opts=child,
        )
        # It makes its customers and products through POST /fill, so it needs that route.
        self.load_generator = (
            LoadGenerator(
                f"{name}-load",
                LoadGeneratorArgs(config=config, account_id=args.account_id, artifacts=artifacts),
                opts=child,
            )
            if config.fill_enabled
            else None
        )
        self.register_outputs({"apiUrl": self.app.api_url, "domainUrl": self.endpoint.url})
