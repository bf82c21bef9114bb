"""Read an OpenAPI 3.0 document with API Gateway's extensions, as ImportRestApi and PutRestApi take it.

What API Gateway refuses is refused, with all errors found (API Gateway Developer Guide, "Errors and warnings
from importing your API"); what it takes and the twin has not is `NotInTheTwinError`.
"""

import json
import re
import zlib
from collections.abc import Callable
from typing import Any

import yaml

from twin.aws.apigateway.definition import ApiDefinition, Json
from twin.aws.apigateway.errors import BadRequestError, NotInTheTwinError
from twin.aws.apigateway.integration_reader import read_integration

_METHODS = ("get", "put", "post", "delete", "options", "head", "patch")
_ANY = "x-amazon-apigateway-any-method"
_MODEL_NAME = re.compile(r"^[A-Za-z0-9]+$")
_MODEL_REF = "#/components/schemas/"
_LOCATIONS = {"query": "querystring", "header": "header", "path": "path"}
# 6 MB, PutRestApi's API reference.
_MAX_DOCUMENT = 6 * 1024 * 1024
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def parse(body: bytes) -> Json:
    """The document in a request's body, JSON or YAML. Raises BadRequestError or NotInTheTwinError."""
    if len(body) > _MAX_DOCUMENT:
        raise BadRequestError("Request entity too large: the API definition must be at most 6 MB")
    try:
        text = body.decode("utf-8")
        document = json.loads(text) if text.lstrip().startswith("{") else yaml.load(text, _Loader)  # noqa: S506
    except (ValueError, yaml.YAMLError) as error:
        reason = str(error).splitlines()[0]
        raise BadRequestError(f"Invalid OpenAPI input: cannot be read as JSON or YAML: {reason}") from error
    if not isinstance(document, dict):
        raise BadRequestError("Invalid OpenAPI input: the document is not an object")
    if str(document.get("swagger", "")) == "2.0":
        raise NotInTheTwinError("import of Swagger 2.0 documents; write the API as OpenAPI 3.0")
    version = str(document.get("openapi", ""))
    if not version.startswith("3.0"):
        raise BadRequestError(f"Unsupported OpenAPI version: {version or 'none given'}; write openapi: 3.0.1")
    return document


def read(document: Json) -> ApiDefinition:
    """The API that a document defines. Raises BadRequestError naming every error, or NotInTheTwinError."""
    reader = _Reader(document)
    definition = reader.read()
    if reader.errors:
        raise BadRequestError("\n\t".join(["Errors found during import:", *reader.errors]))
    return definition


