"""Certificate Manager: certificates and the wait for their validation."""
# ruff: noqa: ARG002 - every handler answers to one interface, whichever of its arguments a type needs

import hashlib
from collections.abc import Mapping
from typing import Any

from twin.deploy.context import Aws
from twin.deploy.errors import ResourceError
from twin.deploy.resources.base import (
    Handler,
    Inputs,
    Made,
    Outputs,
    compact,
    found,
    half_made,
    ignore_gone,
    paths,
    tag_changes,
    tag_list,
    tags_of,
)


class Certificate(Handler):
    pulumi_type = "aws:acm/certificate:Certificate"
    accepts = paths(
        "domainName",
        "subjectAlternativeNames",
        "validationMethod",
        "keyAlgorithm",
        "options.certificateTransparencyLoggingPreference",
        "tags.*",
    )
    replaces = frozenset({"domainName", "subjectAlternativeNames", "validationMethod", "keyAlgorithm"})

    def create(self, aws: Aws, inputs: Inputs) -> Made:
        arn = aws.client("acm").request_certificate(
            **compact(
                DomainName=inputs["domainName"],
                ValidationMethod=inputs.get("validationMethod"),
                SubjectAlternativeNames=inputs.get("subjectAlternativeNames"),
                KeyAlgorithm=inputs.get("keyAlgorithm"),
                Options=_options(inputs),
                Tags=tag_list(inputs.get("tags") or {}) or None,
            )
        )["CertificateArn"]
        with half_made(arn):
            return Made(identity=arn, outputs=self._outputs(aws, arn))

    def read(self, aws: Aws, identity: str, inputs: Inputs) -> Outputs | None:
        if not _describe(aws, identity):
            return None
        tags = aws.client("acm").list_tags_for_certificate(CertificateArn=identity)["Tags"]
        return {**self._outputs(aws, identity), "tags": tags_of(tags)}

    def update(self, aws: Aws, identity: str, old: Inputs, new: Inputs) -> Outputs:
        client = aws.client("acm")
        to_set, to_remove = tag_changes(old.get("tags") or {}, new.get("tags") or {})
        if to_set:
            client.add_tags_to_certificate(CertificateArn=identity, Tags=tag_list(to_set))
        if to_remove:
            client.remove_tags_from_certificate(
                CertificateArn=identity, Tags=[{"Key": key} for key in to_remove]
            )
        if _options(old) != _options(new) and _options(new):
            client.update_certificate_options(CertificateArn=identity, Options=_options(new))
        return self._outputs(aws, identity)

    def delete(self, aws: Aws, identity: str, inputs: Inputs, outputs: Mapping[str, Any]) -> None:
        ignore_gone(aws.client("acm").delete_certificate, CertificateArn=identity)

    def _outputs(self, aws: Aws, arn: str) -> Outputs:
        certificate = aws.wait(f"The validation record of {arn}", lambda: _with_record(aws, arn))
        return {
            "arn": arn,
            "domainName": certificate["DomainName"],
            "subjectAlternativeNames": certificate.get("SubjectAlternativeNames", []),
            "status": certificate["Status"],
            "type": certificate.get("Type", "AMAZON_ISSUED"),
            "keyAlgorithm": certificate.get("KeyAlgorithm", "RSA_2048").replace("-", "_"),
            "domainValidationOptions": [_validation(option) for option in _options_of(certificate)],
        }


class CertificateValidation(Handler):
    pulumi_type = "aws:acm/certificateValidation:CertificateValidation"
    accepts = paths("certificateArn", "validationRecordFqdns")
    replaces = frozenset({"certificateArn", "validationRecordFqdns"})

    def create(self, aws: Aws, inputs: Inputs) -> Made:
        arn = inputs["certificateArn"]
        self._refuse_other_records(aws, inputs)
        aws.wait(f"The validation of {arn}", lambda: _issued(aws, arn))
        # Nothing is created: the identity only has to be the same each time.
        return Made(identity=hashlib.sha256(arn.encode()).hexdigest()[:16], outputs={"certificateArn": arn})

    def read(self, aws: Aws, identity: str, inputs: Inputs) -> Outputs | None:
        return (
            {"certificateArn": inputs["certificateArn"]} if _describe(aws, inputs["certificateArn"]) else None
        )

    def update(self, aws: Aws, identity: str, old: Inputs, new: Inputs) -> Outputs:
        return {"certificateArn": new["certificateArn"]}

    def delete(self, aws: Aws, identity: str, inputs: Inputs, outputs: Mapping[str, Any]) -> None:
        """Nothing exists beyond the certificate."""

    def _refuse_other_records(self, aws: Aws, inputs: Inputs) -> None:
        """The real provider, too, fails when the records given are not the certificate's."""
        given = {name.rstrip(".") for name in inputs.get("validationRecordFqdns") or ()}
        options = _options_of(_describe(aws, inputs["certificateArn"]) or {})
        wanted = {
            option["ResourceRecord"]["Name"].rstrip(".") for option in options if "ResourceRecord" in option
        }
        if given and wanted - given:
            raise ResourceError(
                f"the certificate needs the record {sorted(wanted - given)}, given were {sorted(given)}"
            )


def _options(inputs: Inputs) -> dict[str, str] | None:
    preference = (inputs.get("options") or {}).get("certificateTransparencyLoggingPreference")
    return {"CertificateTransparencyLoggingPreference": preference} if preference else None


def _describe(aws: Aws, arn: str) -> dict[str, Any] | None:
    answer = found(aws.client("acm").describe_certificate, CertificateArn=arn)
    return answer["Certificate"] if answer else None


def _options_of(certificate: Mapping[str, Any]) -> list[dict[str, Any]]:
    return certificate.get("DomainValidationOptions") or []


def _with_record(aws: Aws, arn: str) -> dict[str, Any] | None:
    """AWS answers without the record for the first seconds of a certificate's life."""
    certificate = _describe(aws, arn)
    options = _options_of(certificate or {})
    ready = options and all(
        "ResourceRecord" in o for o in options if o.get("ValidationMethod", "DNS") == "DNS"
    )
    return certificate if ready else None


def _issued(aws: Aws, arn: str) -> bool | None:
    status = (_describe(aws, arn) or {}).get("Status")
    if status not in ("PENDING_VALIDATION", "ISSUED"):
        raise ResourceError(f"the certificate {arn} is {status}, so it can never be issued.")
    return True if status == "ISSUED" else None


def _validation(option: Mapping[str, Any]) -> dict[str, str]:
    record = option.get("ResourceRecord", {})
    return {
        "domainName": option["DomainName"],
        "resourceRecordName": record.get("Name", ""),
        "resourceRecordType": record.get("Type", ""),
        "resourceRecordValue": record.get("Value", ""),
    }
