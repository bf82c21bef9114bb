"""What the components of a regional stack take, translated from its configuration."""

from collections.abc import Mapping
from typing import Any

import pulumi
from pulumi_aws import Provider

from blueprint import openapi, order_service
from blueprint.canary_names import RESULTS_KEPT_DAYS, RESULTS_PREFIX
from blueprint.stack_config import StackConfig
from components.app.account_log_role import StandingLogRole
from components.app.artifacts import Artifacts, ArtifactsArgs
from components.app.function_resources import FunctionSettings
from components.app.load_generator import CalledApi, LoadGeneratorArgs
from components.app.regional_app import RegionalApp, RegionalAppArgs
from components.app.rest_api import ApiSettings
from components.packing import sources
from components.packing.layers import Platform
from components.routing.arc_readiness import ArcReadinessArgs, Audited
from components.routing.regional_endpoint import RegionalEndpointArgs
from components.shared_outputs import SharedOutputs
from functions.orders.contract import BASE_PATH


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
        document=order_service.api_document(openapi.read(sources.OPENAPI), fill=config.fill_enabled),
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
