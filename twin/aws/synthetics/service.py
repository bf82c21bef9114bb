"""CloudWatch Synthetics: canaries and what came of their runs, each region for itself."""

import datetime
from collections.abc import Callable, Mapping
from typing import Any, Final

from twin.aws.lambda_runtime.function_spec import Package
from twin.aws.own.contract import CallContext, Params, Permission, Result
from twin.aws.own.errors import ServiceError
from twin.aws.own.paging import page
from twin.aws.synthetics import rules
from twin.aws.synthetics.state import Canary, Definition, Run, SyntheticsState

# Defaults of the API (Synthetics API, CreateCanary).
_DEFAULT_MEMORY_MB: Final = 1024
_DEFAULT_RETENTION_DAYS: Final = 31
_CANARIES_A_PAGE: Final = 20
_ITEMS_A_PAGE: Final = 100
_WITHOUT_RESOURCE: Final = frozenset(
    {"DescribeCanaries", "DescribeCanariesLastRun", "DescribeRuntimeVersions"}
)

FetchCode = Callable[[str, str, str], bytes]
"""Region, bucket and key to the code's bytes; raises ServiceError."""


class Synthetics:
    """The service `synthetics`.

    `role_refusal(role_arn)` says why Lambda cannot assume a role, "" when it can.
    """

    botocore_service = "synthetics"

    def __init__(
        self, state: SyntheticsState, *, fetch_code: FetchCode, role_refusal: Callable[[str], str]
    ) -> None:
        self._state = state
        self._fetch_code = fetch_code
        self._role_refusal = role_refusal
        self._operations: dict[str, Callable[[Params, str], Result]] = {
            "CreateCanary": self._create,
            "GetCanary": lambda p, region: {"Canary": _canary(self._state.get(region, p["Name"]))},
            "DescribeCanaries": self._describe,
            "DescribeCanariesLastRun": self._describe_last_runs,
            "GetCanaryRuns": self._runs,
            "StartCanary": self._doing(self._state.start),
            "StopCanary": self._doing(self._state.stop),
            "UpdateCanary": self._update,
            "DeleteCanary": self._doing(self._state.delete),
            "DescribeRuntimeVersions": self._runtimes,
            "ListTagsForResource": lambda p, region: {"Tags": dict(self._taggable(p, region).tags)},
            "TagResource": self._tag,
            "UntagResource": self._untag,
        }

    @property
    def operations(self) -> frozenset[str]:
        """The operations that are implemented."""
        return frozenset(self._operations)

    def permissions(self, operation: str, params: Params) -> list[Permission]:
        """One permission on the canary that the call names, and what making one takes beside it."""
        action = f"synthetics:{operation}"
        if operation in _WITHOUT_RESOURCE:
            return [Permission(action=action)]
        arn = params.get("ResourceArn") or (
            f"arn:aws:synthetics:{{region}}:{self._state.account_id}:canary:{params['Name']}"
        )
        needed = [Permission(action=action, resource=arn)]
        if "ExecutionRoleArn" in params:
            to = {"iam:passedtoservice": "lambda.amazonaws.com"}
            needed.append(Permission(action="iam:PassRole", resource=params["ExecutionRoleArn"], context=to))
        return needed

    def call(self, operation: str, params: Params, ctx: CallContext) -> Result:
        """The result of an operation in the region where it was called."""
        return self._operations[operation](params, ctx.region)

    def _create(self, params: Params, region: str) -> Result:
        rules.refuse_unmodelled("CreateCanary", params)
        rules.check_runtime(params["RuntimeVersion"])
        definition = self._definition(params, region, None)
        canary = self._state.create(
            region,
            params["Name"],
            definition,
            params.get("Tags") or {},
            refused=self._role_refusal(definition.role),
        )
        return {"Canary": _canary(canary)}

    def _update(self, params: Params, region: str) -> Result:
        rules.refuse_unmodelled("UpdateCanary", params)
        canary = self._state.get(region, params["Name"])
        runtime = params.get("RuntimeVersion", canary.definition.runtime)
        if runtime != canary.definition.runtime:
            rules.check_runtime(runtime)
            if "Code" not in params:
                raise rules.invalid("Code must be provided when updating to a different runtime.")
        self._state.update(canary, self._definition(params, region, canary.definition))
        return {}

    def _definition(self, params: Params, region: str, old: Definition | None) -> Definition:
        """A canary's definition from a request, which may leave out what an older one says."""
        schedule = params.get("Schedule") or {}
        expression = schedule.get("Expression") or (old.expression if old else "")
        minutes = rules.minutes_of(expression)
        config = params.get("RunConfig") or {}
        rules.check_run_config(config, minutes)
        code, handler = self._code(params, region, old)
        return Definition(
            role=params.get("ExecutionRoleArn") or (old.role if old else ""),
            handler=handler,
            runtime=params.get("RuntimeVersion") or (old.runtime if old else ""),
            code=code,
            artifact_location=_without_scheme(
                params.get("ArtifactS3Location") or (old.artifact_location if old else "")
            ),
            expression=expression,
            minutes=minutes,
            duration_seconds=schedule.get("DurationInSeconds", old.duration_seconds if old else 0),
            **_run_config(config, minutes, old),
            success_days=params.get(
                "SuccessRetentionPeriodInDays", old.success_days if old else _DEFAULT_RETENTION_DAYS
            ),
            failure_days=params.get(
                "FailureRetentionPeriodInDays", old.failure_days if old else _DEFAULT_RETENTION_DAYS
            ),
            cleanup=params.get("ProvisionedResourceCleanup", old.cleanup if old else "OFF"),
        )

    def _code(self, params: Params, region: str, old: Definition | None) -> tuple[Package, str]:
        """The code and its handler."""
        code = params.get("Code") or {}
        handler = code.get("Handler") or (old.handler if old else "")
        if "ZipFile" in code:
            content = code["ZipFile"]
        elif "S3Bucket" in code and "S3Key" in code:
            content = self._fetch_code(region, code["S3Bucket"], code["S3Key"])
        elif old is not None:
            content = old.code.content
        else:
            raise rules.invalid("Code needs either ZipFile, or S3Bucket and S3Key.")
        rules.check_code(content, handler)
        return self._shared(Package.of(content)), handler

    def _shared(self, package: Package) -> Package:
        """The same code is kept once, however many canaries have it."""
        kept = (canary.definition.code for canary in self._state.all())
        return next((code for code in kept if code.digest == package.digest), package)

    def _describe(self, params: Params, region: str) -> Result:
        found = [_canary(canary) for canary in self._named(params, region)]
        return page("Canaries", found, params, default=_CANARIES_A_PAGE)

    def _describe_last_runs(self, params: Params, region: str) -> Result:
        found = [
            {"CanaryName": canary.name, "LastRun": _run(canary, canary.runs[-1])}
            for canary in self._named(params, region)
            if canary.runs
        ]
        return page("CanariesLastRun", found, params, default=_ITEMS_A_PAGE)

    def _named(self, params: Params, region: str) -> list[Canary]:
        names = params.get("Names")
        return [canary for canary in self._state.all(region) if names is None or canary.name in names]

    def _runs(self, params: Params, region: str) -> Result:
        canary = self._state.get(region, params["Name"])
        newest_first = [] if params.get("RunType") == "DRY_RUN" else [*reversed(canary.runs)]
        return page("CanaryRuns", [_run(canary, run) for run in newest_first], params, default=_ITEMS_A_PAGE)

    def _runtimes(self, params: Params, _region: str) -> Result:
        found = [
            {"VersionName": name, "Description": "Python and Selenium", "DeprecationDate": _midnight(date)}
            for name, date in reversed(list(rules.RUNTIMES.items()))
        ]
        return page("RuntimeVersions", found, params, default=_ITEMS_A_PAGE)

    def _doing(self, action: Callable[[Canary], None]) -> Callable[[Params, str], Result]:
        def operation(params: Params, region: str) -> Result:
            action(self._state.get(region, params["Name"]))
            return {}

        return operation

    def _taggable(self, params: Params, region: str) -> Canary:
        arn = params["ResourceArn"]
        for canary in self._state.all(region):
            if canary.arn == arn:
                return canary
        raise ServiceError("NotFoundException", f"{arn} was not found.")

    def _tag(self, params: Params, region: str) -> Result:
        self._taggable(params, region).tags.update(params["Tags"])
        return {}

    def _untag(self, params: Params, region: str) -> Result:
        tags = self._taggable(params, region).tags
        for key in params["TagKeys"]:
            tags.pop(key, None)
        return {}


