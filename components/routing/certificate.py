"""The certificate of the service's name in one region."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import pulumi
import pulumi_aws as aws

from components.answers import present


@dataclass(frozen=True, kw_only=True)
class ValidationRecord:
    """The record that proves to ACM whose name it is."""

    name: pulumi.Output[str]
    type: pulumi.Output[str]
    value: pulumi.Output[str]


@dataclass(frozen=True, kw_only=True)
class RegionalCertificateArgs:
    domain_name: str


class RegionalCertificate(pulumi.ComponentResource):
    """Makes a Certificate, validated by DNS. API Gateway takes one of its own region only: one a region.

    The validation record is the same for one name and account in every region, so one owner: Foundation.
    """

    def __init__(
        self, name: str, args: RegionalCertificateArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("resilient-orders:endpoint:RegionalCertificate", name, None, opts)
        self._certificate = aws.acm.Certificate(
            f"{name}-certificate",
            domain_name=args.domain_name,
            validation_method="DNS",
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.register_outputs({"arn": self.arn})

    @property
    def arn(self) -> pulumi.Output[str]:
        """Of a certificate that may not be issued yet; RegionalEndpoint waits for that."""
        return self._certificate.arn

    @property
    def validation_record(self) -> ValidationRecord:
        options = self._certificate.domain_validation_options
        parts = {
            part: options.apply(partial(_part, part=f"resource_record_{part}"))
            for part in ("name", "type", "value")
        }
        return ValidationRecord(**parts)


def _part(options: Sequence[aws.acm.outputs.CertificateDomainValidationOption] | None, *, part: str) -> str:
    """Of the only name's option, which AWS tells some seconds after the request (the provider waits)."""
    found: str | None = getattr(options[0], part) if options else None
    return present(found, of="Certificate", name=f"domain_validation_options.{part}")