class _Reader:
    def __init__(self, document: Json) -> None:
        self._document = document
        self.errors: list[str] = []
        info = _object(document.get("info"))
        if not info.get("title"):
            self.errors.append("Unable to read the API: info.title is missing")
        self._result = ApiDefinition(
            name=str(info.get("title", "")),
            description=info.get("description"),
            version=str(info["version"]) if "version" in info else None,
        )

    def read(self) -> ApiDefinition:
        self._read_models()
        self._read_validators()
        self._read_gateway_responses()
        self._read_settings()
        paths = self._document.get("paths")
        if not isinstance(paths, dict):
            self.errors.append("Unable to read the API: paths is missing")
            return self._result
        for path, item in paths.items():
            self._read_path(str(path), _object(item))
        return self._result

    def _read_models(self) -> None:
        schemas = _object(_object(self._document.get("components")).get("schemas"))
        for name, schema in schemas.items():
            if not _MODEL_NAME.match(name):
                self.errors.append(
                    f"Unable to create model '{name}': Model name must be alphanumeric: {name}"
                )
                continue
            missing = [ref for ref in _references(schema) if ref.removeprefix(_MODEL_REF) not in schemas]
            for ref in missing:
                self._result.warnings.append(f"Invalid model reference in '{name}': {ref}")
            self._result.models[name] = _object(schema)

    def _read_validators(self) -> None:
        for name, validator in self._extension("request-validators").items():
            self._result.validators[name] = {
                "validateRequestBody": bool(validator.get("validateRequestBody")),
                "validateRequestParameters": bool(validator.get("validateRequestParameters")),
            }

    def _read_gateway_responses(self) -> None:
        for kind, response in self._extension("gateway-responses").items():
            read: Json = {
                "responseParameters": dict(response.get("responseParameters") or {}),
                "responseTemplates": dict(response.get("responseTemplates") or {}),
            }
            if response.get("statusCode") is not None:
                read["statusCode"] = str(response["statusCode"])
            self._result.gateway_responses[kind] = read

    def _read_settings(self) -> None:
        settings, document = self._result.settings, self._document
        settings["binaryMediaTypes"] = list(document.get("x-amazon-apigateway-binary-media-types") or [])
        settings["policy"] = document.get("x-amazon-apigateway-policy")
        settings["apiKeySource"] = document.get("x-amazon-apigateway-api-key-source", "HEADER")
        settings["minimumCompressionSize"] = document.get("x-amazon-apigateway-minimum-compression-size")
        endpoint = self._extension("endpoint-configuration")
        if "disableExecuteApiEndpoint" in endpoint:
            settings["disableExecuteApiEndpoint"] = bool(endpoint["disableExecuteApiEndpoint"])

    def _extension(self, name: str) -> Json:
        return _object(self._document.get(f"x-amazon-apigateway-{name}"))

    def _read_path(self, path: str, item: Json) -> None:
        if not path.startswith("/"):
            self.errors.append(f"Unable to create resource at path '{path}': the path must start with /")
            return
        methods = self._result.methods.setdefault(path, {})
        for key in (*_METHODS, _ANY):
            if key in item:
                method = "ANY" if key == _ANY else key.upper()
                methods[method] = self._read_method(path, method, item, _object(item[key]))

    def _read_method(self, path: str, method: str, item: Json, operation: Json) -> Json:
        where = f"'{method}' for resource at path '{path}'"
        parameters = [*item.get("parameters", []), *operation.get("parameters", [])]
        read: Json = {
            "httpMethod": method,
            "apiKeyRequired": False,
            "operationName": operation.get("operationId", ""),
            "requestParameters": self._read_parameters(where, parameters),
            "requestModels": self._read_request_models(where, operation),
            "validator": self._read_validator_name(where, operation),
            "methodResponses": self._read_responses(where, operation),
            "methodIntegration": None,
            **self._read_security(where, operation),
        }
        integration = operation.get("x-amazon-apigateway-integration")
        if isinstance(integration, dict):
            found = read_integration(integration, read["methodResponses"])
            self.errors += [f"Unable to put integration on {where}: {problem}" for problem in found.problems]
            read["methodIntegration"] = found.integration
        return read

    def _read_parameters(self, where: str, parameters: list[Any]) -> dict[str, bool]:
        found: dict[str, bool] = {}
        for parameter in parameters:
            resolved = self._resolve(parameter, lambda ref: self._lost(where, ref))
            location = _LOCATIONS.get(str(resolved.get("in")))
            if location is None:
                self._result.warnings.append(f"Parameter ignored on {where}: {resolved.get('name')}")
                continue
            found[f"method.request.{location}.{resolved.get('name')}"] = bool(resolved.get("required"))
        return found

    def _read_request_models(self, where: str, operation: Json) -> dict[str, str]:
        body = self._resolve(operation.get("requestBody"), lambda ref: self._lost(where, ref))
        return self._models_of(where, _object(body.get("content")))

    def _models_of(self, where: str, content: Json) -> dict[str, str]:
        models = {}
        for media_type, described in content.items():
            schema = _object(_object(described).get("schema"))
            reference = str(schema.get("$ref", ""))
            if reference:
                name = reference.removeprefix(_MODEL_REF)
                if name not in self._result.models:
                    self._result.warnings.append(f"Invalid model reference on {where}: {reference}")
                    continue
                models[media_type] = name
            elif schema:
                # API Gateway makes a model of its own for a schema written in place.
                name = f"MODEL{zlib.crc32(json.dumps(schema, sort_keys=True).encode()):08x}"
                self._result.models[name] = schema
                models[media_type] = name
        return models

    def _read_validator_name(self, where: str, operation: Json) -> str | None:
        key = "x-amazon-apigateway-request-validator"
        name = operation.get(key, self._document.get(key))
        if name is not None and name not in self._result.validators:
            self.errors.append(f"Unable to put method {where}: Invalid Request Validator specified: {name}")
            return None
        return None if name is None else str(name)

    def _read_responses(self, where: str, operation: Json) -> dict[str, Json]:
        responses: dict[str, Json] = {}
        for status, described in _object(operation.get("responses")).items():
            if not re.fullmatch(r"[1-5]\d\d", str(status)):
                continue  # API Gateway has no method response for "default"
            response = self._resolve(described, lambda ref: self._lost(where, ref))
            headers = _object(response.get("headers"))
            responses[str(status)] = {
                "statusCode": str(status),
                "responseParameters": {f"method.response.header.{name}": False for name in headers},
                "responseModels": self._models_of(where, _object(response.get("content"))),
            }
        return responses

    def _read_security(self, where: str, operation: Json) -> Json:
        requirements = operation.get("security", self._document.get("security")) or []
        schemes = _object(_object(self._document.get("components")).get("securitySchemes"))
        read: Json = {"authorizationType": "NONE"}
        for name in [name for requirement in requirements for name in _object(requirement)]:
            scheme = _object(schemes.get(name))
            if not scheme:
                # Going on without it would leave the method open.
                self.errors.append(f"Unable to put method {where}: no such security scheme: {name}")
            elif "x-amazon-apigateway-authorizer" in scheme:
                raise NotInTheTwinError(f"authorizers (security scheme {name}); AWS_IAM is")
            elif str(scheme.get("x-amazon-apigateway-authtype", "")).lower() == "awssigv4":
                read["authorizationType"] = "AWS_IAM"
            elif scheme.get("type") == "apiKey" and str(scheme.get("name", "")).lower() == "x-api-key":
                raise NotInTheTwinError(f"API keys and usage plans (security scheme {name})")
        return read

    def _resolve(self, value: Any, lost: Callable[[str], None]) -> Json:
        reference = _object(value).get("$ref")
        if reference is None:
            return _object(value)
        target: Any = self._document
        for part in str(reference).removeprefix("#/").split("/"):
            target = _object(target).get(part)
        if not isinstance(target, dict):
            lost(str(reference))
        return _object(target)

    def _lost(self, where: str, reference: str) -> None:
        self.errors.append(f"Unable to put method {where}: no such reference: {reference}")


def _object(value: Any) -> Json:
    return value if isinstance(value, dict) else {}


def _references(schema: Any) -> list[str]:
    if isinstance(schema, dict):
        own = [schema["$ref"]] if isinstance(schema.get("$ref"), str) else []
        return own + [ref for value in schema.values() for ref in _references(value)]
    if isinstance(schema, list):
        return [ref for value in schema for ref in _references(value)]
    return []
