"""One call of a deployed API, and the `$context` variables that it has."""

import base64
import json
import secrets
import time
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from twin.aws.apigateway.definition import Json
from twin.aws.apigateway.routing import Route
from twin.aws.apigateway.snapshots import Snapshot
from twin.front.request import Request

# The types for which AWS puts a space in front of $context.error.messageString, as its answers show.
_SPACED = ("API_CONFIGURATION_ERROR", "BAD_REQUEST_BODY", "BAD_REQUEST_PARAMETERS", "DEFAULT_5XX")


def _extended_id() -> str:
    """As API Gateway's x-amz-apigw-id: 15 characters and a sign of base64 padding."""
    return base64.b64encode(secrets.token_bytes(11)).decode()


@dataclass(kw_only=True)
class ApiCall:
    """`path` is the path within the stage, `client_path` the one the client asked for. Filled in as the call
    goes on: the snapshot, the route, who called, and what the integration took (milliseconds)."""

    request: Request
    header_lines: list[tuple[str, str]]
    query: dict[str, list[str]]
    account: str
    region: str
    api_id: str
    stage_name: str
    path: str
    client_path: str
    domain_name: str
    source_ip: str
    tls: bool
    base_path: str = ""
    stage: Json = field(default_factory=dict)
    snapshot: Snapshot | None = None
    route: Route | None = None
    identity: Json = field(default_factory=dict)
    error_type: str = ""
    error_message: str = ""
    integration_status: str = ""
    integration_latency: int | None = None
    status: int = 0
    response_length: int = 0
    request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    extended_id: str = field(default_factory=_extended_id)
    trace_id: str = field(default_factory=lambda: f"Root=1-{int(time.time()):08x}-{uuid.uuid4().hex[:24]}")
    began: float = field(default_factory=time.perf_counter)
    at: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def method(self) -> str:
        return self.request.method

    @property
    def resource_path(self) -> str:
        return str(self.route.resource["path"]) if self.route else ""

    def header(self, name: str) -> str:
        return self.request.headers.get(name.lower(), "")

    @property
    def latency(self) -> int:
        """Milliseconds since the call arrived."""
        return int((time.perf_counter() - self.began) * 1000)

    def context(self, name: str) -> str | None:
        """The value of `$context.<name>`, None for one that is not known or has no value (Developer Guide,
        "Variables for access logging" and "for data transformations")."""
        group, _, rest = name.partition(".")
        if group == "identity":
            value = self.identity.get(rest)
        elif group == "error":
            value = self._error(rest)
        else:
            value = self._plain(name)
        return None if value is None or value == "" else str(value)

    def _error(self, name: str) -> str | None:
        if not self.error_type:
            return None
        quoted = json.dumps(self.error_message, ensure_ascii=False)
        if self.error_type in _SPACED:
            quoted = " " + quoted
        values = {"message": self.error_message, "messageString": quoted, "responseType": self.error_type}
        return values.get(name)

    def _plain(self, name: str) -> Any:
        route = self.route
        values: dict[str, Any] = {
            "accountId": self.account,
            "apiId": self.api_id,
            "stage": self.stage_name,
            "deploymentId": self.stage.get("deploymentId"),
            "domainName": self.domain_name,
            "domainPrefix": self.domain_name.partition(".")[0],
            "customDomain.basePathMatched": self.base_path,
            "requestId": self.request_id,
            "awsEndpointRequestId": self.request_id,
            "extendedRequestId": self.extended_id,
            "xrayTraceId": self.trace_id,
            "httpMethod": self.method,
            "path": self.client_path,
            "protocol": "HTTP/1.1",
            "requestTime": self.at.strftime("%d/%b/%Y:%H:%M:%S +0000"),
            "requestTimeEpoch": int(self.at.timestamp() * 1000),
            "resourceId": route.resource["id"] if route else None,
            "resourcePath": route.resource["path"] if route else None,
            "status": self.status or None,
            "responseLength": self.response_length if self.status else None,
            "responseLatency": self.latency if self.status else None,
            "integrationStatus": self.integration_status,
            "integration.status": self.integration_status,
            "integrationLatency": self.integration_latency,
            "integration.latency": self.integration_latency,
            "integration.integrationStatus": self.integration_status,
        }
        return values.get(name)
