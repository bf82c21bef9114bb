"""Everything global: tables, replicas, routing controls, the operators' policies, validation record."""

import re
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from blueprint import operator_check, order_service
from blueprint.stack_config import StackConfig
from components.answers import present, required
from components.app.account_log_role import StandingLogRole
from components.errors import HostedZoneError
from components.global_tables import GlobalTables, GlobalTablesArgs
from components.providers import Providers
from components.routing.arc_routing import ArcRouting, ArcRoutingArgs
from components.routing.certificate import ValidationRecord
from components.routing.dns_conflicts import StandingRecord, refuse_conflicts
from components.routing.operator_policy import OperatorPolicy, OperatorPolicyArgs
from components.watching.canary_items import CanaryItems, CanaryItemsArgs

_VALIDATION_TTL_SECONDS = 300


@dataclass(frozen=True, kw_only=True)
class FoundationArgs:
    """`validation_record` is that of the primary's certificate; every other region's is the same."""

    config: StackConfig
    providers: Providers
    validation_record: ValidationRecord
    log_role: StandingLogRole
    account_id: pulumi.Input[str]


class Foundation(pulumi.ComponentResource):
    """Made by the primary stack alone; the others see it through SharedOutputs.

    Makes GlobalTables, CanaryItems, ArcRouting, OperatorPolicy and the certificates' validation Record.
    """

    def __init__(self, name: str, args: FoundationArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("resilient-orders:composite:Foundation", name, None, opts)
        self._args = args
        self.hosted_zone_id = self._hosted_zone_id()
        self.tables = self._tables(name)
        self._canary_items(name)
        self.arc = self._routing(name)
        self.operator_policy = self._operator_policy(name)
        self.validation_record_fqdn = required(self._validation_record(name), "fqdn")
        self.register_outputs({"hostedZoneId": self.hosted_zone_id, "tableNames": dict(self.tables.names)})

    def _hosted_zone_id(self) -> pulumi.Output[str]:
        config = self._args.config
        # By its id where there is one: several zones may have the name. Both together are refused.
        found = aws.route53.get_zone_output(
            name=None if config.hosted_zone_id else config.hosted_zone,
            zone_id=config.hosted_zone_id or None,
            opts=pulumi.InvokeOutputOptions(parent=self),
        )
        return self._without_conflicts(found.apply(lambda zone: _checked_zone(config, zone)))

    def _without_conflicts(self, zone_id: pulumi.Output[str]) -> pulumi.Output[str]:
        """The zone's id, known once no record in the zone stands in the service's way.

        Only here: the other stacks are held to the primary's kind of record instead, so that a deployment
        there does not need Route 53's control API, which is in us-east-1.
        """
        config = self._args.config
        found = aws.route53.get_records_output(
            zone_id=zone_id,
            name_regex=f"^{re.escape(config.domain_name)}\\.?$",
            opts=pulumi.InvokeOutputOptions(parent=self),
        )

        def checked(result: aws.route53.GetRecordsResult) -> str:
            refuse_conflicts(
                config,
                [
                    StandingRecord(
                        name=r.name or "", type=r.type or "", set_identifier=r.set_identifier or ""
                    )
                    # Null, and no empty list, where the provider finds no record, as in a fresh zone.
                    for r in result.resource_record_sets or []
                ],
            )
            return present(result.zone_id, of="getRecords", name="zone_id")

        return found.apply(checked)

    def _tables(self, name: str) -> GlobalTables:
        config, providers = self._args.config, self._args.providers
        return GlobalTables(
            f"{name}-tables",
            GlobalTablesArgs(
                namer=config.namer,
                tables=order_service.TABLES,
                consistency=config.consistency,
                replica_providers={region: providers.regions[region] for region in config.other_regions},
                witness_region=config.witness_region,
                point_in_time_recovery=config.point_in_time_recovery,
                protect=config.protect,
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _canary_items(self, name: str) -> CanaryItems:
        return CanaryItems(
            f"{name}-canary-items",
            CanaryItemsArgs(
                tables=self.tables.names,
                keys=order_service.TABLES,
                items=order_service.canary_items(self._args.config.region),
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _routing(self, name: str) -> ArcRouting:
        config, provider = self._args.config, self._args.providers.arc
        if provider is None:
            raise ValueError("a secondary stack has no foundation")
        return ArcRouting(
            f"{name}-arc",
            ArcRoutingArgs(
                namer=config.namer,
                regions=config.regions,
                provider=provider,
                cluster_arn="" if config.creates_arc_cluster else config.arc_cluster,
                protect=config.protect,
                log_role=self._args.log_role,
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _operator_policy(self, name: str) -> OperatorPolicy:
        config = self._args.config
        checks = pulumi.Output.from_input(self._args.account_id).apply(
            lambda account_id: operator_check.document(config, account_id=account_id)
        )
        return OperatorPolicy(
            f"{name}-operator",
            OperatorPolicyArgs(namer=config.namer, routing_controls=self.arc.routing_controls, checks=checks),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _validation_record(self, name: str) -> aws.route53.Record:
        record = self._args.validation_record
        return aws.route53.Record(
            f"{name}-certificate-validation",
            zone_id=self.hosted_zone_id,
            name=record.name,
            type=record.type,
            records=[record.value],
            ttl=_VALIDATION_TTL_SECONDS,
            # The record may be there from a former deployment, and has the same content then.
            allow_overwrite=True,
            opts=pulumi.ResourceOptions(parent=self),
        )


def _checked_zone(config: StackConfig, zone: aws.route53.GetZoneResult) -> str:
    if (zone.name or "").rstrip(".") != config.hosted_zone or zone.private_zone:
        raise HostedZoneError(
            "`hostedZoneId` is not the public zone that `hostedZone` names.",
            seen={"id": zone.zone_id, "name": zone.name, "private": bool(zone.private_zone)},
            why=f"Clients anywhere must find {config.domain_name} in it.",
            do=f"Write the id of the public zone {config.hosted_zone}, or its name into `hostedZone`.",
        )
    return present(zone.zone_id, of="getZone", name="zone_id")
