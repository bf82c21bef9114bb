"""Run the emulator's functions in the twin's workers: called by Lambda's API, and by API Gateway."""

import json
import re
import time
from collections import Counter
from collections.abc import Mapping
from typing import Any

import ministack.core.responses as responses
import ministack.services.lambda_svc as emulated

from twin.aws.cloudwatch import service_metrics
from twin.aws.hooks import HookedName, declare
from twin.aws.iam.permissions import policy_allows_service, role_allows
from twin.aws.iam.role_sessions import role_session
from twin.aws.lambda_runtime.errors import FunctionRefusedError, WorkerLostError
from twin.aws.lambda_runtime.function_spec import FunctionSpec, InvocationResult, LogSettings, Package
from twin.aws.lambda_runtime.log_stream import LogSink
from twin.aws.lambda_runtime.pool import PoolSettings, WorkerPool

_MODULE = "ministack.services.lambda_svc"
_API_GATEWAY = "apigateway.amazonaws.com"
_INVOKE = "lambda:InvokeFunction"
_URI_FUNCTION = re.compile(
    r"/functions/(?P<arn>arn:aws:lambda:(?P<region>[a-z0-9-]+):(?P<account>\d{12}):function:"
    r"(?P<name>[^:/]+)(:[^/]+)?)/invocations$"
)
declare(
    HookedName(module=_MODULE, attribute="_functions"),
    HookedName(module=_MODULE, attribute="_resolve_layer_zip", signature="(attachment)"),
    HookedName(module=_MODULE, attribute="_fetch_code_from_s3", signature="(bucket, key, version_id)"),
    HookedName(module=_MODULE, attribute="s3_code_region_message", signature="(bucket, layer)"),
    HookedName(
        module=_MODULE,
        attribute="_get_func_record_for_ref_in_scope",
        signature="(function_ref, *, account_id, region)",
    ),
    HookedName(module=_MODULE, attribute="_account_region_from_function_config", signature="(config)"),
    HookedName(module=_MODULE, attribute="_acquire_execution_slot", signature="(func, config)"),
    HookedName(module=_MODULE, attribute="_release_execution_slot", signature="(key)"),
)


