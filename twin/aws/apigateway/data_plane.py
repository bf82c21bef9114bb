"""Calls of deployed APIs, from the request to the answer, in the order API Gateway checks them."""

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol
from urllib.parse import parse_qs

from twin.aws.apigateway import (
    access_log,
    authorization,
    gateway_responses,
    mock_integration,
    proxy_integration,
    store,
    validation,
)
from twin.aws.apigateway.addresses import StageAddress, target_of
from twin.aws.apigateway.answers import ApiAnswer, GatewayError
from twin.aws.apigateway.call import ApiCall
from twin.aws.apigateway.definition import Json
from twin.aws.apigateway.snapshots import Snapshots
from twin.aws.apigateway.throttling import Throttle
from twin.aws.lambda_runtime.errors import FunctionRefusedError, WorkerLostError
from twin.aws.lambda_runtime.function_spec import InvocationResult
from twin.front.protocol import ASGIApp, ConnectionCutError, Receive, Scope, Send
from twin.front.request import listener_of, request_of

_log = logging.getLogger(__name__)


class Functions(Protocol):
    """Lambda, as API Gateway calls it."""

    async def invoke_for_api(
        self, uri: str, payload: bytes, source_arn: str, credentials: str | None
    ) -> InvocationResult:
        """Run the function of an integration's URI. Raises FunctionRefusedError or WorkerLostError."""


class Observer(Protocol):
    """Gets every finished call: access logs and metrics."""

    def __call__(self, call: ApiCall, log: tuple[str, str] | None) -> None: ...


class DataPlane:
    """Serves what the snapshots of the stages' deployments hold."""

    def __init__(
        self,
        snapshots: Snapshots,
        functions: Functions,
        observe: Observer,
        *,
        account: str,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._snapshots = snapshots
        self._functions = functions
        self._observe = observe
        self._account = account
        self._throttle = Throttle(clock)

    def layer(self, app: ASGIApp) -> ASGIApp:
        """Answer calls of deployed APIs, pass on everything else."""

        async def layer(scope: Scope, receive: Receive, send: Send) -> None:
            if request_of(scope).service != "execute-api":
                await app(scope, receive, send)
                return
            region = listener_of(scope).region or ""
            with store.request_scope(self._account, region):
                answer = await self._answer(scope, region)
            await _send(send, answer)

        return layer

    async def _answer(self, scope: Scope, region: str) -> ApiAnswer:
        target = target_of(scope)
        call = _call(scope, target, self._account, region)
        stage = store.stages(target.api_id).get(target.stage) if target.api_id else None
        if stage is None:
            return gateway_responses.forbidden((call.request_id, call.extended_id))
        call.stage = stage
        call.snapshot = self._snapshots.get(region, target.api_id, stage["deploymentId"])
        if call.snapshot is None or (target.default_endpoint and _is_disabled(call.snapshot.api)):
            return gateway_responses.forbidden((call.request_id, call.extended_id))
        try:
            answer = await self._serve(call, scope)
        except GatewayError as error:
            answer = gateway_responses.render(error, call)
        answer.set("x-amzn-RequestId", call.request_id)
        answer.set("x-amz-apigw-id", call.extended_id)
        call.status, call.response_length = answer.status, len(answer.body)
        self._observe(call, access_log.line(call))
        return answer

    async def _serve(self, call: ApiCall, scope: Scope) -> ApiAnswer:
        validation.check_size(call)
        call.route = call.snapshot.router.match(call.method, call.path) if call.snapshot else None
        if call.route is None:
            raise GatewayError("MISSING_AUTHENTICATION_TOKEN", "Missing Authentication Token")
        authorization.authorise(call, scope)
        self._throttle.check(call)
        validation.validate(call)
        integration: Json = call.route.method["methodIntegration"]
        if integration["type"] == "MOCK":
            return mock_integration.invoke(call, integration)
        return await self._invoke_function(call, integration)

    async def _invoke_function(self, call: ApiCall, integration: Json) -> ApiAnswer:
        source_arn = authorization.method_arn(call, call.resource_path)
        running = self._functions.invoke_for_api(
            integration["uri"], proxy_integration.event(call), source_arn, integration.get("credentials")
        )
        began = time.perf_counter()
        try:
            outcome = await asyncio.wait_for(running, integration["timeoutInMillis"] / 1000)
        except TimeoutError as error:
            raise GatewayError("INTEGRATION_TIMEOUT", "Endpoint request timed out") from error
        except FunctionRefusedError as error:
            _log.warning("API %s cannot call its function: %s", call.api_id, error)
            raise GatewayError("API_CONFIGURATION_ERROR", "Internal server error") from error
        except WorkerLostError as error:
            raise ConnectionCutError from error
        finally:
            call.integration_latency = int((time.perf_counter() - began) * 1000)
        call.integration_status = "200"
        if outcome.failed:
            raise proxy_integration.malformed()
        answer = proxy_integration.answer(call, outcome.payload)
        answer.set("X-Amzn-Trace-Id", call.trace_id)
        return answer


def _is_disabled(api: Json) -> bool:
    return api.get("disableExecuteApiEndpoint") in (True, "true", "True")


def _call(scope: Scope, target: StageAddress, account: str, region: str) -> ApiCall:
    request = request_of(scope)
    client = scope.get("client") or ("127.0.0.1", 0)
    return ApiCall(
        request=request,
        header_lines=_header_lines(scope),
        query=parse_qs(request.query_string, keep_blank_values=True),
        account=account,
        region=region,
        api_id=target.api_id,
        stage_name=target.stage,
        path=target.path,
        client_path=request.path,
        domain_name=target.domain_name,
        base_path=target.base_path,
        source_ip=str(client[0]),
        tls=listener_of(scope).tls,
    )


def _header_lines(scope: Scope) -> list[tuple[str, str]]:
    """Headers with their names as the client wrote them, where the listener kept those."""
    lines = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]]
    written = scope.get("twin.header_names") or []
    if len(written) != len(lines):
        return lines
    return [(name.decode("latin-1"), value) for name, (_, value) in zip(written, lines, strict=True)]


async def _send(send: Send, answer: ApiAnswer) -> None:
    headers = [
        (name.encode("latin-1", "replace"), value.encode("utf-8"))
        for name, values in answer.headers.items()
        for value in values
    ]
    headers.append((b"content-length", str(len(answer.body)).encode()))
    with suppress(OSError):
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": answer.body})
