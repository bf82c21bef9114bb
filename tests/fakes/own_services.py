"""boto3 clients that talk to own services of the twin without a socket."""

from typing import Any

import boto3
from botocore.awsrequest import AWSPreparedRequest, AWSResponse, HeadersDict
from botocore.config import Config

from twin.aws.dispatch import Dispatcher
from twin.aws.iam.authorisation import Caller, RefusedError
from twin.aws.own.contract import OwnService, Permission
from twin.front.identify import identify
from twin.front.protocol import ListenerInfo, Scope
from twin.front.request import Request
from twin.front.signature import claim_of

ACCOUNT_ID = "111122223333"


class _Body:
    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self, *args: Any, **kwargs: Any) -> Any:
        yield self._content


class InProcess:
    """Serves own services to boto3 clients; remembers the permissions that were asked for."""

    def __init__(self, *services: OwnService) -> None:
        self.asked: list[Permission] = []
        self.denied: set[str] = set()
        self._dispatcher = Dispatcher(list(services), authorise=self._authorise)

    def client(self, service: str, region: str = "us-west-2") -> Any:
        """A boto3 client whose requests never leave the process."""
        make: Any = boto3.client
        client = make(
            service,
            region_name=region,
            endpoint_url="http://127.0.0.1:1/v1" if service.endswith("cluster") else "http://127.0.0.1:1",
            aws_access_key_id="AKIAEXAMPLE",
            aws_secret_access_key="secret",
            config=Config(retries={"total_max_attempts": 1}),
        )

        def send(request: AWSPreparedRequest, **_: Any) -> AWSResponse:
            return self._serve(request, region)

        client.meta.events.register("before-send", send)
        return client

    def _authorise(
        self, scope: Scope, request: Request, region: str, permissions: list[Permission]
    ) -> Caller:
        self.asked.extend(permissions)
        for permission in permissions:
            if permission.action in self.denied:
                raise RefusedError("AccessDeniedException", "not authorized", 403)
        return Caller(account_id=ACCOUNT_ID, arn=f"arn:aws:iam::{ACCOUNT_ID}:user/tester")

    def _serve(self, prepared: AWSPreparedRequest, region: str) -> AWSResponse:
        request = _request(prepared)
        call = identify(request)
        assert call is not None
        request.service, request.operation = call.service, call.operation
        scope: Scope = {"twin": ListenerInfo(region=region, tls=False, kind="region")}
        response = self._dispatcher.respond(scope, request)
        headers = HeadersDict(response.headers)
        return AWSResponse(prepared.url, response.status, headers, _Body(response.body))  # type: ignore[arg-type]


def _request(prepared: AWSPreparedRequest) -> Request:
    given: dict[str, Any] = dict(prepared.headers.items())
    headers = {
        name.lower(): value.decode() if isinstance(value, bytes) else str(value)
        for name, value in given.items()
    }
    path, _, query = prepared.url.partition("://")[2].partition("/")[2].partition("?")
    body = prepared.body or b""
    return Request(
        method=prepared.method,
        path=f"/{path}",
        raw_path=f"/{path}",
        query_string=query,
        headers=headers,
        body=body if isinstance(body, bytes) else str(body).encode(),
        claim=claim_of(headers, query),
    )
