"""A region's bucket for code archives, and the Lambda layers that are made from it."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi_aws import lambda_, s3

from blueprint.naming import LAMBDA_LAYER, Namer
from components.answers import required
from components.app.private_bucket import PrivateBucket
from components.packing import sources
from components.packing.layers import LayerBuilder, Platform, check_unzipped_size
from components.packing.packaging import Archive


@dataclass(frozen=True, kw_only=True)
class ArtifactsArgs:
    namer: Namer
    platform: Platform
    """What the layers are built for."""
    expiring: Mapping[str, int]
    """The days that objects are kept, by the prefix of their keys."""


class Artifacts(pulumi.ComponentResource):
    """Makes a place for code:

    - a Bucket, private, versioned, encrypted (PrivateBucket), with an archive of each layer in it
    - a LayerVersion each for `powertools`, `ulid` and `sigv4a`

    Everything in the bucket can be built again, so it goes with its contents when the stack is destroyed.
    """

    def __init__(self, name: str, args: ArtifactsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("resilient-orders:app:Artifacts", name, None, opts)
        self._name = name
        self._args = args
        archives = _build_layers(args.platform)
        self._bucket = PrivateBucket(name, args.namer, "artifacts", parent=self, expiring=args.expiring)
        self._layers = {layer: self._create_layer(layer, archive) for layer, archive in archives.items()}
        self.register_outputs({"bucket": self.bucket.name, "layerArns": dict(self.layer_arns)})

    @property
    def bucket(self) -> PrivateBucket:
        return self._bucket

    @property
    def layer_arns(self) -> Mapping[str, pulumi.Output[str]]:
        """The current version of each layer, by the layer's name."""
        return {name: required(layer, "arn") for name, layer in self._layers.items()}

    def upload(
        self, name: str, archive: Archive, *, key_prefix: str, parent: pulumi.Resource
    ) -> s3.BucketObjectv2:
        """Puts an archive into the bucket: see PrivateBucket."""
        return self._bucket.upload(name, archive, key_prefix=key_prefix, parent=parent)

    def _create_layer(self, layer: str, archive: Archive) -> lambda_.LayerVersion:
        uploaded = self.upload(
            f"{self._name}-{layer}-archive", archive, key_prefix=f"layers/{layer}", parent=self
        )
        # An old version is deleted with its replacement. Functions that still have it keep running (Lambda
        # Developer Guide, "Deleting layers"), and a rollback publishes the same bytes again.
        return lambda_.LayerVersion(
            f"{self._name}-{layer}",
            layer_name=self._args.namer.physical(layer, LAMBDA_LAYER),
            s3_bucket=uploaded.bucket,
            s3_key=uploaded.key,
            source_code_hash=archive.base64_sha256,
            compatible_runtimes=[self._args.platform.runtime],
            compatible_architectures=[self._args.platform.architecture],
            opts=pulumi.ResourceOptions(parent=self),
        )


def _build_layers(platform: Platform) -> Mapping[str, Archive]:
    """Raises LayerBuildError, and PackagingError where all layers together are over Lambda's quota."""
    builder = LayerBuilder(
        sources=sources.LAYER_REQUIREMENTS, cache=sources.CACHE / "layers", report=pulumi.log.info
    )
    archives = builder.build(platform)
    check_unzipped_size("A function with every layer", archives)
    return archives
