"""The wire form of a service that the twin implements, driven by botocore's model of it.

Handles what such models use: the protocols `rest-json` and `json`, input in the path, the query string,
headers and a JSON body, output in a JSON body. A model that needs more is refused when it is loaded,
not while serving.
"""

import base64
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, unquote

import botocore.session
from botocore.model import ListShape, MapShape, OperationModel, Shape, StringShape, StructureShape

from twin.aws.own.errors import ServiceError
from twin.front.request import Request

Json = dict[str, Any]

# Status of an error whose model gives none: AWS's JSON protocols answer 400 for a client's mistake.
CLIENT_ERROR = 400
SERVER_ERROR = 500


@dataclass(frozen=True, kw_only=True)
class HttpResponse:
    """A response to send."""

    status: int
    headers: dict[str, str]
    body: bytes


class Wire:
    """Requests to parameters and results to responses, for one service."""

    def __init__(self, botocore_service: str) -> None:
        self.model = botocore.session.Session().get_service_model(botocore_service)
        if self.model.protocol not in ("rest-json", "json"):
            raise ValueError(f"{botocore_service} uses the protocol {self.model.protocol}")
        self.rest = self.model.protocol == "rest-json"
        for name in self.model.operation_names:
            _refuse_output_outside_body(self.model.operation_model(name))

    def operation(self, name: str) -> OperationModel:
        """An operation of the model."""
        return self.model.operation_model(name)

    def parameters(self, operation: OperationModel, request: Request) -> Json:
        """The operation's input, checked against the model; raises ServiceError ValidationException."""
        shape = operation.input_shape
        if shape is None:
            return {}
        located = {
            name: value
            for name, member in shape.members.items()
            if (value := _located(name, member, operation, request)) is not None
        }
        values = {**_body(shape, request.body), **located}
        problems = list(_violations(shape, values, ""))
        if problems:
            raise ServiceError("ValidationException", "; ".join(problems))
        return values

    def success(self, operation: OperationModel, result: Mapping[str, Any]) -> HttpResponse:
        """The answer to a call that worked."""
        shape = operation.output_shape
        body = _serialise(shape, result) if shape else {}
        return self._response(operation.http.get("responseCode", 200), body)

    def failure(self, error: ServiceError) -> HttpResponse:
        """The answer to a call that was refused."""
        shape = self._error_shape(error.code)
        body: Json = {"message": error.message}
        status = error.status or CLIENT_ERROR
        if shape is not None:
            known = {k: v for k, v in error.members.items() if k in shape.members}
            body |= _serialise(shape, known)
            status = error.status or _status(shape)
        if not self.rest:
            body["__type"] = error.code
        return self._response(status, body, {"x-amzn-errortype": error.code})

    def _error_shape(self, code: str) -> StructureShape | None:
        if code not in self.model.shape_names:
            return None
        shape = self.model.shape_for(code)
        return shape if isinstance(shape, StructureShape) else None

    def _response(
        self, status: int, body: Mapping[str, Any], headers: Mapping[str, str] | None = None
    ) -> HttpResponse:
        version = self.model.metadata.get("jsonVersion", "1.1")
        kind = "application/json" if self.rest else f"application/x-amz-json-{version}"
        text = json.dumps(body, separators=(",", ":")).encode()
        return HttpResponse(status=status, headers={"content-type": kind, **(headers or {})}, body=text)


def _refuse_output_outside_body(operation: OperationModel) -> None:
    shape = operation.output_shape
    members = shape.members if shape is not None else {}
    located = [name for name, member in members.items() if member.serialization.get("location")]
    if located or (shape is not None and shape.serialization.get("payload")):
        raise ValueError(f"{operation.name} answers outside its JSON body: {located}")


def _status(shape: StructureShape) -> int:
    status = shape.metadata.get("error", {}).get("httpStatusCode")
    return int(status) if status else SERVER_ERROR if shape.metadata.get("fault") else CLIENT_ERROR


def _labels(operation: OperationModel, request: Request) -> dict[str, str]:
    """The values in the path; it is split before it is decoded: an ARN in it has its slashes as %2F."""
    pattern = operation.http["requestUri"].partition("?")[0].split("/")
    found = request.raw_path.split("/")
    return {
        name.strip("{}+"): unquote(value)
        for name, value in zip(pattern, found, strict=False)
        if name.startswith("{") and value
    }


def _located(name: str, member: Shape, operation: OperationModel, request: Request) -> Any:
    """A member that travels outside the body, None when it is absent or in the body."""
    location = member.serialization.get("location")
    key = member.serialization.get("name", name)
    if location == "uri":
        return _labels(operation, request).get(key)
    if location == "querystring":
        values = parse_qs(request.query_string, keep_blank_values=True).get(key)
        if not values:
            return None
        return values if isinstance(member, ListShape) else _scalar(member, values[0])
    if location == "header":
        value = request.headers.get(key.lower())
        return None if value is None else _scalar(member, value)
    return None


