"""Every operation of every service the twin has is recognised in what botocore really sends for it."""

from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.awsrequest import AWSPreparedRequest
from botocore.config import Config
from botocore.model import OperationModel, Shape

from tests.twin.asgi import request, signed
from twin.front.identify import SIGNING_NAMES, AwsCall, identify, service_names
from twin.front.operations import OPERATIONS
from twin.front.request import Request

_TEXT = "abcdefghijklmnopqrstuvwxyz0123456789"
# Their requests are those of the operations that took their place.
_SAME_REQUEST = {
    ("s3", "GetBucketLifecycle"),
    ("s3", "GetBucketNotification"),
    ("s3", "PutBucketLifecycle"),
    ("s3", "PutBucketNotification"),
}


class _SentError(Exception):
    pass


def _client(service: str) -> Any:
    session = boto3.session.Session(
        aws_access_key_id="AKIAEXAMPLE", aws_secret_access_key="secret", region_name="us-east-1"
    )
    config = Config(
        retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}, parameter_validation=False
    )
    factory: Any = session
    return factory.client(service, endpoint_url="http://127.0.0.1:9", config=config)


def _value(shape: Shape, name: str, depth: int = 0) -> Any:
    kinds: dict[str, Any] = {
        "integer": 1,
        "long": 1,
        "float": 1.0,
        "double": 1.0,
        "boolean": True,
        "timestamp": "2026-01-01T00:00:00Z",
        "blob": b"x",
    }
    if shape.type_name == "string":
        enum = getattr(shape, "enum", None)
        return enum[0] if enum else "bucket-name" if name == "Bucket" else _TEXT[:12]
    if shape.type_name == "structure":
        if depth > 3:
            return {}
        members: Any = shape
        return {m: _value(members.members[m], m, depth + 1) for m in members.required_members}
    if shape.type_name == "list":
        inner: Any = shape
        return [_value(inner.member, name, depth + 1)]
    if shape.type_name == "map":
        return {}
    return kinds[shape.type_name]


def _send(client: Any, operation: OperationModel) -> Request:
    """The request botocore makes for an operation with its required members."""
    captured: list[AWSPreparedRequest] = []

    def capture(request: AWSPreparedRequest, **_: object) -> None:
        captured.append(request)
        raise _SentError

    client.meta.events.register_first("before-send", capture)
    params = _value(operation.input_shape, "") if operation.input_shape else {}
    try:
        client._make_api_call(operation.name, params)
    except _SentError:
        pass
    finally:
        client.meta.events.unregister("before-send", capture)
    url = urlsplit(captured[0].url)
    headers = {str(name): _text(value) for name, value in dict(captured[0].headers).items()}
    return request(
        captured[0].method,
        url.path,
        query=url.query,
        headers=headers,
        body=_bytes(captured[0].body),
    )


def _text(value: object) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def _bytes(body: Any) -> bytes:
    if hasattr(body, "read"):
        body = body.read()
    return body.encode() if isinstance(body, str) else body or b""


@pytest.mark.parametrize("service", sorted(service_names()))
def test_every_operation_botocore_can_send_is_told_by_its_name(service: str) -> None:
    client = _client(service)
    wrong = []
    for name in client.meta.service_model.operation_names:
        model = client.meta.service_model.operation_model(name)
        sent = _send(client, model)
        # Unsigned operations (web identities), and services of their own signing name within S3's model.
        foreign = sent.claim is None or sent.claim.service in ("s3express", "s3-object-lambda")
        if foreign or (service, name) in _SAME_REQUEST:
            continue
        found = identify(sent)
        if found is None or (found.service, found.operation) != (service, name):
            wrong.append((name, found))
    assert wrong == []


def test_every_listed_operation_exists_in_botocore() -> None:
    listed = {(service, name) for service, names in OPERATIONS.items() for name in names}
    known = {
        (service, name)
        for service in service_names()
        for name in _client(service).meta.service_model.operation_names
    }
    assert listed - known == {("execute-api", "Invoke")}


def test_every_listed_service_has_a_signing_name() -> None:
    identifiable = {service for services in SIGNING_NAMES.values() for service in services}
    assert set(OPERATIONS) - identifiable == {"execute-api"}


def test_an_operation_that_does_not_exist_keeps_its_name() -> None:
    headers = {**signed("dynamodb"), "x-amz-target": "DynamoDB_20120810.Frobnicate"}
    assert identify(request(headers=headers)) == AwsCall(
        service="dynamodb", operation="Frobnicate", protocol="json"
    )


def test_a_service_the_twin_lacks_is_named_with_its_operation() -> None:
    headers = {**signed("sns"), "content-type": "application/x-www-form-urlencoded"}
    found = identify(request(headers=headers, body=b"Action=ListTopics&Version=2010-03-31"))
    assert found == AwsCall(service="sns", operation="ListTopics", protocol="query")


def test_an_unknown_signing_name_is_nothing() -> None:
    assert identify(request(headers=signed("no-such-service"))) is None


def test_an_unsigned_request_is_nothing() -> None:
    assert identify(request()) is None
