"""S3 objects that are uploaded in parts: they have the tags that their upload was begun with.

CreateMultipartUpload takes x-amz-tagging, as PutObject does; the emulator forgets it.
"""

import re
from typing import Any
from urllib.parse import parse_qsl

import ministack.services.s3 as emulated

from twin.aws.hooks import HookedName, declare, replace
from twin.core import Core

_MODULE = "ministack.services.s3"
_CREATE = HookedName(
    module=_MODULE, attribute="_create_multipart_upload", signature="(bucket_name, key, headers)"
)
_COMPLETE = HookedName(
    module=_MODULE,
    attribute="_complete_multipart_upload",
    signature="(bucket_name, key, body, query_params, headers)",
)
declare(
    HookedName(module=_MODULE, attribute="_multipart_uploads"),
    HookedName(module=_MODULE, attribute="_object_tags"),
    HookedName(module=_MODULE, attribute="_ensure_bucket", signature="(name)"),
    HookedName(module=_MODULE, attribute="_qp", signature="(params, key, default)"),
)
_TAGS = "twin_tags"
Answer = tuple[int, dict[str, str], bytes]


def install(core: Core) -> None:
    """Keep the tags of uploads in parts."""
    del core
    replace(_CREATE, _remembering_tags)
    replace(_COMPLETE, _tagging)


def _remembering_tags(original: Any) -> Any:
    def create_multipart_upload(bucket_name: str, key: str, headers: dict[str, str]) -> Answer:
        answer: Answer = original(bucket_name, key, headers)
        made = re.search(rb"<UploadId>([^<]+)</UploadId>", answer[2])
        if made:
            tags = dict(parse_qsl(headers.get("x-amz-tagging", ""), keep_blank_values=True))
            emulated._multipart_uploads[made[1].decode()][_TAGS] = tags
        return answer

    return create_multipart_upload


def _tagging(original: Any) -> Any:
    def complete_multipart_upload(
        bucket_name: str, key: str, body: bytes, query_params: Any, headers: Any = None
    ) -> Answer:
        tags = emulated._multipart_uploads.get(emulated._qp(query_params, "uploadId"), {}).get(_TAGS)
        answer: Answer = original(bucket_name, key, body, query_params, headers)
        if tags and answer[0] == 200:
            version = emulated._ensure_bucket(bucket_name)["objects"][key].get("version_id")
            emulated._object_tags[(bucket_name, key, version)] = tags
        return answer

    return complete_multipart_upload
