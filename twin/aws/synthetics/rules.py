"""What Synthetics demands of a canary beyond its model, and what of its arguments the twin lacks."""

import datetime
import io
import re
import zipfile
from collections.abc import Mapping
from typing import Any, Final

from twin.aws.own.contract import Params
from twin.aws.own.errors import ServiceError

# CloudWatch User Guide: "Runtime versions using Python and Selenium Webdriver", "Runtime versions support
# policy". Those on other languages are not in the twin.
_RUNTIME: Final = "syn-python-selenium-"
RUNTIMES: Final[Mapping[str, datetime.date | None]] = {
    f"{_RUNTIME}{version}": deprecated
    for version, deprecated in (
        ("4.1", datetime.date(2026, 2, 3)),
        ("5.0", datetime.date(2026, 2, 3)),
        ("5.1", datetime.date(2026, 2, 3)),
        ("6.0", None),
        ("7.0", None),
        ("8.0", None),
        ("11.0", None),
        ("11.1", None),
        ("12.0", None),
        ("13.0", None),
        ("14.0", None),
    )
}
LONGEST_TIMEOUT_SECONDS: Final = 840
_MEMORY_STEP_MB: Final = 64
_RATE: Final = re.compile(r"rate\((?P<number>\d+) (?P<unit>minutes?|hour)\)")
_MINUTES_OF: Final = {"minute": 1, "minutes": 1, "hour": 60}
# Arguments that would change what a canary does, and that the runner does not have.
_NOT_IN_THE_TWIN: Final = (
    "AddReplicaLocations",
    "ArtifactConfig",
    "BrowserConfigs",
    "DryRunId",
    "KmsKeyArn",
    "RemoveReplicaLocations",
    "ResourcesToReplicateTags",
    "VisualReference",
    "VisualReferences",
)
_CODE_NOT_IN_THE_TWIN: Final = ("BlueprintTypes", "Dependencies", "S3Version")
# Lambda's own variables (Lambda Developer Guide, "Defined runtime environment variables").
_RESERVED_VARIABLE: Final = re.compile(r"AWS_|_HANDLER$|_X_AMZN_|LAMBDA_")


def refuse_unmodelled(operation: str, params: Params) -> None:
    """Raises NotImplemented, naming the argument."""
    given = [name for name in _NOT_IN_THE_TWIN if params.get(name)]
    given += [f"Code.{name}" for name in _CODE_NOT_IN_THE_TWIN if params.get("Code", {}).get(name)]
    if params.get("VpcConfig", {}).get("SubnetIds"):
        given.append("VpcConfig")
    if params.get("Schedule", {}).get("RetryConfig", {}).get("MaxRetries"):
        given.append("Schedule.RetryConfig")
    if given:
        raise ServiceError(
            "NotImplemented", f"not in the twin: synthetics.{operation} with {given[0]}", status=501
        )


def check_runtime(runtime: str) -> None:
    """Raises for one that AWS does not have, has deprecated, or that the twin cannot run."""
    if not runtime.startswith(_RUNTIME) and runtime.startswith("syn-"):
        raise ServiceError("NotImplemented", f"not in the twin: canaries on {runtime}", status=501)
    if runtime not in RUNTIMES:
        raise invalid(f"Runtime version {runtime} does not exist.")
    if RUNTIMES[runtime] is not None:
        raise invalid(f"Runtime version {runtime} is deprecated. Use a supported runtime version.")


def minutes_of(expression: str) -> int:
    """Minutes between two runs; raises for what is no rate of 1 minute to 1 hour."""
    if expression.startswith("cron(") or re.fullmatch(r"rate\(0 minutes?\)", expression):
        raise ServiceError("NotImplemented", f"not in the twin: canaries on {expression}", status=501)
    found = _RATE.fullmatch(expression)
    minutes = int(found["number"]) * _MINUTES_OF[found["unit"]] if found else 0
    if not 1 <= minutes <= 60 or (found and found["unit"] == "minute" and minutes != 1):
        raise invalid(f"The schedule expression {expression} is not valid: rate(1 minute) to rate(1 hour).")
    return minutes


def check_run_config(config: Params, minutes: int) -> None:
    """Limits of a run (Synthetics API, CanaryRunConfigInput)."""
    timeout = config.get("TimeoutInSeconds")
    if timeout is not None and timeout > minutes * 60:
        raise invalid(f"The timeout of {timeout} seconds is longer than the canary's {minutes} minutes rate.")
    if config.get("MemoryInMB", 0) % _MEMORY_STEP_MB:
        raise invalid(f"MemoryInMB must be a multiple of {_MEMORY_STEP_MB}.")
    if config.get("ActiveTracing"):
        raise invalid("Active tracing is not supported by this runtime version.")
    for name in config.get("EnvironmentVariables") or {}:
        if _RESERVED_VARIABLE.match(name):
            raise invalid(f"The environment variable {name} is reserved.")


def check_code(content: bytes, handler: str) -> None:
    """The script that the handler names must be in the zip's folder python."""
    module = handler.rpartition(".")[0]
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = set(archive.namelist())
    except zipfile.BadZipFile:
        raise invalid("The canary's code is not a zip file.") from None
    script = f"python/{module.replace('.', '/')}.py"
    if not module or script not in names:
        raise invalid(f"The canary's code has no {script}, which the handler {handler} names.")


def invalid(message: str, **members: Any) -> ServiceError:
    return ServiceError("ValidationException", message, **members)
