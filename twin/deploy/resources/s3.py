"""S3: buckets, their settings, and objects."""
# ruff: noqa: ARG002 - every handler answers to one interface, whichever of its arguments a type needs

import base64
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from botocore.exceptions import ClientError

from twin.deploy.context import Aws
from twin.deploy.errors import ResourceError
from twin.deploy.names import AutoName
from twin.deploy.resources.base import (
    Handler,
    Inputs,
    Made,
    Outputs,
    compact,
    error_code,
    first,
    found,
    half_made,
    ignore_gone,
    paths,
    tag_list,
    tags_of,
)
from twin.deploy.values import LocalFile


class Bucket(Handler):
    pulumi_type = "aws:s3/bucket:Bucket"
    accepts = paths("bucket", "forceDestroy", "objectLockEnabled", "tags.*")
    replaces = frozenset({"bucket", "objectLockEnabled"})
    autoname = AutoName(argument="bucket", limit=63, lower=True)

    def create(self, aws: Aws, inputs: Inputs) -> Made:
        name = inputs["bucket"]
        elsewhere = None if aws.region == "us-east-1" else {"LocationConstraint": aws.region}
        aws.client("s3").create_bucket(
            Bucket=name,
            **compact(
                CreateBucketConfiguration=elsewhere,
                ObjectLockEnabledForBucket=inputs.get("objectLockEnabled"),
            ),
        )
        with half_made(name):
            _set_tags(aws, name, {}, inputs)
        return Made(identity=name, outputs=_bucket_outputs(aws, name))

    def read(self, aws: Aws, identity: str, inputs: Inputs) -> Outputs | None:
        if not found(aws.client("s3").head_bucket, Bucket=identity):
            return None
        tagging = found(aws.client("s3").get_bucket_tagging, Bucket=identity) or {}
        return {**_bucket_outputs(aws, identity), "tags": tags_of(tagging.get("TagSet"))}

    def update(self, aws: Aws, identity: str, old: Inputs, new: Inputs) -> Outputs:
        _set_tags(aws, identity, old, new)
        return _bucket_outputs(aws, identity)

    def delete(self, aws: Aws, identity: str, inputs: Inputs, outputs: Mapping[str, Any]) -> None:
        if found(aws.client("s3").head_bucket, Bucket=identity) is None:
            return
        if inputs.get("forceDestroy"):
            _empty(aws, identity)
        ignore_gone(aws.client("s3").delete_bucket, Bucket=identity)


class _BucketSetting(Handler):
    """One configuration of a bucket: put, get and delete under the bucket's name."""

    replaces = frozenset({"bucket"})
    delete_before_replace = True
    get_call: ClassVar[str]
    delete_call: ClassVar[str | None] = None

    def put(self, aws: Aws, inputs: Inputs) -> None:
        raise NotImplementedError

    def observe(self, answer: Mapping[str, Any]) -> Outputs:
        """The arguments that S3's answer tells."""
        raise NotImplementedError

    def create(self, aws: Aws, inputs: Inputs) -> Made:
        # S3 answers 409 while another setting of the same bucket is being changed.
        _repeat_on_conflict(aws, inputs["bucket"], lambda: self.put(aws, inputs))
        return Made(identity=inputs["bucket"], outputs={"bucket": inputs["bucket"]})

    def read(self, aws: Aws, identity: str, inputs: Inputs) -> Outputs | None:
        answer = found(getattr(aws.client("s3"), self.get_call), Bucket=identity)
        return {"bucket": identity, **self.observe(answer)} if answer else None

    def update(self, aws: Aws, identity: str, old: Inputs, new: Inputs) -> Outputs:
        _repeat_on_conflict(aws, identity, lambda: self.put(aws, new))
        return {"bucket": identity}

    def delete(self, aws: Aws, identity: str, inputs: Inputs, outputs: Mapping[str, Any]) -> None:
        if self.delete_call:
            ignore_gone(getattr(aws.client("s3"), self.delete_call), Bucket=identity)


