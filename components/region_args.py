"""What the components of a regional stack take, translated from its configuration."""

from collections.abc import Mapping
from typing import Any

import pulumi
from pulumi_aws import Provider

from blueprint import alarm_definitions, dashboard_bodies, openapi, order_service
from blueprint.canary_names import RESULTS_KEPT_DAYS, RESULTS_PREFIX
from blueprint.output_names import ARC_HEALTH_CHECKS
from blueprint.stack_config import StackConfig
from components import watched_sites
from components.app.account_log_role import StandingLogRole
from components.app.artifacts import Artifacts, ArtifactsArgs
from components.app.function_resources import FunctionSettings
from components.app.load_generator import CalledApi, LoadGeneratorArgs
from components.app.regional_app import RegionalApp, RegionalAppArgs
from components.app.rest_api import ApiSettings
from components.packing import sources
from components.packing.canary_bundle import order_read_script
from components.packing.layers import Platform
from components.routing.arc_readiness import ArcReadinessArgs, Audited
from components.routing.regional_endpoint import RegionalEndpoint, RegionalEndpointArgs
from components.shared_outputs import SharedOutputs
from components.watching.alarms import ObserverAlarmsArgs, RegionalAlarmsArgs
from components.watching.canary import CanarySettings
from components.watching.dashboards import DashboardsArgs
from components.watching.synthetics import SyntheticsArgs
from functions.orders.contract import BASE_PATH, FILL_PATH


def artifacts_args(config: StackConfig) -> ArtifactsArgs:
    return ArtifactsArgs(
        namer=config.namer,
        platform=Platform(runtime=config.lambda_runtime, architecture=config.lambda_architecture),
        expiring={RESULTS_PREFIX: RESULTS_KEPT_DAYS},
    )


def app_args(
    config: StackConfig,
    *,
    account_id: pulumi.Input[str],
    tables: Mapping[str, pulumi.Input[str]],
    artifacts: Artifacts,
    log_role: StandingLogRole = (),
) -> RegionalAppArgs:
    return RegionalAppArgs(
        namer=config.namer,
        region=config.region,
        account_id=account_id,
        functions=order_service.functions(fill=config.fill_enabled),
        function_settings=_function_settings(config),
        document=_document(config),
        api_settings=_api_settings(config),
        consistency=config.consistency,
        tables=tables,
        artifacts=artifacts,
        log_role=log_role,
    )


def endpoint_args(
    config: StackConfig, shared: SharedOutputs, app: RegionalApp, *, certificate_arn: pulumi.Input[str]
) -> RegionalEndpointArgs:
    return RegionalEndpointArgs(
        domain_name=config.domain_name,
        base_path=BASE_PATH,
        region=config.region,
        dns_record=config.dns_record,
        dns_ttl_seconds=config.dns_ttl,
        certificate_arn=certificate_arn,
        validation_record_fqdn=shared.validation_record_fqdn,
        app=app,
        rest_api_id=app.rest_api_id,
        stage_name=app.stage_name,
        hosted_zone_id=shared.hosted_zone_id,
        health_check_id=shared.health_check_id,
    )


def load_args(
    config: StackConfig, *, account_id: pulumi.Input[str], artifacts: Artifacts
) -> LoadGeneratorArgs:
    return LoadGeneratorArgs(
        namer=config.namer,
        region=config.region,
        account_id=account_id,
        api=CalledApi(domain_name=config.domain_name, regions=config.regions, stage=config.api_stage),
        settings=_function_settings(config),
        artifacts=artifacts,
    )


def synthetics_args(
    config: StackConfig,
    app: RegionalApp,
    endpoint: RegionalEndpoint,
    *,
    account_id: pulumi.Input[str],
    artifacts: Artifacts,
    observer: Provider,
) -> SyntheticsArgs:
    through_name = [watched_sites.domain(config, endpoint, account_id)] if config.is_primary else []
    return SyntheticsArgs(
        namer=config.namer,
        account_id=account_id,
        script=order_read_script(),
        settings=CanarySettings(
            runtime=config.canary_runtime,
            rate_minutes=config.canary_rate_minutes,
            log_retention_days=config.log_retention_days,
        ),
        region=config.region,
        artifacts=artifacts.bucket,
        from_inside=[watched_sites.inside(config, app, account_id)],
        observer_region=config.observer_region,
        observer=observer,
        from_observer=[watched_sites.outside(config, app, account_id), *through_name],
    )


def alarms_args(
    config: StackConfig,
    app: RegionalApp,
    *,
    account_id: pulumi.Input[str],
    tables: Mapping[str, pulumi.Input[str]],
    observer: Provider,
) -> RegionalAlarmsArgs:
    functions = list(app.function_arns)
    return RegionalAlarmsArgs(
        namer=config.namer,
        region=config.region,
        account_id=account_id,
        email=config.alarm_email,
        alarms=alarm_definitions.regional(config, tables, functions=functions),
        observed=ObserverAlarmsArgs(
            namer=config.namer,
            region=config.observer_region,
            account_id=account_id,
            email=config.alarm_email,
            unhealthy=alarm_definitions.unhealthy(config),
            alarms=[alarm_definitions.domain_check(config)] if config.is_primary else [],
        ),
        observer=observer,
    )


def dashboards_args(config: StackConfig, shared: SharedOutputs) -> DashboardsArgs:
    known = pulumi.Output.all(tables=shared.table_names, arc=shared.arc)
    dynamodb = known.apply(
        lambda values: dashboard_bodies.dynamodb_metrics(
            config, tables=values["tables"], health_checks=values["arc"][ARC_HEALTH_CHECKS]
        )
    )
    return DashboardsArgs(
        namer=config.namer,
        region=config.region,
        bodies={
            dashboard_bodies.DYNAMODB: dynamodb.apply(dashboard_bodies.as_json),
            dashboard_bodies.CANARY: dashboard_bodies.as_json(dashboard_bodies.canary_metrics(config)),
        },
    )


def readiness_args(
    config: StackConfig, own_outputs: Mapping[str, pulumi.Input[Any]], *, provider: Provider
) -> ArcReadinessArgs:
    return ArcReadinessArgs(
        namer=config.namer,
        region=config.region,
        own_outputs=own_outputs,
        other_stacks=config.other_stacks,
        audited=Audited(functions=order_service.CUSTOMER_FUNCTIONS, tables=list(order_service.TABLES)),
        provider=provider,
    )


def _document(config: StackConfig) -> openapi.Document:
    """The API as it is deployed: without the route to fill where that function is not."""
    document = openapi.read(sources.OPENAPI)
    return document if config.fill_enabled else openapi.without_paths(document, frozenset({FILL_PATH}))


def _function_settings(config: StackConfig) -> FunctionSettings:
    return FunctionSettings(
        runtime=config.lambda_runtime,
        architecture=config.lambda_architecture,
        memory_mb=config.lambda_memory_mb,
        log_retention_days=config.log_retention_days,
    )


def _api_settings(config: StackConfig) -> ApiSettings:
    return ApiSettings(
        stage=config.api_stage,
        throttle_rate=config.throttle_rate,
        throttle_burst=config.throttle_burst,
        access_logs=config.api_access_logs,
        log_retention_days=config.log_retention_days,
        manage_account=config.manage_api_gateway_account,
    )
