"""One explicit AWS provider a region; nothing is made by a default provider, whose region nobody chose."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi_aws as aws

from blueprint.aws_regions import ARC_CONTROL_REGION, GLOBAL_SERVICES_REGION
from blueprint.stack_config import StackConfig

# Every service that a resource or lookup of this program uses: one that is missing would be called on AWS
# itself when `awsEndpointUrl` is set, so a test holds the list complete. Replicas look up a key in kms, and a
# bucket's tags are read through s3control (hashicorp/terraform-provider-aws #45520). Its requests go to
# <account id>.<host>, so with the real provider the host must be a name, not an address.
_SERVICES = (
    "acm",
    "apigateway",
    "cloudwatch",
    "dynamodb",
    "iam",
    "kms",
    "lambda_",
    "logs",
    "route53",
    "route53recoverycontrolconfig",
    "route53recoveryreadiness",
    "s3",
    "s3control",
    "sfn",
    "sns",
    "sts",
    "synthetics",
)

# Services with one control API for all regions, and where it is (AWS General Reference, service endpoints).
_GLOBAL_SERVICES = {
    "iam": GLOBAL_SERVICES_REGION,
    "route53": GLOBAL_SERVICES_REGION,
    "route53recoverycontrolconfig": ARC_CONTROL_REGION,
    "route53recoveryreadiness": ARC_CONTROL_REGION,
}


@dataclass(frozen=True, kw_only=True)
class Providers:
    """`regions` holds the application regions that this stack writes in: all in the primary, else its own."""

    own: aws.Provider
    regions: Mapping[str, aws.Provider]
    observer: aws.Provider
    arc: aws.Provider | None
    """For ARC's control APIs: routing control's in the primary, readiness check's in the stack with it."""


def build(config: StackConfig) -> Providers:
    """The providers of a stack; a secondary one has none for another stack's region."""
    writable = config.regions if config.is_primary else (config.region,)
    regions = {region: _provider(config, f"aws-{region}", region) for region in writable}
    return Providers(
        own=regions[config.region],
        regions=regions,
        observer=_provider(config, "aws-observer", config.observer_region),
        arc=_provider(config, "aws-arc", ARC_CONTROL_REGION) if _uses_arc(config) else None,
    )


def _uses_arc(config: StackConfig) -> bool:
    return config.is_primary or config.has_readiness_checks


def _provider(config: StackConfig, name: str, region: str) -> aws.Provider:
    # A provider asks STS who it is before anything else. It asks in the stack's own region, so that another
    # region's outage does not stop a deployment here.
    common = aws.ProviderArgs(
        region=region,
        sts_region=config.region,
        default_tags=aws.ProviderDefaultTagsArgs(tags=default_tags(config)),
        allowed_account_ids=[config.account_id] if config.account_id else None,
    )
    if config.aws_endpoint_url:
        _send_to_endpoint(common, config, region)
    return aws.Provider(name, common)


def default_tags(config: StackConfig) -> dict[str, str]:
    """The tags of everything that can be tagged."""
    return {"Project": config.project, "Stack": config.stack, "ManagedBy": "Pulumi"}


def _send_to_endpoint(args: aws.ProviderArgs, config: StackConfig, region: str) -> None:
    # The account id is still asked for: ARNs are built with it, and `accountId` is compared to it.
    args.endpoints = [endpoints(config, region)]
    args.s3_use_path_style = True
    args.skip_credentials_validation = True
    args.skip_metadata_api_check = True
    args.skip_region_validation = True


def endpoints(config: StackConfig, region: str) -> aws.ProviderEndpointArgs:
    """Every service's address, `{region}` being the region whose control API the service is asked in."""
    at = dict.fromkeys(_SERVICES, region) | _GLOBAL_SERVICES | {"sts": config.region}
    urls = {service: config.aws_endpoint_url.replace("{region}", where) for service, where in at.items()}
    return aws.ProviderEndpointArgs(**urls)
