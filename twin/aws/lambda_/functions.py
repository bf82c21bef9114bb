"""Lambda: the emulator keeps functions, versions, layers and policies; the twin's own workers run them."""

import asyncio
from collections.abc import Mapping
from typing import Any
from weakref import WeakKeyDictionary

import ministack.services.lambda_svc as emulated
from ministack.core.responses import get_region

from twin.aws.hooks import HookedName, replace
from twin.aws.iam.permissions import role_trusts
from twin.aws.lambda_.function_runs import Functions
from twin.aws.lambda_runtime.pool import PoolSettings, WorkerPool
from twin.aws.logs import delivery
from twin.core import Core
from twin.environment import CLIENT_HOOK, resolver_environment, trust_environment

_MODULE = "ministack.services.lambda_svc"
# How long a new or changed function stays Pending, in seconds; some seconds on AWS.
_STATE_CHANGE_SECONDS = 0.05
_SERVICE = "lambda.amazonaws.com"
_MAX_TIMEOUT_SECONDS = 900  # Lambda quotas, "Function timeout"
_functions: WeakKeyDictionary[Core, Functions] = WeakKeyDictionary()


def functions_of(core: Core) -> Functions:
    """The functions of a twin, made at the first call."""
    found = _functions.get(core)
    if found is None:
        found = _functions[core] = Functions(_pool_settings(core), delivery.write_function_events)
    return found


def _pool_settings(core: Core) -> PoolSettings:
    def region_environment(region: str) -> Mapping[str, str]:
        return {
            "AWS_ENDPOINT_URL": f"http://{core.ports.region_http(region)}",
            **trust_environment(core.home),
            **resolver_environment(core.settings, core.ports, near=region),
        }

    return PoolSettings(
        home=core.home.state / "lambda",
        region_environment=region_environment,
        client_hook=CLIENT_HOOK,
    )


def install(core: Core) -> None:
    """Run functions in the twin's workers, and end those of a region that dies."""
    functions = functions_of(core)
    _hook(functions)

    async def bind() -> None:
        functions.pool.bind(asyncio.get_running_loop())

    async def end_region(region: str) -> None:
        functions.pool.kill_region(region)

    async def end_all() -> None:
        functions.pool.kill_all()

    core.at_start.append(bind)
    core.at_stop.append(end_all)
    core.outages.on_region_down(end_region)
    core.status_section("lambdaWorkers", functions.pool.counts)


def _hook(functions: Functions) -> None:
    replace(
        HookedName(module=_MODULE, attribute="_execute_function_warm", signature="(func, event, request_id)"),
        lambda _: functions.execute,
    )
    replace(
        HookedName(
            module=_MODULE,
            attribute="_emit_lambda_logs",
            signature="(func, request_id, log_text, error, duration_ms, *, log_source)",
        ),
        lambda _: _logged_by_the_worker,
    )
    replace(
        HookedName(
            module=_MODULE, attribute="invalidate_worker", signature="(func_name, qualifier, account, region)"
        ),
        lambda _: _retire_with(functions.pool),
    )
    replace(
        HookedName(module=_MODULE, attribute="_LAMBDA_STATE_TRANSITION_DELAY"),
        lambda _: _STATE_CHANGE_SECONDS,
    )
    replace(HookedName(module=_MODULE, attribute="_create_function", signature="(data)"), _checked_function)
    replace(
        HookedName(module=_MODULE, attribute="_publish_layer_version", signature="(layer_name, data)"),
        _checked_layer,
    )
    replace(
        HookedName(module=_MODULE, attribute="_delete_layer_version", signature="(layer_name, version)"),
        _deleting_by_name_or_arn,
    )
    replace(HookedName(module=_MODULE, attribute="_update_config", signature="(name, data)"), _checked_update)


def _deleting_by_name_or_arn(original: Any) -> Any:
    """Lambda takes a layer's ARN for its name; the emulator would delete nothing then, and say it had."""

    def delete_layer_version(layer_name: str, version: int) -> Any:
        return original(layer_name.rpartition(":")[2], version)

    return delete_layer_version


def _logged_by_the_worker(*_: Any, **__: Any) -> None:
    """The worker's log stream has everything already."""


def _retire_with(pool: WorkerPool) -> Any:
    def invalidate_worker(
        func_name: str, qualifier: str | None = None, account: str | None = None, region: str | None = None
    ) -> None:
        del account
        pool.retire_from_thread(region or get_region(), func_name, qualifier)

    return invalidate_worker


def _checked_function(original: Any) -> Any:
    def create_function(data: dict[str, Any]) -> Any:
        refused = (
            _unmodelled("CreateFunction", data)
            or _role_refusal(data)
            or _code_refusal(data.get("Code") or {})
        )
        return refused or original(data)

    return create_function


def _checked_update(original: Any) -> Any:
    def update_config(name: str, data: dict[str, Any]) -> Any:
        refused = _unmodelled("UpdateFunctionConfiguration", data)
        return refused or (_role_refusal(data) if "Role" in data else None) or original(name, data)

    return update_config


def _checked_layer(original: Any) -> Any:
    def publish_layer_version(layer_name: str, data: dict[str, Any]) -> Any:
        return _code_refusal(data.get("Content") or {}) or original(layer_name, data)

    return publish_layer_version


def _unmodelled(operation: str, data: Mapping[str, Any]) -> Any:
    """Settings of a function that would change what it does, and that the workers do not have."""

    def member(name: str, inner: str) -> Any:
        found = data.get(name)
        return found.get(inner) if isinstance(found, dict) else None

    given = {
        "VpcConfig": member("VpcConfig", "SubnetIds"),
        "DeadLetterConfig": member("DeadLetterConfig", "TargetArn"),
        "FileSystemConfigs": data.get("FileSystemConfigs"),
        "PackageType Image": data.get("PackageType") == "Image",
        "SnapStart": member("SnapStart", "ApplyOn") not in (None, "None"),
        "DurableConfig": data.get("DurableConfig"),
    }
    name = next((name for name, value in given.items() if value), None)
    if name is not None:
        message = f"not in the twin: lambda.{operation} with {name}"
        return emulated.error_response_json("NotImplemented", message, 501)
    if int(data.get("Timeout") or 1) > _MAX_TIMEOUT_SECONDS:
        return _invalid_range("timeout", data["Timeout"], _MAX_TIMEOUT_SECONDS)
    return None


def _invalid_range(name: str, value: Any, most: int) -> Any:
    message = (
        f"1 validation error detected: Value '{value}' at '{name}' failed to satisfy constraint: "
        f"Member must have value less than or equal to {most}"
    )
    return emulated.error_response_json("ValidationException", message, 400)


def _role_refusal(data: Mapping[str, Any]) -> Any:
    """What Lambda checks of a role when a function is created or changed."""
    if role_trusts(str(data.get("Role", "")).rpartition("/")[2], _SERVICE):
        return None
    return _invalid("The role defined for the function cannot be assumed by Lambda.")


def _code_refusal(code: Mapping[str, Any]) -> Any:
    """A package in S3 has to be there, in the function's own region."""
    if "S3Key" not in code or emulated.s3_code_region_message(code["S3Bucket"]):
        return None
    found = emulated._fetch_code_from_s3(code["S3Bucket"], code["S3Key"], code.get("S3ObjectVersion"))
    if found is not None:
        return None
    return _invalid(
        "Error occurred while GetObject. S3 Error Code: NoSuchKey. "
        "S3 Error Message: The specified key does not exist."
    )


def _invalid(message: str) -> Any:
    return emulated.error_response_json("InvalidParameterValueException", message, 400)
