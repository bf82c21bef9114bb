"""The order service in one region, and in the primary stack what all regions share.

Start here: configuration, then providers, then components in the order of their dependencies, then outputs.
Run it for each stack that `stacks` names (Pulumi.yaml lists the keys), the primary first.
"""

import pulumi
import pulumi_aws as aws

from components import providers, region_args
from components.answers import present
from components.app import account_log_role
from components.current_config import current
from components.errors import as_program_errors
from components.foundation import Foundation, FoundationArgs
from components.region import Region, RegionArgs
from components.routing.arc_readiness import ArcReadiness
from components.routing.arc_routing import CLUSTER_NOTICE
from components.routing.certificate import RegionalCertificate, RegionalCertificateArgs
from components.shared_outputs import SharedOutputs
from components.stack_outputs import stack_outputs


def main() -> None:
    """Declare everything of this stack."""
    config = current()
    if config.is_primary and config.creates_arc_cluster:
        pulumi.log.info(CLUSTER_NOTICE)

    aws_providers = providers.build(config)
    own_region = pulumi.ResourceOptions(provider=aws_providers.own)
    caller = aws.get_caller_identity_output(opts=pulumi.InvokeOutputOptions(provider=aws_providers.own))
    account_id = caller.apply(lambda c: present(c.account_id, of="getCallerIdentity", name="account_id"))
    log_role = account_log_role.standing_log_role(config, own_region)

    certificate = RegionalCertificate(
        "service", RegionalCertificateArgs(domain_name=config.domain_name), opts=own_region
    )
    if config.is_primary:
        foundation = Foundation(
            "foundation",
            FoundationArgs(
                config=config,
                providers=aws_providers,
                validation_record=certificate.validation_record,
                log_role=log_role,
                account_id=account_id,
            ),
            opts=own_region,
        )
        shared = SharedOutputs.from_foundation(config, foundation)
    else:
        shared = SharedOutputs.from_primary_stack(config)

    region = Region(
        "region",
        RegionArgs(
            config=config,
            shared=shared,
            certificate=certificate,
            account_id=account_id,
            observer=aws_providers.observer,
            log_role=log_role,
        ),
        opts=own_region,
    )

    outputs = stack_outputs(config, shared, region)
    if config.has_readiness_checks and aws_providers.arc:
        ArcReadiness(
            "readiness",
            region_args.readiness_args(config, outputs, provider=aws_providers.arc),
            opts=own_region,
        )

    for name, value in outputs.items():
        pulumi.export(name, value)


with as_program_errors():
    main()
