"""Errors as AWS writes them: the same refusal in each of its protocols."""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.sax.saxutils import escape

from twin.front.item_operations import ITEM_OPERATIONS

Answer = tuple[int, dict[str, str], bytes]

# XML namespaces of query and rest-xml errors are not checked by SDKs; one fits all.
_QUERY_NAMESPACE = "https://iam.amazonaws.com/doc/2010-05-08/"


@dataclass(frozen=True, kw_only=True)
class AwsError:
    """An error code with its HTTP status and message; `members` are what else its body holds (JSON only)."""

    code: str
    message: str
    status: int
    members: Mapping[str, Any] = field(default_factory=dict)


def render(service: str, protocol: str, error: AwsError) -> Answer:
    """An error in a protocol: `json`, `rest-json`, `query`, `rest-xml`, `ec2` or `cbor` (RPC v2)."""
    request_id = str(uuid.uuid4())
    status, headers, body = _body(service, protocol, error, request_id)
    return status, {**headers, "x-amzn-requestid": request_id}, body


def _body(service: str, protocol: str, error: AwsError, request_id: str) -> Answer:
    if service == "execute-api":
        headers = {"content-type": "application/json", "x-amzn-errortype": error.code}
        return error.status, headers, json.dumps({"message": error.message}).encode()
    if protocol == "cbor":
        members = {"__type": error.code, "message": error.message}
        headers = {"content-type": "application/cbor", "smithy-protocol": "rpc-v2-cbor"}
        return error.status, headers, _cbor_map(members)
    if protocol == "ec2":
        text = (
            f"<Response><Errors><Error><Code>{escape(error.code)}</Code><Message>{escape(error.message)}</Message>"
            f"</Error></Errors><RequestID>{request_id}</RequestID></Response>"
        )
        return error.status, {"content-type": "text/xml"}, text.encode()
    if protocol == "query" or (protocol == "rest-xml" and service != "s3"):
        text = (
            f'<ErrorResponse xmlns="{_QUERY_NAMESPACE}"><Error><Type>Sender</Type>'
            f"<Code>{escape(error.code)}</Code><Message>{escape(error.message)}</Message></Error>"
            f"<RequestId>{request_id}</RequestId></ErrorResponse>"
        )
        return error.status, {"content-type": "text/xml"}, text.encode()
    if protocol == "rest-xml":
        text = (
            f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{escape(error.code)}</Code>'
            f"<Message>{escape(error.message)}</Message><RequestId>{request_id}</RequestId></Error>"
        )
        return (
            error.status,
            {"content-type": "application/xml", "x-amz-request-id": request_id},
            text.encode(),
        )
    content_type = "application/x-amz-json-1.0" if protocol == "json" else "application/json"
    headers = {"content-type": content_type, "x-amzn-errortype": error.code}
    document = {"__type": error.code, "message": error.message, **error.members}
    return error.status, headers, json.dumps(document).encode()


def _cbor_map(members: dict[str, str]) -> bytes:
    """A CBOR map of text strings (RFC 8949): the only CBOR the twin writes."""
    return bytes([0xA0 | len(members)]) + b"".join(
        _cbor_text(text) for pair in members.items() for text in pair
    )


def _cbor_text(text: str) -> bytes:
    encoded = text.encode()
    if len(encoded) < 24:
        return bytes([0x60 | len(encoded)]) + encoded
    if len(encoded) < 256:
        return bytes([0x78, len(encoded)]) + encoded
    return b"\x79" + len(encoded).to_bytes(2) + encoded


def not_in_the_twin(service: str, operation: str | None, method: str, path: str) -> AwsError:
    """501 for what the twin does not have, naming it."""
    name = f"{service}.{operation}" if operation else f"{service} ({method} {path})"
    return AwsError(code="NotImplemented", message=f"not in the twin: {name}", status=501)


def not_json() -> AwsError:
    """What the JSON protocols answer to a body that is no JSON object."""
    return AwsError(code="SerializationException", message="The body is not a JSON object.", status=400)


def unknown_key(service: str, protocol: str) -> AwsError:
    """What a service answers to an access key that does not exist."""
    if service == "s3":
        message = "The AWS Access Key Id you provided does not exist in our records."
        return AwsError(code="InvalidAccessKeyId", message=message, status=403)
    message = "The security token included in the request is invalid."
    if protocol in ("query", "rest-xml"):
        return AwsError(code="InvalidClientTokenId", message=message, status=403)
    status = 400 if protocol == "json" else 403
    return AwsError(code="UnrecognizedClientException", message=message, status=status)


