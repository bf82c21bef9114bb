"""Ways in which clients that nobody wrote for the twin call it: own keys, presigned addresses, odd bodies."""

import io
import zipfile
from typing import Any

import boto3
import dns.message
import dns.query
import dns.rcode
import dns.rdataclass
import pytest
import requests
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import ConnectionClosedError

from tests.twin.api_kit import ECHO, make_function, unique
from twin.aws.lambda_.function_code import CodeAddresses
from twin.client import TwinClient
from twin.front.signature import claim_of
from twin.net.ports import Ports

pytestmark = pytest.mark.twin

EAST, WEST = "us-east-1", "us-west-2"
_ONCE = Config(retries={"total_max_attempts": 1})


def fetched(url: str) -> tuple[int, bytes]:
    """Status and body of a GET."""
    response = requests.get(url, timeout=10)
    return response.status_code, response.content


@pytest.mark.parametrize("version", [None, "s3v4"])
def test_presigned_addresses_of_either_signature_version_are_good(
    twin: TwinClient, version: str | None
) -> None:
    bucket = unique("presigned")
    twin.boto3_client("s3", EAST).create_bucket(Bucket=bucket)
    session: Any = boto3.session.Session(
        aws_access_key_id=twin.description["accessKeyId"],
        aws_secret_access_key=twin.description["secretAccessKey"],
        region_name=EAST,
    )
    s3 = session.client(
        "s3", endpoint_url=twin.addresses["endpoint"], config=Config(signature_version=version)
    )
    s3.put_object(Bucket=bucket, Key="a key", Body=b"content")
    url = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "a key"})
    assert fetched(url) == (200, b"content")
    status, body = fetched(url.replace("a%20key", "another"))
    assert status == 403
    assert b"SignatureDoesNotMatch" in body


def test_signature_version_2_names_a_key_and_no_region() -> None:
    for headers, query in (
        ({"authorization": "AWS AKIAEXAMPLE:c2ln"}, ""),
        ({}, "AWSAccessKeyId=AKIAEXAMPLE&Signature=c2ln&Expires=1"),
    ):
        claim = claim_of(headers, query)
        assert claim is not None
        assert (claim.access_key, claim.service, claim.single_region) == ("AKIAEXAMPLE", "s3", None)
    assert claim_of({}, "AWSAccessKeyId=AKIAEXAMPLE") is None


def test_a_functions_code_is_fetched_from_the_address_that_lambda_gives(twin: TwinClient) -> None:
    function = make_function(twin, ECHO, region=WEST)
    location = twin.boto3_client("lambda", WEST).get_function(FunctionName=function.name)["Code"]["Location"]
    assert location.startswith(twin.addresses["regions"][WEST]["http"] + "/")
    status, archive = fetched(location)
    assert status == 200
    assert zipfile.ZipFile(io.BytesIO(archive)).namelist()
    assert fetched(location + "x")[0] == 403


def test_the_address_of_a_functions_code_is_good_for_ten_minutes(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr("ministack.services.lambda_svc.serve_function_code", lambda *_: (200, {}, b"zip"))
    addresses = CodeAddresses(Ports(base=4560, regions=(EAST,)), lambda: now[0])
    token = addresses.make("f").rpartition("/")[2]
    assert addresses.code(token) == b"zip"
    now[0] = 600.0
    assert addresses.code(token) is None


def test_calls_about_no_named_user_are_about_the_callers_own(twin: TwinClient) -> None:
    iam = twin.boto3_client("iam", EAST)
    assert iam.get_user()["User"]["UserName"] == "twin-admin"
    keys = [key["AccessKeyId"] for key in iam.list_access_keys()["AccessKeyMetadata"]]
    assert keys == [twin.description["accessKeyId"]]


@pytest.mark.parametrize("body", [b"[]", b"{", b'"text"'])
def test_a_body_that_is_no_json_object_is_a_serialization_error(twin: TwinClient, body: bytes) -> None:
    request = AWSRequest(
        method="POST",
        url=twin.addresses["endpoint"] + "/",
        data=body,
        headers={"x-amz-target": "DynamoDB_20120810.GetItem", "content-type": "application/x-amz-json-1.0"},
    )
    keys = Credentials(twin.description["accessKeyId"], twin.description["secretAccessKey"])
    SigV4Auth(keys, "dynamodb", EAST).add_auth(request)
    answer = requests.post(str(request.url), data=body, headers=dict(request.headers), timeout=10)
    assert (answer.status_code, answer.headers["x-amzn-errortype"]) == (400, "SerializationException")


def test_dns_refuses_other_classes_and_answers_any(twin: TwinClient) -> None:
    host, _, port = twin.addresses["dns"].rpartition(":")
    chaos = dns.message.make_query("example.com", "SOA", dns.rdataclass.CH)
    assert dns.query.udp(chaos, host, port=int(port), timeout=5).rcode() == dns.rcode.REFUSED
    every = dns.query.udp(dns.message.make_query("example.com", "ANY"), host, port=int(port), timeout=5)
    assert {str(rrset).split()[3] for rrset in every.answer} == {"NS", "SOA"}


def test_a_bucket_is_read_through_its_own_region(twin: TwinClient) -> None:
    bucket = unique("western")
    west = twin.boto3_client("s3", WEST)
    west.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": WEST})
    east = twin.boto3_client("s3", EAST)
    assert east.list_objects_v2(Bucket=bucket)["KeyCount"] == 0  # redirected, as the SDK does
    twin.kill(WEST)
    try:
        with pytest.raises(ConnectionClosedError):
            twin.boto3_client("s3", EAST, config=_ONCE).list_objects_v2(Bucket=bucket)
    finally:
        twin.revive(WEST)
