"""What a stack exports: the same names in every stack, the global ones passed through."""

from collections.abc import Mapping

from blueprint import output_names as names
from blueprint.stack_config import StackConfig
from components.region import Region
from components.shared_outputs import SharedOutputs


def stack_outputs(config: StackConfig, shared: SharedOutputs, region: Region) -> Mapping[str, object]:
    """Every key of `output_names.ALL`; values may be Outputs. What a stack does not have is empty."""
    return {
        names.SCHEMA_VERSION_KEY: names.SCHEMA_VERSION,
        names.REGION: config.region,
        names.API_ID: region.app.rest_api_id,
        names.API_URL: region.app.api_url,
        names.DOMAIN_URL: region.endpoint.url,
        names.DNS_RECORD: config.dns_record,
        names.TABLE_NAMES: dict(shared.table_names),
        names.CONSISTENCY: config.consistency,
        names.FUNCTION_ARNS: dict(region.app.function_arns),
        names.DASHBOARD_URLS: dict(region.dashboards.urls),
        names.ALARM_TOPIC_ARNS: dict(region.alarms.topic_arns),
        names.CANARY_NAMES: list(region.synthetics.names),
        names.LOAD_GENERATOR_ARN: region.load_generator.arn if region.load_generator else "",
        names.HOSTED_ZONE_ID: shared.hosted_zone_id,
        names.ARC: shared.arc,
        names.OPERATOR_POLICY_ARN: shared.operator_policy_arn,
        names.OPERATOR_CHECK_POLICY_ARN: shared.operator_check_policy_arn,
    }
