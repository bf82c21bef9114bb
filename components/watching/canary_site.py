"""A region's place for canaries: a bucket for their results, and their code in it."""

from dataclasses import dataclass

import pulumi
from pulumi_aws import s3

from blueprint.canary_names import RESULTS_KEPT_DAYS, RESULTS_PREFIX
from blueprint.naming import Namer
from components.app.private_bucket import PrivateBucket
from components.packing.canary_bundle import CanaryScript


@dataclass(frozen=True, kw_only=True)
class CanarySiteArgs:
    namer: Namer
    region: str
    runtime: str
    """Of the canaries: `syn-python-selenium-14.0`."""
    script: CanaryScript
    bucket: PrivateBucket | None = None
    """One of the region that expires RESULTS_PREFIX; without one, the site makes its own."""


class CanarySite(pulumi.ComponentResource):
    """Makes a Bucket (PrivateBucket) unless one is given, and the script's BucketObjectv2 in it.

    The provider must be the region's.
    """

    def __init__(self, name: str, args: CanarySiteArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("resilient-orders:app:CanarySite", name, None, opts)
        self.region = args.region
        self.script = args.script
        self.bucket = args.bucket or PrivateBucket(
            name,
            args.namer,
            "observer-canaries",
            parent=self,
            expiring={RESULTS_PREFIX: RESULTS_KEPT_DAYS},
        )
        self.code: s3.BucketObjectv2 = self.bucket.upload(
            f"{name}-code", args.script.bundle, key_prefix=_key_prefix(args), parent=self
        )
        self.register_outputs({"bucket": self.bucket.name})


def _key_prefix(args: CanarySiteArgs) -> str:
    """With the runtime, so that another one comes with another key, too.

    AWS refuses an update of a canary's runtime without code, and the provider sends code when its key
    changes (hashicorp/terraform-provider-aws #46792).
    """
    return f"canaries/{args.script.name}-{args.runtime}"
