"""S3 objects that are uploaded in parts."""

import pytest

from tests.twin.api_kit import unique
from twin.client import TwinClient

pytestmark = pytest.mark.twin

EAST = "us-east-1"


@pytest.mark.parametrize("versioning", ["Enabled", "Suspended"])
def test_an_object_uploaded_in_parts_has_the_tags_its_upload_began_with(
    twin: TwinClient, versioning: str
) -> None:
    s3, bucket = twin.boto3_client("s3", EAST), unique("parts")
    s3.create_bucket(Bucket=bucket)
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": versioning})
    where = {"Bucket": bucket, "Key": "a/key"}
    upload = s3.create_multipart_upload(**where, Tagging="Stack=one&Empty=")["UploadId"]
    part = s3.upload_part(**where, UploadId=upload, PartNumber=1, Body=b"content")
    parts = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
    s3.complete_multipart_upload(**where, UploadId=upload, MultipartUpload=parts)
    tags = s3.get_object_tagging(**where)["TagSet"]
    assert tags == [{"Key": "Stack", "Value": "one"}, {"Key": "Empty", "Value": ""}]
