"""What arrives: API Gateway's proxy event, and the parameters in it."""

import base64
import binascii
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from . import contract
from .errors import BadRequestError

_SHOWN: Final = 40
"""Characters of a wrong value that an answer repeats."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """A call. ``query`` holds every value of a parameter; ``body`` is text, decoded from base64."""

    method: str
    path: str
    query: Mapping[str, tuple[str, ...]]
    body: str
    gateway_request_id: str | None = None


def from_event(event: object) -> Request:
    """Read a proxy event; what it lacks is empty. Raises BadRequestError for a body that is not text."""
    fields: Mapping[str, Any] = event if isinstance(event, dict) else {}
    context = fields.get("requestContext") or {}
    return Request(
        method=str(fields.get("httpMethod") or ""),
        # The resource is the path as the API defines it, without the stage or the base path of a domain.
        path=str(fields.get("resource") or fields.get("path") or ""),
        query=_query(fields),
        body=_body(fields),
        gateway_request_id=context.get("requestId"),
    )


def parameter(request: Request, name: str) -> str | None:
    """The one value of a query parameter; None when it is missing. Raises BadRequestError for two values."""
    return _one(name, request.query.get(name, ()))


def identifier(request: Request, name: str, body: Mapping[str, Any] | None = None) -> str:
    """The id that a call names in its query or in its body; raises BadRequestError."""
    value = _one(name, tuple(_ids(request, name, body or {})))
    if value is None:
        raise BadRequestError(
            "missing-parameter", f"{name} is missing. Send it in the query{_or_body(body)}."
        )
    if not contract.is_valid_id(value):
        raise BadRequestError("malformed-id", f"{name} is {shown(value)}, which is not an id. {_ID_RULE}")
    return value


_ID_RULE: Final = (
    f"An id has 1 to {contract.MAX_ID_LENGTH} characters of 0-9 A-Z a-z _ - and begins with a letter "
    "or digit, as a ULID does."
)


def flag(request: Request, name: str, body: Mapping[str, Any]) -> bool:
    """A parameter that is true or false, false when missing; raises BadRequestError."""
    value = _one(name, tuple(_flags(request, name, body)))
    if value not in (None, "true", "false"):
        raise BadRequestError("malformed-flag", f"{name} is {shown(value or '')}. Send true or false.")
    return value == "true"


def count(request: Request, name: str) -> int:
    """A parameter that says how many, 0 when missing; raises BadRequestError."""
    value = parameter(request, name)
    if value is None:
        return 0
    # int() alone takes spaces, signs, underscores and other scripts' digits.
    number = int(value) if value.isascii() and value.isdigit() and len(value) <= 9 else -1
    if not 0 <= number <= contract.FILL_LIMIT:
        raise BadRequestError(
            "malformed-count",
            f"{name} is {shown(value)}. Send a whole number from 0 to {contract.FILL_LIMIT}; "
            "call again for more.",
        )
    return number


def json_object(request: Request) -> Mapping[str, Any]:
    """The body as a JSON object, empty when there is none; raises BadRequestError."""
    if not request.body.strip():
        return {}
    if len(request.body) > contract.MAX_BODY_BYTES:
        raise BadRequestError(
            "body-too-large",
            f"The body has {len(request.body)} characters. An order takes {contract.MAX_BODY_BYTES} at most.",
        )
    try:
        document = json.loads(request.body)
    except (ValueError, RecursionError):
        raise BadRequestError(
            "malformed-body", "The body is not JSON. Send a JSON object, or the parameters in the query."
        ) from None
    if not isinstance(document, dict):
        raise BadRequestError(
            "malformed-body",
            f"The body is {_json_type(document)}. Send a JSON object, or the parameters in the query.",
        )
    return document


def shown(value: str) -> str:
    """A value for a message: quoted, and cut when it is long."""
    if value == "":
        return "empty"
    if len(value) > _SHOWN:
        return f'"{value[:_SHOWN]}..." ({len(value)} characters)'
    return f'"{value}"'


def _query(fields: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    multiple = fields.get("multiValueQueryStringParameters") or {}
    single = fields.get("queryStringParameters") or {}
    query: dict[str, tuple[str, ...]] = {
        str(name): (str(value),) for name, value in single.items() if value is not None
    }
    query.update(
        {str(name): tuple(str(value) for value in values) for name, values in multiple.items() if values}
    )
    return query


def _body(fields: Mapping[str, Any]) -> str:
    body = fields.get("body")
    if not isinstance(body, str):
        return ""
    if not fields.get("isBase64Encoded"):
        return body
    try:
        return base64.b64decode(body, validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        raise BadRequestError(
            "malformed-body", "The body is not text in UTF-8. Send a JSON object."
        ) from None


def _one(name: str, values: tuple[str, ...]) -> str | None:
    distinct = dict.fromkeys(values)
    if len(distinct) > 1:
        raise BadRequestError(
            "contradictory-parameter",
            f"{name} comes with different values: {', '.join(shown(value) for value in list(distinct)[:3])}. "
            "Send one.",
        )
    return next(iter(distinct), None)


def _ids(request: Request, name: str, body: Mapping[str, Any]) -> Iterator[str]:
    yield from request.query.get(name, ())
    if name in body:
        value = body[name]
        if not isinstance(value, str):
            raise BadRequestError(
                "malformed-id", f"{name} in the body is {_json_type(value)}, which is not an id. Send a text."
            )
        yield value


def _flags(request: Request, name: str, body: Mapping[str, Any]) -> Iterator[str]:
    yield from request.query.get(name, ())
    if name in body:
        value = body[name]
        if not isinstance(value, bool):
            raise BadRequestError(
                "malformed-flag", f"{name} in the body is {_json_type(value)}. Send true or false."
            )
        yield "true" if value else "false"


def _json_type(value: object) -> str:
    if value is None:
        return "null"
    names: dict[type, str] = {
        bool: "true or false",
        str: "a text",
        int: "a number",
        float: "a number",
        list: "a list",
        dict: "an object",
    }
    return names[type(value)]


def _or_body(body: Mapping[str, Any] | None) -> str:
    return "" if body is None else " or in a JSON body"