class BucketVersioning(_BucketSetting):
    pulumi_type = "aws:s3/bucketVersioning:BucketVersioning"
    accepts = paths("bucket", "versioningConfiguration.status")
    get_call = "get_bucket_versioning"

    def observe(self, answer: Mapping[str, Any]) -> Outputs:
        return {"versioningConfiguration": {"status": answer.get("Status") or "Disabled"}}

    def put(self, aws: Aws, inputs: Inputs) -> None:
        status = inputs["versioningConfiguration"]["status"]
        if status != "Disabled":  # a bucket that never had versioning cannot be told so
            aws.client("s3").put_bucket_versioning(
                Bucket=inputs["bucket"], VersioningConfiguration={"Status": status}
            )

    def delete(self, aws: Aws, identity: str, inputs: Inputs, outputs: Mapping[str, Any]) -> None:
        ignore_gone(
            aws.client("s3").put_bucket_versioning,
            Bucket=identity,
            VersioningConfiguration={"Status": "Suspended"},
        )


class BucketServerSideEncryptionConfiguration(_BucketSetting):
    pulumi_type = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
    accepts = paths(
        "bucket",
        "rules.applyServerSideEncryptionByDefault.sseAlgorithm",
        "rules.applyServerSideEncryptionByDefault.kmsMasterKeyId",
        "rules.bucketKeyEnabled",
        "rules.blockedEncryptionTypes",
    )
    get_call, delete_call = "get_bucket_encryption", "delete_bucket_encryption"

    def observe(self, answer: Mapping[str, Any]) -> Outputs:
        return {"rules": [_observed_rule(r) for r in answer["ServerSideEncryptionConfiguration"]["Rules"]]}

    def put(self, aws: Aws, inputs: Inputs) -> None:
        aws.client("s3").put_bucket_encryption(
            Bucket=inputs["bucket"],
            ServerSideEncryptionConfiguration={"Rules": [_encryption_rule(rule) for rule in inputs["rules"]]},
        )


_BLOCKS = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")


class BucketPublicAccessBlock(_BucketSetting):
    pulumi_type = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
    accepts = paths("bucket", *_BLOCKS)
    get_call, delete_call = "get_public_access_block", "delete_public_access_block"

    def observe(self, answer: Mapping[str, Any]) -> Outputs:
        blocks = answer["PublicAccessBlockConfiguration"]
        return {name: blocks.get(f"{name[0].upper()}{name[1:]}", False) for name in _BLOCKS}

    def put(self, aws: Aws, inputs: Inputs) -> None:
        aws.client("s3").put_public_access_block(
            Bucket=inputs["bucket"],
            PublicAccessBlockConfiguration={
                "BlockPublicAcls": bool(inputs.get("blockPublicAcls")),
                "BlockPublicPolicy": bool(inputs.get("blockPublicPolicy")),
                "IgnorePublicAcls": bool(inputs.get("ignorePublicAcls")),
                "RestrictPublicBuckets": bool(inputs.get("restrictPublicBuckets")),
            },
        )


class BucketPolicy(_BucketSetting):
    pulumi_type = "aws:s3/bucketPolicy:BucketPolicy"
    accepts = paths("bucket", "policy")
    get_call, delete_call = "get_bucket_policy", "delete_bucket_policy"

    def observe(self, answer: Mapping[str, Any]) -> Outputs:
        return {"policy": answer["Policy"]}

    def put(self, aws: Aws, inputs: Inputs) -> None:
        aws.client("s3").put_bucket_policy(Bucket=inputs["bucket"], Policy=inputs["policy"])


class BucketLifecycleConfiguration(_BucketSetting):
    pulumi_type = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
    accepts = paths(
        "bucket",
        "rules.id",
        "rules.status",
        "rules.filter.prefix",
        "rules.expiration.days",
        "rules.noncurrentVersionExpiration.noncurrentDays",
        "rules.abortIncompleteMultipartUpload.daysAfterInitiation",
    )
    get_call, delete_call = "get_bucket_lifecycle_configuration", "delete_bucket_lifecycle"

    def observe(self, answer: Mapping[str, Any]) -> Outputs:
        return {"rules": [_observed_lifecycle(rule) for rule in answer["Rules"]]}

    def put(self, aws: Aws, inputs: Inputs) -> None:
        aws.client("s3").put_bucket_lifecycle_configuration(
            Bucket=inputs["bucket"],
            LifecycleConfiguration={"Rules": [_lifecycle_rule(rule) for rule in inputs.get("rules") or []]},
        )