def _scalar(shape: Shape, text: str) -> Any:
    if shape.type_name in ("integer", "long"):
        return int(text) if re.fullmatch(r"-?\d+", text) else text
    if shape.type_name == "boolean":
        return {"true": True, "false": False}.get(text.lower(), text)
    return text


def _body(shape: StructureShape, body: bytes) -> Json:
    """The members in the body, by their names in the model."""
    if not body:
        return {}
    try:
        document = json.loads(body)
    except ValueError:
        raise ServiceError("ValidationException", "The request body is not JSON.") from None
    if not isinstance(document, dict):
        raise ServiceError("ValidationException", "The request body is not a JSON object.")
    payload = shape.serialization.get("payload")
    if payload:
        return {payload: _parse(shape.members[payload], document)}
    parsed: Json = _parse(shape, document)
    return parsed


def _parse(shape: Shape, value: Any) -> Any:
    if isinstance(shape, StructureShape) and isinstance(value, dict):
        return {
            name: _parse(member, value[key])
            for name, member in shape.members.items()
            if (key := member.serialization.get("name", name)) in value and value[key] is not None
        }
    if isinstance(shape, ListShape) and isinstance(value, list):
        return [_parse(shape.member, item) for item in value]
    if isinstance(shape, MapShape) and isinstance(value, dict):
        return {key: _parse(shape.value, item) for key, item in value.items()}
    if shape.type_name == "blob" and isinstance(value, str):
        return _decoded(value)
    return value


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        raise ServiceError("ValidationException", "A blob is not base64.") from None


_PYTHON_TYPES: Mapping[str, tuple[type, ...]] = {
    "structure": (dict,),
    "map": (dict,),
    "list": (list,),
    "string": (str,),
    "integer": (int,),
    "long": (int,),
    "boolean": (bool,),
    "double": (int, float),
    "float": (int, float),
    "blob": (bytes,),
}


def _violations(shape: Shape, value: Any, path: str) -> Iterable[str]:
    """What the model forbids about a value, one sentence each."""
    expected = _PYTHON_TYPES.get(shape.type_name)
    wrong_bool = isinstance(value, bool) and shape.type_name != "boolean"
    if expected and (not isinstance(value, expected) or wrong_bool):
        yield f"{path or 'the request'} is not of type {shape.type_name}"
        return
    if isinstance(shape, StructureShape):
        yield from _structure_violations(shape, value, path)
    elif isinstance(shape, ListShape):
        yield from _range_violations(shape, len(value), path, "length")
        for index, item in enumerate(value):
            yield from _violations(shape.member, item, f"{path}[{index}]")
    elif isinstance(shape, MapShape):
        for key, item in value.items():
            yield from _violations(shape.key, key, f"a key of {path}")
            yield from _violations(shape.value, item, f"{path}.{key}")
    elif isinstance(shape, StringShape):
        yield from _string_violations(shape, value, path)
    elif isinstance(value, int | float):
        yield from _range_violations(shape, value, path, "value")


def _structure_violations(shape: StructureShape, value: Json, path: str) -> Iterable[str]:
    prefix = f"{path}." if path else ""
    for name in shape.required_members:
        if name not in value:
            yield f"{prefix}{name} is missing"
    for name, item in value.items():
        yield from _violations(shape.members[name], item, prefix + name)


def _string_violations(shape: StringShape, value: str, path: str) -> Iterable[str]:
    if shape.enum and value not in shape.enum:
        yield f"{path} is not one of {', '.join(shape.enum)}"
    yield from _range_violations(shape, len(value), path, "length")
    pattern = shape.metadata.get("pattern")
    if pattern and not re.search(pattern, value):
        yield f"{path} does not match {pattern}"


def _range_violations(shape: Shape, size: float, path: str, what: str) -> Iterable[str]:
    smallest, largest = shape.metadata.get("min"), shape.metadata.get("max")
    if smallest is not None and size < smallest:
        yield f"the {what} of {path} is below {smallest}"
    if largest is not None and size > largest:
        yield f"the {what} of {path} is above {largest}"


def _serialise(shape: Shape, value: Any) -> Any:
    if isinstance(shape, StructureShape):
        unknown = set(value) - set(shape.members)
        if unknown:
            raise TypeError(f"{shape.name} has no member {', '.join(sorted(unknown))}")
        return {
            member.serialization.get("name", name): _serialise(member, value[name])
            for name, member in shape.members.items()
            if value.get(name) is not None
        }
    if isinstance(shape, ListShape):
        return [_serialise(shape.member, item) for item in value]
    if isinstance(shape, MapShape):
        return {key: _serialise(shape.value, item) for key, item in value.items()}
    if shape.type_name == "blob":
        return base64.b64encode(value).decode()
    if shape.type_name == "timestamp":
        return _timestamp(shape, value)
    return value


def _timestamp(shape: Shape, value: datetime) -> str | float:
    """JSON protocols write seconds since the epoch unless the shape says ISO 8601."""
    if shape.serialization.get("timestampFormat") == "iso8601":
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return value.timestamp()
