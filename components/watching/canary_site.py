"""A region's place for canaries: a bucket for their results, and their code in it."""

from dataclasses import dataclass

import pulumi
from pulumi_aws import s3

from blueprint.canary_names import RESULTS_KEPT_DAYS, RESULTS_PREFIX
from blueprint.stack_config import StackConfig
from components.app.private_bucket import PrivateBucket
from components.packing.canary_bundle import ORDER_READ
from components.packing.packaging import Archive


@dataclass(frozen=True, kw_only=True)
class CanarySiteArgs:
    """`bucket` is one that expires RESULTS_PREFIX; without one, the site makes its own."""

    config: StackConfig
    region: str
    bundle: Archive
    bucket: PrivateBucket | None = None


class CanarySite(pulumi.ComponentResource):
    """Its provider must be its region's."""

    def __init__(self, name: str, args: CanarySiteArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("resilient-orders:app:CanarySite", name, None, opts)
        self.region = args.region
        self.bucket = args.bucket or PrivateBucket(
            name,
            args.config.namer,
            "observer-canaries",
            parent=self,
            expiring={RESULTS_PREFIX: RESULTS_KEPT_DAYS},
        )
        self.code: s3.BucketObjectv2 = self.bucket.upload(
            f"{name}-code", args.bundle, key_prefix=_key_prefix(args.config), parent=self
        )
        self.register_outputs({"bucket": self.bucket.name})


def _key_prefix(config: StackConfig) -> str:
    """With the runtime, so that another one comes with another key, too.

    AWS refuses an update of a canary's runtime without code, and the provider sends code when its key
    changes (hashicorp/terraform-provider-aws #46792).
    """
    return f"canaries/{ORDER_READ}-{config.canary_runtime}"
