"""The service's name in one region: custom domain, base path and the region's record."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.answers import required
from components.routing.dns_conflicts import record_type


@dataclass(frozen=True, kw_only=True)
class RegionalEndpointArgs:
    domain_name: str
    base_path: str
    """What comes before the API's own paths: `v1`."""
    region: str
    dns_record: str
    """`cname` or `alias`."""
    dns_ttl_seconds: int
    """Of a cname; an alias has its target's."""
    certificate_arn: pulumi.Input[str]
    validation_record_fqdn: pulumi.Input[str] | None
    """Given where the record is made (the primary); elsewhere it exists."""
    app: pulumi.Resource
    """What answers requests: the name leads to it when all of it is there, permissions and limits too."""
    rest_api_id: pulumi.Input[str]
    stage_name: pulumi.Input[str]
    hosted_zone_id: pulumi.Output[str]
    health_check_id: pulumi.Input[str]


class RegionalEndpoint(pulumi.ComponentResource):
    """Makes what leads `https://<domain>/<base path>` to this region's API for clients that are near it:

    - a CertificateValidation, which waits until the certificate is issued
    - a DomainName and a BasePathMapping
    - the region's latency Record
    """

    def __init__(
        self, name: str, args: RegionalEndpointArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("resilient-orders:endpoint:RegionalEndpoint", name, None, opts)
        self._args = args
        self._domain = self._custom_domain(name)
        mapping = self._mapping(name)
        self._record(name, mapping)
        self.register_outputs({"url": self.url})

    @property
    def url(self) -> str:
        return domain_url(self._args.domain_name, self._args.base_path)

    def _custom_domain(self, name: str) -> aws.apigateway.DomainName:
        fqdn = self._args.validation_record_fqdn
        issued = aws.acm.CertificateValidation(
            f"{name}-issued",
            certificate_arn=self._args.certificate_arn,
            validation_record_fqdns=None if fqdn is None else [fqdn],
            opts=pulumi.ResourceOptions(parent=self),
        )
        return aws.apigateway.DomainName(
            f"{name}-domain",
            domain_name=self._args.domain_name,
            regional_certificate_arn=issued.certificate_arn,
            endpoint_configuration={"types": "REGIONAL"},
            security_policy="TLS_1_2",
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _mapping(self, name: str) -> aws.apigateway.BasePathMapping:
        return aws.apigateway.BasePathMapping(
            f"{name}-{self._args.base_path}",
            domain_name=self._domain.domain_name,
            rest_api=self._args.rest_api_id,
            stage_name=self._args.stage_name,
            base_path=self._args.base_path,
            # A base path exists once a domain: the new mapping cannot be made beside the old one. By itself
            # it waits for the stage alone; API Gateway may call no function before its permission is there.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[self._args.app], delete_before_replace=True),
        )

    def _record(self, name: str, mapping: aws.apigateway.BasePathMapping) -> aws.route53.Record:
        args = self._args
        is_cname = args.dns_record == "cname"
        return aws.route53.Record(
            f"{name}-record",
            zone_id=args.hosted_zone_id,
            name=args.domain_name,
            type=record_type(args.dns_record),
            # Constant: another identifier for the same region is refused while this record exists.
            set_identifier=args.region,
            latency_routing_policies=[{"region": args.region}],
            health_check_id=args.health_check_id,
            ttl=args.dns_ttl_seconds if is_cname else None,
            records=[required(self._domain, "regional_domain_name")] if is_cname else None,
            aliases=None if is_cname else [self._alias()],
            # Customers come with the record, so the API must be reachable by name first.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[mapping], delete_before_replace=True),
        )

    def _alias(self) -> aws.route53.RecordAliasArgsDict:
        return {
            "name": required(self._domain, "regional_domain_name"),
            "zone_id": required(self._domain, "regional_zone_id"),
            # The routing control alone decides whether this region takes traffic.
            "evaluate_target_health": False,
        }


def domain_url(domain_name: str, base_path: str) -> str:
    """Where clients call the service."""
    return f"https://{domain_name}/{base_path}"
