"""The AWS provider resources of the program: region, endpoints, default tags, allowed accounts."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from twin.deploy.errors import ResourceError, SettingsError

PULUMI_TYPE = "pulumi:providers:aws"

# boto3's service name -> the name of its endpoint in the provider's `endpoints` (same name where not listed).
_ENDPOINT_NAMES = {
    "route53-recovery-control-config": "route53recoverycontrolconfig",
    "route53-recovery-readiness": "route53recoveryreadiness",
    "logs": "cloudwatchlogs",
    "stepfunctions": "sfn",
}

# Arguments that say how the real provider starts; none of them changes a resource.
_WITHOUT_EFFECT = frozenset(
    {
        "skipCredentialsValidation",
        "skipMetadataApiCheck",
        "skipRegionValidation",
        "skipRequestingAccountId",
        "s3UsePathStyle",
        "maxRetries",
        "retryMode",
        "version",
        "pluginDownloadURL",
    }
)
_UNDERSTOOD = frozenset({"region", "endpoints", "defaultTags", "allowedAccountIds", "stsRegion"})


@dataclass(frozen=True, kw_only=True)
class ProviderSettings:
    """One provider resource of the program."""

    region: str
    endpoints: Mapping[str, str] = field(default_factory=dict)
    default_tags: Mapping[str, str] = field(default_factory=dict)
    allowed_account_ids: tuple[str, ...] = ()
    sts_region: str = ""
    """Where the account is asked for; empty for the provider's own region."""

    @classmethod
    def from_inputs(cls, name: str, inputs: Mapping[str, Any]) -> "ProviderSettings":
        """Reads the inputs as Pulumi sends them to a provider: anything that is not text is JSON in text."""
        given = {key: value for key, value in inputs.items() if value is not None}
        unknown = sorted(given.keys() - _UNDERSTOOD - _WITHOUT_EFFECT)
        if unknown:
            raise ResourceError(
                f"{PULUMI_TYPE} {name!r} was given {', '.join(unknown)}, which is unknown here. "
                f"Known: {', '.join(sorted(_UNDERSTOOD | _WITHOUT_EFFECT))}."
            )
        region = given.get("region")
        if not region:
            raise ResourceError(f"{PULUMI_TYPE} {name!r} has no region. Give each provider its region.")
        tags = _decoded(given.get("defaultTags")) or {}
        return cls(
            region=region,
            endpoints=_merged(_decoded(given.get("endpoints")) or []),
            default_tags=tags.get("tags") or {},
            allowed_account_ids=tuple(_decoded(given.get("allowedAccountIds")) or ()),
            sts_region=given.get("stsRegion") or "",
        )

    def endpoint(self, service: str, fallback: str | None) -> str:
        """The address for a boto3 service name: the provider's own, else `fallback`."""
        url = (
            self.endpoints.get(_ENDPOINT_NAMES.get(service, service))
            or self.endpoints.get(service)
            or fallback
        )
        if not url:
            raise SettingsError(
                f"The provider of {self.region} has no endpoint for {service!r} and AWS_ENDPOINT_URL is "
                f"not set, so its calls would go to AWS. Set awsEndpointUrl for this deployment."
            )
        return url

    def refuse_account(self, account_id: str) -> None:
        """Raises ResourceError where the provider's allowed accounts leave this one out."""
        if self.allowed_account_ids and account_id not in self.allowed_account_ids:
            raise ResourceError(
                f"AWS account ID not allowed: {account_id}. The provider of {self.region} allows "
                f"{', '.join(self.allowed_account_ids)} (configuration accountId). "
                f"Use credentials of that account or correct accountId."
            )


def _decoded(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value


def _merged(blocks: list[Mapping[str, str]] | Mapping[str, str]) -> dict[str, str]:
    merged: dict[str, str] = {}
    for block in [blocks] if isinstance(blocks, Mapping) else blocks:
        merged.update({name: url for name, url in block.items() if url})
    return merged