class Functions:
    """Lambda's data plane in all regions."""

    def __init__(self, settings: PoolSettings, sink: LogSink) -> None:
        self.pool = WorkerPool(settings, self._credentials, sink)
        self._specs: dict[tuple[str, str, str], tuple[tuple[Any, ...], FunctionSpec]] = {}
        self._packages: dict[str, Package] = {}
        self._sessions: dict[tuple[str, str, str], Mapping[str, str]] = {}
        self._running: Counter[str] = Counter()

    def execute(self, func: dict[str, Any], event: Any, request_id: str) -> dict[str, Any]:
        """In the place of the emulator's executor, on a thread: its result has the emulator's form."""
        del request_id
        config = func.get("config") or func
        try:
            outcome = self.pool.invoke_from_thread(self._spec(func, config), json.dumps(event).encode())
        except WorkerLostError as error:
            outcome = InvocationResult(payload=json.dumps({"errorMessage": str(error)}).encode(), failed=True)
        result: dict[str, Any] = {"body": json.loads(outcome.payload or b"null"), "log": outcome.log_tail}
        if outcome.failed:
            result |= {"error": True, "function_error": "Unhandled"}
        return result

    async def invoke_for_api(
        self, uri: str, payload: bytes, source_arn: str, credentials: str | None
    ) -> InvocationResult:
        """Invoke for API Gateway, which needs a permission. Raises FunctionRefusedError, WorkerLostError."""
        found = _URI_FUNCTION.search(uri)
        if found is None:
            raise FunctionRefusedError(f"not the URI of a function: {uri}")
        account, region, arn = found["account"], found["region"], found["arn"]
        func, config, _ = emulated._get_func_record_for_ref_in_scope(arn, account_id=account, region=region)
        if func is None or config is None:
            raise FunctionRefusedError(f"no such function: {arn}")
        with responses.request_scope(account, region):
            self._check_permission(found, source_arn, credentials)
            slot, _ = emulated._acquire_execution_slot(func, config)
            if slot is None:
                service_metrics.record("AWS/Lambda", "Throttles", 1, "Count", {"FunctionName": found["name"]})
                raise FunctionRefusedError(f"{found['name']} is at its reserved concurrency")
            spec = self._spec(func, config)
        self._running[spec.arn] += 1
        at_once, began = self._running[spec.arn], time.perf_counter()
        try:
            outcome = await self.pool.invoke(spec, payload)
        finally:
            self._running[spec.arn] -= 1
            emulated._release_execution_slot(slot)
        _record(spec, outcome, (time.perf_counter() - began) * 1000, at_once)
        return outcome

    def _check_permission(self, found: re.Match[str], source_arn: str, credentials: str | None) -> None:
        account, region, arn = found["account"], found["region"], found["arn"]
        if credentials:
            allowed = role_allows(credentials, account, region, _INVOKE, arn)
        else:
            policy = emulated._functions[found["name"]]["policy"]
            allowed = policy_allows_service(policy, _API_GATEWAY, account, region, _INVOKE, arn, source_arn)
        if not allowed:
            raise FunctionRefusedError(f"API Gateway has no permission to invoke {arn} for {source_arn}")

    def _spec(self, func: Mapping[str, Any], config: Mapping[str, Any]) -> FunctionSpec:
        """A version's spec, made again only when its revision changes."""
        account, region = emulated._account_region_from_function_config(config)
        key = (region, str(config["FunctionName"]), str(config.get("Version", "$LATEST")))
        state = (account, config.get("RevisionId"), config.get("LastModified"), config.get("FunctionArn"))
        known = self._specs.get(key)
        if known is not None and known[0] == state:
            return known[1]
        with responses.request_scope(account, region):
            spec = self._new_spec(func, config, account, region)
        self._specs[key] = (state, spec)
        return spec

    def _new_spec(
        self, func: Mapping[str, Any], config: Mapping[str, Any], account: str, region: str
    ) -> FunctionSpec:
        logging = config.get("LoggingConfig") or {}
        name = str(config["FunctionName"])
        layers = [emulated._resolve_layer_zip(layer) for layer in config.get("Layers") or []]
        return FunctionSpec(
            account=account,
            region=region,
            name=name,
            version=str(config.get("Version", "$LATEST")),
            arn=str(config["FunctionArn"]),
            runtime=str(config.get("Runtime", "")),
            handler=str(config.get("Handler", "")),
            role=str(config["Role"]),
            timeout=float(config.get("Timeout", 3)),
            memory=int(config.get("MemorySize", 128)),
            code=self._package(func.get("code_zip") or b""),
            layers=tuple(self._package(layer) for layer in layers if layer),
            environment=dict((config.get("Environment") or {}).get("Variables") or {}),
            logs=LogSettings(
                group=str(logging.get("LogGroup") or f"/aws/lambda/{name}"),
                format=str(logging.get("LogFormat") or "Text"),
                application_level=str(logging.get("ApplicationLogLevel") or ""),
                system_level=str(logging.get("SystemLogLevel") or ""),
            ),
        )

    def _package(self, content: bytes) -> Package:
        package = Package.of(content)
        return self._packages.setdefault(package.digest, package)

    def _credentials(self, spec: FunctionSpec) -> Mapping[str, str]:
        """A session of the function's role, named like the function, as Lambda's are."""
        key = (spec.region, spec.name, spec.role)
        if key not in self._sessions:
            self._sessions[key] = role_session(spec.account, spec.role, spec.name)
        return self._sessions[key]


def _record(spec: FunctionSpec, outcome: InvocationResult, duration_ms: float, at_once: int) -> None:
    """Lambda's own metrics of one invocation."""
    dimensions = {"FunctionName": spec.name}
    with responses.request_scope(spec.account, spec.region):
        service_metrics.record("AWS/Lambda", "Invocations", 1, "Count", dimensions)
        service_metrics.record("AWS/Lambda", "Errors", float(outcome.failed), "Count", dimensions)
        service_metrics.record("AWS/Lambda", "Throttles", 0.0, "Count", dimensions)
        service_metrics.record("AWS/Lambda", "Duration", duration_ms, "Milliseconds", dimensions)
        service_metrics.record("AWS/Lambda", "ConcurrentExecutions", at_once, "Count", dimensions)