class BucketObjectv2(Handler):
    pulumi_type = "aws:s3/bucketObjectv2:BucketObjectv2"
    accepts = paths(
        "bucket",
        "key",
        "source",
        "content",
        "contentBase64",
        "contentType",
        "serverSideEncryption",
        "kmsKeyId",
        "forceDestroy",
        "checksumAlgorithm",
        "metadata.*",
        "tags.*",
    )
    without_effect: ClassVar[Mapping[str, str]] = {
        "sourceHash": "it only makes the engine see a change, which the file's own hash does here",
        "etag": "it only makes the engine see a change, which the file's own hash does here",
    }
    replaces = frozenset({"bucket", "key"})

    def create(self, aws: Aws, inputs: Inputs) -> Made:
        return Made(identity=f"{inputs['bucket']}/{inputs['key']}", outputs=_put_object(aws, inputs))

    def read(self, aws: Aws, identity: str, inputs: Inputs) -> Outputs | None:
        answer = found(aws.client("s3").head_object, Bucket=inputs["bucket"], Key=inputs["key"])
        if not answer:
            return None
        return {**_object_outputs(aws, inputs, answer), "contentType": answer.get("ContentType")}

    def update(self, aws: Aws, identity: str, old: Inputs, new: Inputs) -> Outputs:
        return _put_object(aws, new)

    def delete(self, aws: Aws, identity: str, inputs: Inputs, outputs: Mapping[str, Any]) -> None:
        versions = found(aws.client("s3").list_object_versions, Bucket=inputs["bucket"], Prefix=inputs["key"])
        for version in (versions or {}).get("Versions", []):
            if version["Key"] == inputs["key"]:
                ignore_gone(
                    aws.client("s3").delete_object,
                    Bucket=inputs["bucket"],
                    Key=inputs["key"],
                    VersionId=version["VersionId"],
                )


def _bucket_outputs(aws: Aws, name: str) -> Outputs:
    return {
        "bucket": name,
        "arn": f"arn:{aws.partition}:s3:::{name}",
        "bucketDomainName": f"{name}.s3.amazonaws.com",
        "bucketRegionalDomainName": f"{name}.s3.{aws.region}.amazonaws.com",
        "bucketRegion": aws.region,
    }


def _set_tags(aws: Aws, name: str, old: Inputs, new: Inputs) -> None:
    tags = new.get("tags") or {}
    if tags:
        aws.client("s3").put_bucket_tagging(Bucket=name, Tagging={"TagSet": tag_list(tags)})
    elif old.get("tags"):
        aws.client("s3").delete_bucket_tagging(Bucket=name)


def _empty(aws: Aws, name: str) -> None:
    """Every version and delete marker, as the real provider's forceDestroy does."""
    client = aws.client("s3")
    for page in client.get_paginator("list_object_versions").paginate(Bucket=name):
        entries = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
        keys = [{"Key": entry["Key"], "VersionId": entry["VersionId"]} for entry in entries]
        if keys:
            client.delete_objects(Bucket=name, Delete={"Objects": keys, "Quiet": True})


def _repeat_on_conflict(aws: Aws, bucket: str, put: Callable[[], None]) -> None:
    def attempt() -> bool | None:
        try:
            put()
        except ClientError as error:
            if error_code(error) == "OperationAborted":
                return None
            raise
        return True

    aws.wait(f"The change of bucket {bucket}", attempt)