def _run_config(config: Params, minutes: int, old: Definition | None) -> Any:
    """A given configuration replaces what it says; without a timeout, a run may take the whole rate."""
    longest = min(minutes * 60, rules.LONGEST_TIMEOUT_SECONDS)
    environment: Mapping[str, str] = old.environment if old else {}
    return {
        "timeout_seconds": config.get("TimeoutInSeconds", old.timeout_seconds if old else longest),
        "memory_mb": config.get("MemoryInMB", old.memory_mb if old else _DEFAULT_MEMORY_MB),
        "environment": config.get("EnvironmentVariables", environment),
    }


def _canary(canary: Canary) -> Result:
    definition = canary.definition
    made = canary.state not in ("CREATING", "ERROR")
    return {
        "Id": canary.id,
        "Name": canary.name,
        "Code": {"SourceLocationArn": canary.code_arn if made else None, "Handler": definition.handler},
        "ExecutionRoleArn": definition.role,
        "Schedule": {"Expression": definition.expression, "DurationInSeconds": definition.duration_seconds},
        # Environment variables are not read back, as on AWS.
        "RunConfig": {
            "TimeoutInSeconds": definition.timeout_seconds,
            "MemoryInMB": definition.memory_mb,
            "ActiveTracing": False,
        },
        "SuccessRetentionPeriodInDays": definition.success_days,
        "FailureRetentionPeriodInDays": definition.failure_days,
        "Status": {
            "State": canary.state,
            "StateReason": canary.reason or None,
            "StateReasonCode": canary.reason_code or None,
        },
        "Timeline": {
            "Created": canary.created,
            "LastModified": canary.modified,
            "LastStarted": canary.started,
            "LastStopped": canary.stopped,
        },
        "ArtifactS3Location": definition.artifact_location,
        "EngineArn": canary.engine_arn if made else None,
        "RuntimeVersion": definition.runtime,
        "ProvisionedResourceCleanup": definition.cleanup,
        "Tags": dict(canary.tags),
    }


def _run(canary: Canary, run: Run) -> Result:
    verdict = "PASSED" if run.passed else "FAILED"
    return {
        "Id": run.id,
        "ScheduledRunId": run.id,
        "Name": canary.name,
        "Status": {
            "State": verdict,
            "StateReason": run.reason or None,
            "StateReasonCode": run.failure or None,
            "TestResult": verdict,
        },
        "Timeline": {
            "Started": run.started,
            "Completed": run.completed,
            "MetricTimestampForRunAndRetries": run.started,
        },
        "ArtifactS3Location": run.artifacts,
    }


def _midnight(date: datetime.date | None) -> datetime.datetime | None:
    return None if date is None else datetime.datetime(date.year, date.month, date.day, tzinfo=datetime.UTC)


def _without_scheme(location: str) -> str:
    """AWS gives the location back without its s3://."""
    return location.removeprefix("s3://")
