"""A region's bucket for code archives, and the Lambda layers that are made from it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import pulumi
from pulumi_aws import lambda_, s3

from components import policies, sources
from components.layers import LayerBuilder, Target, check_unzipped_size
from components.naming import LAMBDA_LAYER, S3_BUCKET, physical
from components.packaging import Archive
from components.stack_config import StackConfig

_OLD_VERSIONS_KEPT_DAYS: Final = 30
_UNFINISHED_UPLOADS_KEPT_DAYS: Final = 7
_RANDOM_ENDING: Final = "-0000000"  # as long as what Pulumi adds to a name of its own making


@dataclass(frozen=True, kw_only=True)
class ArtifactsArgs:
    config: StackConfig
    region: str


class Artifacts(pulumi.ComponentResource):
    """A private, versioned, encrypted bucket and the layers `powertools`, `ulid` and `sigv4a`.

    Everything in the bucket can be built again, so it goes with its contents when the stack is destroyed.
    """

    def __init__(self, name: str, args: ArtifactsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("resilient-orders:app:Artifacts", name, None, opts)
        self._name = name
        self._config = args.config
        self._target = Target(
            runtime=args.config.lambda_runtime, architecture=args.config.lambda_architecture
        )
        archives = _build_layers(self._target)
        self._bucket = s3.Bucket(
            _bucket_base_name(args.config), force_destroy=True, opts=pulumi.ResourceOptions(parent=self)
        )
        self._ready = self._secure_bucket()
        self._layers = {layer: self._create_layer(layer, archive) for layer, archive in archives.items()}
        self.register_outputs({"bucket": self.bucket, "layerArns": dict(self.layer_arns)})

    @property
    def bucket(self) -> pulumi.Output[str]:
        """The bucket's name."""
        return self._bucket.bucket

    @property
    def layer_arns(self) -> Mapping[str, pulumi.Output[str]]:
        """The current version of each layer, by the layer's name."""
        return {name: layer.arn for name, layer in self._layers.items()}

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

    def _secure_bucket(self) -> list[pulumi.Resource]:
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
            policy=self._bucket.arn.apply(lambda arn: policies.as_json(policies.tls_only(arn))),
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
        return [self._create_lifecycle(versioning)]

    def _create_lifecycle(self, versioning: pulumi.Resource) -> pulumi.Resource:
        return s3.BucketLifecycleConfiguration(
            f"{self._name}-lifecycle",
            bucket=self._bucket.bucket,
            rules=[
                s3.BucketLifecycleConfigurationRuleArgs(
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
            ],
            opts=self._after(versioning),
        )

    def _create_layer(self, layer: str, archive: Archive) -> lambda_.LayerVersion:
        uploaded = self.upload(
            f"{self._name}-{layer}-archive", archive, key_prefix=f"layers/{layer}", parent=self
        )
        # An old version is deleted with its replacement. Functions that still have it keep running (Lambda
        # Developer Guide, "Deleting layers"), and a rollback publishes the same bytes again.
        return lambda_.LayerVersion(
            f"{self._name}-{layer}",
            layer_name=physical(self._config, layer, LAMBDA_LAYER),
            s3_bucket=uploaded.bucket,
            s3_key=uploaded.key,
            source_code_hash=archive.base64_sha256,
            compatible_runtimes=[self._target.runtime],
            compatible_architectures=[self._target.architecture],
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _after(self, before: pulumi.Resource) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(parent=self, depends_on=[before])


def _bucket_base_name(config: StackConfig) -> str:
    """Bucket names are one namespace for all AWS accounts, so Pulumi ends this one with random digits."""
    physical(config, f"artifacts{_RANDOM_ENDING}", S3_BUCKET)
    return physical(config, "artifacts")


def _build_layers(target: Target) -> Mapping[str, Archive]:
    """Raises LayerBuildError, and PackagingError where all layers together are over Lambda's quota."""
    builder = LayerBuilder(
        sources=sources.LAYER_REQUIREMENTS, cache=sources.CACHE / "layers", report=pulumi.log.info
    )
    archives = builder.build(target)
    check_unzipped_size("A function with every layer", archives)
    return archives
