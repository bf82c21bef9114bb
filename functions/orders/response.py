"""What is answered: API Gateway's proxy response, with the region and CORS headers on each."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from . import contract
from .errors import RefusalError

_HEADERS: Mapping[str, str] = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": f"Retry-After,{contract.REGION_HEADER}",
    # An answer that a cache gives would name a region that did not serve the request.
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
}


@dataclass(frozen=True, kw_only=True)
class Response:
    """A status, a JSON body, and headers beside those that every answer has."""

    status: int
    body: Mapping[str, Any]
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)

    def to_proxy(self, region: str) -> dict[str, Any]:
        """The response in the form that API Gateway's Lambda proxy integration takes."""
        return {
            "statusCode": self.status,
            "headers": {
                **_HEADERS,
                contract.REGION_HEADER: region,
                "Content-Type": self.content_type,
                **self.headers,
            },
            "body": json.dumps(self.body, separators=(",", ":")),
            "isBase64Encoded": False,
        }


def refusal(error: RefusalError, request_id: str | None) -> Response:
    """The problem body of an expected error."""
    headers = {} if error.retry_after is None else {"Retry-After": str(error.retry_after)}
    return problem(error.status, code=error.code, detail=error.detail, request_id=request_id, headers=headers)


def unexpected(request_id: str | None) -> Response:
    """The problem body of an error that nobody foresaw: says nothing of its cause."""
    return problem(
        500,
        code="unexpected",
        detail="The service failed. The same request is safe to send again; if that fails, report requestId.",
        request_id=request_id,
    )


def problem(
    status: int,
    *,
    code: str,
    detail: str,
    request_id: str | None,
    headers: Mapping[str, str] | None = None,
    members: Mapping[str, Any] | None = None,
) -> Response:
    """Problem details (RFC 9457): ``about:blank`` titled with the status's phrase, ``code`` for programs."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
    }
    if request_id is not None:
        body["requestId"] = request_id
    return Response(
        status=status,
        body={**body, **(members or {})},
        content_type=contract.PROBLEM_CONTENT_TYPE,
        headers=headers or {},
    )