def _encryption_rule(rule: Mapping[str, Any]) -> dict[str, Any]:
    default = first(rule.get("applyServerSideEncryptionByDefault"))
    blocked = rule.get("blockedEncryptionTypes")
    return compact(
        ApplyServerSideEncryptionByDefault=compact(
            SSEAlgorithm=default["sseAlgorithm"], KMSMasterKeyID=default.get("kmsMasterKeyId")
        )
        if default
        else None,
        BucketKeyEnabled=rule.get("bucketKeyEnabled"),
        BlockedEncryptionTypes={"EncryptionType": blocked} if blocked else None,
    )


def _observed_rule(rule: Mapping[str, Any]) -> Outputs:
    default = rule.get("ApplyServerSideEncryptionByDefault") or {}
    return compact(
        applyServerSideEncryptionByDefault=compact(
            sseAlgorithm=default.get("SSEAlgorithm"), kmsMasterKeyId=default.get("KMSMasterKeyID")
        ),
        bucketKeyEnabled=rule.get("BucketKeyEnabled"),
        blockedEncryptionTypes=(rule.get("BlockedEncryptionTypes") or {}).get("EncryptionType"),
    )


def _observed_lifecycle(rule: Mapping[str, Any]) -> Outputs:
    return compact(
        id=rule.get("ID"),
        status=rule["Status"],
        filter={"prefix": (rule.get("Filter") or {}).get("Prefix") or ""},
        expiration=compact(days=(rule.get("Expiration") or {}).get("Days")),
        noncurrentVersionExpiration=compact(
            noncurrentDays=(rule.get("NoncurrentVersionExpiration") or {}).get("NoncurrentDays")
        ),
        abortIncompleteMultipartUpload=compact(
            daysAfterInitiation=(rule.get("AbortIncompleteMultipartUpload") or {}).get("DaysAfterInitiation")
        ),
    )


def _lifecycle_rule(rule: Mapping[str, Any]) -> dict[str, Any]:
    expiration = first(rule.get("expiration"))
    noncurrent = first(rule.get("noncurrentVersionExpiration"))
    abort = first(rule.get("abortIncompleteMultipartUpload"))
    return compact(
        ID=rule.get("id"),
        Status=rule["status"],
        Filter={"Prefix": (first(rule.get("filter")) or {}).get("prefix") or ""},
        Expiration={"Days": int(expiration["days"])} if expiration else None,
        NoncurrentVersionExpiration={"NoncurrentDays": int(noncurrent["noncurrentDays"])}
        if noncurrent
        else None,
        AbortIncompleteMultipartUpload={"DaysAfterInitiation": int(abort["daysAfterInitiation"])}
        if abort
        else None,
    )


def _put_object(aws: Aws, inputs: Inputs) -> Outputs:
    answer = aws.client("s3").put_object(
        Bucket=inputs["bucket"],
        Key=inputs["key"],
        Body=_body(inputs),
        **compact(
            ContentType=inputs.get("contentType"),
            ServerSideEncryption=inputs.get("serverSideEncryption"),
            SSEKMSKeyId=inputs.get("kmsKeyId"),
            ChecksumAlgorithm=inputs.get("checksumAlgorithm"),
            Metadata=inputs.get("metadata"),
            Tagging="&".join(f"{key}={value}" for key, value in sorted((inputs.get("tags") or {}).items()))
            or None,
        ),
    )
    return _object_outputs(aws, inputs, answer)


def _body(inputs: Inputs) -> bytes:
    source = inputs.get("source")
    if isinstance(source, LocalFile):
        return source.read()
    if inputs.get("content") is not None:
        return str(inputs["content"]).encode()
    if inputs.get("contentBase64") is not None:
        return base64.b64decode(inputs["contentBase64"])
    raise ResourceError("an object needs source, content or contentBase64.")


def _object_outputs(aws: Aws, inputs: Inputs, answer: Mapping[str, Any]) -> Outputs:
    return {
        "arn": f"arn:{aws.partition}:s3:::{inputs['bucket']}/{inputs['key']}",
        "etag": str(answer["ETag"]).strip('"'),
        "versionId": answer.get("VersionId", ""),
        "serverSideEncryption": answer.get("ServerSideEncryption", ""),
        "key": inputs["key"],
        "bucket": inputs["bucket"],
    }
