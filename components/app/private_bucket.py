"""A private, versioned, encrypted bucket for what can be made again, and uploads into it."""

from collections.abc import Mapping
from typing import Final

import pulumi
from pulumi_aws import s3

from blueprint import policies
from blueprint.naming import S3_BUCKET, Namer
from components.answers import required
from components.packing.packaging import Archive

_OLD_VERSIONS_KEPT_DAYS: Final = 30
_UNFINISHED_UPLOADS_KEPT_DAYS: Final = 7
_RANDOM_ENDING: Final = "-0000000"  # as long as what Pulumi adds to a name of its own making


class PrivateBucket:
    """Makes a Bucket and its settings, children of `parent`, which must be in the bucket's region:

    - a BucketPublicAccessBlock, a BucketPolicy (TLS only), BucketServerSideEncryptionConfiguration,
      BucketVersioning, and a BucketLifecycleConfiguration

        bucket = PrivateBucket("code", namer, "code", parent=self, expiring={"results/": 31})
        bucket.upload("code-handler", archive, key_prefix="functions/handler", parent=self)

    It goes with its contents when the stack is destroyed. Bucket names are one namespace for all AWS
    accounts, so Pulumi ends this one with random digits. `expiring` holds prefixes and the days that what is
    below them is kept.
    """

    def __init__(
        self,
        name: str,
        namer: Namer,
        base_name: str,
        *,
        parent: pulumi.Resource,
        expiring: Mapping[str, int],
    ) -> None:
        self._name = name
        self._parent = parent
        namer.physical(f"{base_name}{_RANDOM_ENDING}", S3_BUCKET)
        self._bucket = s3.Bucket(
            namer.physical(base_name), force_destroy=True, opts=pulumi.ResourceOptions(parent=parent)
        )
        self._ready = self._secure(expiring)

    @property
    def name(self) -> pulumi.Output[str]:
        return required(self._bucket, "bucket")

    @property
    def arn(self) -> pulumi.Output[str]:
        return required(self._bucket, "arn")

    def upload(
        self, name: str, archive: Archive, *, key_prefix: str, parent: pulumi.Resource
    ) -> s3.BucketObjectv2:
        """Puts an archive into the bucket, as a child of `parent`, which must be in the bucket's region.

        The key carries the contents' hash: new contents are a new object, and what refers to it follows.
        """
        return s3.BucketObjectv2(
            name,
            bucket=self._bucket.bucket,
            key=f"{key_prefix}-{archive.short_hash}.zip",
            source=pulumi.FileAsset(str(archive.path)),
            content_type="application/zip",
            opts=pulumi.ResourceOptions(parent=parent, depends_on=self._ready),
        )

    def _secure(self, expiring: Mapping[str, int]) -> list[pulumi.Resource]:
        """The bucket's settings, one after the other: S3 refuses some that arrive together (409)."""
        access = s3.BucketPublicAccessBlock(
            f"{self._name}-public-access",
            bucket=self._bucket.bucket,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            opts=self._after(self._bucket),
        )
        policy = s3.BucketPolicy(
            f"{self._name}-tls-only",
            bucket=self._bucket.bucket,
            policy=self.arn.apply(lambda arn: policies.as_json(policies.tls_only(arn))),
            opts=self._after(access),
        )
        encryption = s3.BucketServerSideEncryptionConfiguration(
            f"{self._name}-encryption",
            bucket=self._bucket.bucket,
            rules=[
                s3.BucketServerSideEncryptionConfigurationRuleArgs(
                    apply_server_side_encryption_by_default=(
                        s3.BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultArgs(
                            sse_algorithm="AES256"
                        )
                    ),
                    # S3 blocks these on new buckets by itself; said here, it is no difference in every plan.
                    blocked_encryption_types=["SSE-C"],
                )
            ],
            opts=self._after(policy),
        )
        versioning = s3.BucketVersioning(
            f"{self._name}-versioning",
            bucket=self._bucket.bucket,
            versioning_configuration=s3.BucketVersioningVersioningConfigurationArgs(status="Enabled"),
            opts=self._after(encryption),
        )
        return [self._lifecycle(expiring, versioning)]

    def _lifecycle(self, expiring: Mapping[str, int], versioning: pulumi.Resource) -> pulumi.Resource:
        unused = s3.BucketLifecycleConfigurationRuleArgs(
            id="remove-what-nobody-uses",
            status="Enabled",
            filter=s3.BucketLifecycleConfigurationRuleFilterArgs(prefix=""),
            noncurrent_version_expiration=(
                s3.BucketLifecycleConfigurationRuleNoncurrentVersionExpirationArgs(
                    noncurrent_days=_OLD_VERSIONS_KEPT_DAYS
                )
            ),
            abort_incomplete_multipart_upload=(
                s3.BucketLifecycleConfigurationRuleAbortIncompleteMultipartUploadArgs(
                    days_after_initiation=_UNFINISHED_UPLOADS_KEPT_DAYS
                )
            ),
        )
        return s3.BucketLifecycleConfiguration(
            f"{self._name}-lifecycle",
            bucket=self._bucket.bucket,
            rules=[unused, *(_expiry(prefix, days) for prefix, days in expiring.items())],
            opts=self._after(versioning),
        )

    def _after(self, before: pulumi.Resource) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(parent=self._parent, depends_on=[before])


def _expiry(prefix: str, days: int) -> s3.BucketLifecycleConfigurationRuleArgs:
    return s3.BucketLifecycleConfigurationRuleArgs(
        id=f"remove-old-{prefix.rstrip('/')}",
        status="Enabled",
        filter=s3.BucketLifecycleConfigurationRuleFilterArgs(prefix=prefix),
        expiration=s3.BucketLifecycleConfigurationRuleExpirationArgs(days=days),
    )