def wrong_region(service: str, protocol: str, signed: str, here: str) -> AwsError:
    """What a service answers to a signature for another region than its own."""
    if service == "s3":
        message = f"The authorization header is malformed; the region '{signed}' is wrong; expecting '{here}'"
        return AwsError(code="AuthorizationHeaderMalformed", message=message, status=400)
    message = "Credential should be scoped to a valid region. "
    if protocol in ("query", "rest-xml"):
        return AwsError(code="SignatureDoesNotMatch", message=message, status=403)
    status = 400 if protocol == "json" else 403
    return AwsError(code="InvalidSignatureException", message=message, status=status)


def wrong_payload(protocol: str) -> AwsError:
    """What a service answers when the body is not the one that the signature is about."""
    message = "The request signature we calculated does not match the signature you provided."
    if protocol in ("query", "rest-xml"):
        return AwsError(code="SignatureDoesNotMatch", message=message, status=403)
    return AwsError(
        code="InvalidSignatureException", message=message, status=400 if protocol == "json" else 403
    )


def unsigned(service: str, protocol: str) -> AwsError:
    """What a service answers to a request without a signature."""
    if service == "s3":
        return AwsError(code="AccessDenied", message="Access Denied", status=403)
    if protocol == "query":
        message = "Request is missing Authentication Token"
        return AwsError(code="MissingAuthenticationToken", message=message, status=403)
    if protocol == "json":
        message = "Request is missing Authentication Token"
        return AwsError(code="MissingAuthenticationTokenException", message=message, status=400)
    return AwsError(
        code="MissingAuthenticationTokenException", message="Missing Authentication Token", status=403
    )


def throttled(service: str, protocol: str) -> AwsError:
    """A service's own throttling error."""
    known = {
        "s3": AwsError(code="SlowDown", message="Please reduce your request rate.", status=503),
        "lambda": AwsError(code="TooManyRequestsException", message="Rate Exceeded.", status=429),
        "apigateway": AwsError(code="TooManyRequestsException", message="Too Many Requests", status=429),
        "execute-api": AwsError(code="TooManyRequestsException", message="Too Many Requests", status=429),
        "dynamodb": AwsError(
            code="ThrottlingException",
            message="Throughput exceeds the current capacity of your table or index.",
            status=400,
        ),
    }
    if service in known:
        return known[service]
    if protocol in ("query", "rest-xml"):
        return AwsError(code="Throttling", message="Rate exceeded", status=400)
    status = 429 if protocol == "rest-json" else 400
    return AwsError(code="ThrottlingException", message="Rate exceeded", status=status)


def conflicting(operation: str | None, body: bytes) -> AwsError | None:
    """What DynamoDB answers where another transaction has the same items; None where that does not matter.

    A transaction is cancelled, with a reason an item; writes of single items and TransactGetItems meet the
    conflict too, plain reads do not (DynamoDB API reference, TransactWriteItems).
    """
    message = "Transaction is ongoing for the item"
    kind = ITEM_OPERATIONS.get(operation or "")
    if kind == "write":
        return AwsError(code="TransactionConflictException", message=message, status=400)
    if kind != "transaction":
        return None
    first, *others = [{"Code": "TransactionConflict", "Message": message}, *_unconcerned(body)]
    codes = ", ".join(reason["Code"] for reason in (first, *others))
    return AwsError(
        code="TransactionCanceledException",
        message=f"Transaction cancelled, please refer cancellation reasons for specific reasons [{codes}]",
        status=400,
        members={"CancellationReasons": [first, *others]},
    )


def _unconcerned(body: bytes) -> list[dict[str, str]]:
    """The reasons of all items of a transaction but the first."""
    return [{"Code": "None"} for _ in json.loads(body).get("TransactItems", [])[1:]]


def failing(service: str) -> AwsError:
    """A service's own internal error."""
    known = {
        "s3": AwsError(
            code="InternalError", message="We encountered an internal error. Please try again.", status=500
        ),
        "lambda": AwsError(code="ServiceException", message="Internal Error", status=500),
        "dynamodb": AwsError(code="InternalServerError", message="Internal server error", status=500),
        "execute-api": AwsError(
            code="InternalServerErrorException", message="Internal server error", status=500
        ),
        "logs": AwsError(
            code="ServiceUnavailableException", message="The service cannot complete the request.", status=500
        ),
    }
    message = "The request processing has failed because of an unknown error, exception or failure."
    return known.get(service, AwsError(code="InternalFailure", message=message, status=500))
