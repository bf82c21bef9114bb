"""Runs Pulumi code without an engine and records what it declares.

`run(build)` calls `build` under mocks, waits until every resource is registered, and returns a `Run`: the
resources with their inputs, their provider's region and their options, the invokes, the exports and the log
lines. Nothing is shared between two calls, so a test never sees what another one declared.

    done = run(lambda: GlobalTables("tables", args), stack="region1")
    assert done.one("aws:dynamodb/table:Table").inputs["hashKey"] == "CustomerId"

`run_program(stack)` does the same with the real `__main__.py` and the stack's own configuration files.
"""

import asyncio
import json
import logging
import os
import runpy
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any
from unittest.mock import patch

import pulumi
import yaml
from pulumi.runtime import mocks, settings
from pulumi.runtime.stack import Stack, run_pulumi_func

REPOSITORY = Path(__file__).resolve().parents[2]
PROJECT = "resilient-orders"
ORGANIZATION = "organization"
ACCOUNT_ID = "111122223333"
HOSTED_ZONE_ID = "Z0123456789EXAMPLE"

Inputs = dict[str, Any]
Answer = Callable[[Inputs], Inputs]
Change = Callable[[str, Inputs], Inputs]
"""What becomes of an answer, by the resource's type or the function's token."""


@dataclass(frozen=True, kw_only=True)
class Options:
    """The resource options that a mock never sees, as the engine would receive them."""

    parent: str
    protect: bool
    ignore_changes: tuple[str, ...]
    replace_on_changes: tuple[str, ...]
    delete_before_replace: bool
    retain_on_delete: bool
    depends_on: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Resource:
    """One registered (or read: `read_id` is then set) resource; `inputs` have Pulumi's camelCase keys."""

    type: str
    name: str
    urn: str
    inputs: Inputs
    provider: str
    """The provider's logical name, empty for the default provider and for components."""
    region: str
    """The region of that provider."""
    read_id: str
    custom: bool
    options: Options


@dataclass(frozen=True, kw_only=True)
class Invoke:
    token: str
    args: Inputs
    region: str


@dataclass(kw_only=True)
class Run:
    resources: list[Resource] = field(default_factory=list)
    invokes: list[Invoke] = field(default_factory=list)
    exports: dict[str, Any] = field(default_factory=dict)
    logs: list[str] = field(default_factory=list)
    error: Exception | None = None

    def all(self, type_: str) -> list[Resource]:
        """Every resource of a type, sorted by name."""
        return sorted((r for r in self.resources if r.type == type_), key=lambda r: r.name)

    def one(self, type_: str, name_contains: str = "") -> Resource:
        """The only resource of that type whose logical name contains the text."""
        found = [r for r in self.all(type_) if name_contains in r.name]
        names = [r.name for r in self.all(type_)]
        assert len(found) == 1, f"{len(found)} of {type_} contain {name_contains!r}; there are {names}"
        return found[0]

    @property
    def aws(self) -> list[Resource]:
        """Every AWS resource, sorted by type and name."""
        found = [r for r in self.resources if r.type.startswith("aws:")]
        return sorted(found, key=lambda r: (r.type, r.name))


def _zone(inputs: Inputs) -> Inputs:
    return {
        "name": inputs.get("name") or "example.com",
        "zoneId": inputs.get("zoneId") or HOSTED_ZONE_ID,
        "id": HOSTED_ZONE_ID,
        "privateZone": False,
        "arn": f"arn:aws:route53:::hostedzone/{HOSTED_ZONE_ID}",
    }


INVOKE_ANSWERS: Mapping[str, Answer] = {
    "aws:index/getCallerIdentity:getCallerIdentity": lambda _: {
        "accountId": ACCOUNT_ID,
        "arn": f"arn:aws:iam::{ACCOUNT_ID}:user/builder",
        "id": ACCOUNT_ID,
        "userId": "AIDAEXAMPLE",
    },
    "aws:route53/getZone:getZone": _zone,
    # As the provider answers where no record matches (internal/service/route53/records_data_source.go).
    "aws:route53/getRecords:getRecords": lambda inputs: {**inputs, "resourceRecordSets": None},
}


def cluster_endpoints() -> list[dict[str, str]]:
    """The five endpoints of a routing control cluster (regions: AWS's "ARC endpoints and quotas" page)."""
    regions = ("us-east-1", "ap-northeast-1", "ap-southeast-2", "eu-west-1", "us-west-2")
    return [
        {"region": r, "endpoint": f"https://host-{i}aaaaa.{r}.example.invalid/v1"}
        for i, r in enumerate(regions)
    ]


def _certificate(name: str, inputs: Inputs) -> Inputs:
    domain = inputs["domainName"]
    option = {
        "domainName": domain,
        "resourceRecordName": f"_token.{domain}.",
        "resourceRecordType": "CNAME",
        "resourceRecordValue": "_answer.acm-validations.aws.",
    }
    return {"domainValidationOptions": [option]}


def _named(type_: str, name: str, region: str) -> Inputs:
    if type_ == "aws:apigateway/account:Account":
        return {"cloudwatchRoleArn": f"arn:aws:iam::{ACCOUNT_ID}:role/api-gateway-logs"}
    if type_ != "aws:synthetics/canary:Canary":
        return {"name": name}
    return {
        "name": name,
        "arn": f"arn:aws:synthetics:{region}:{ACCOUNT_ID}:canary:{name}",
        "engineArn": f"arn:aws:lambda:{region}:{ACCOUNT_ID}:function:cwsyn-{name[:21]}-{name}:1",
        "sourceLocationArn": f"arn:aws:lambda:{region}:{ACCOUNT_ID}:layer:cwsyn-{name[:21]}-{name}:1",
        "status": "RUNNING",
    }


def _computed(type_: str, name: str, inputs: Inputs, region: str) -> Inputs:
    """What AWS would add to a resource's inputs, for the types whose outputs the program uses."""
    physical = str(inputs.get("name") or name)
    match type_:
        case "aws:acm/certificate:Certificate":
            return _certificate(name, inputs)
        case "aws:route53recoverycontrol/cluster:Cluster":
            return {"name": physical, "clusterEndpoints": cluster_endpoints(), "status": "DEPLOYED"}
        case "aws:apigateway/domainName:DomainName":
            return {
                "regionalDomainName": f"d-abcdef.execute-api.{region}.amazonaws.com",
                "regionalZoneId": f"ZREGIONAL{region.replace('-', '').upper()}",
            }
        case "aws:apigateway/restApi:RestApi":
            return {
                "executionArn": f"arn:aws:execute-api:{region}:{ACCOUNT_ID}:{name}-id",
                "rootResourceId": "root",
            }
        case "aws:apigateway/stage:Stage":
            host = f"{inputs.get('restApi')}.execute-api.{region}.amazonaws.com"
            return {
                "invokeUrl": f"https://{host}/{inputs.get('stageName')}",
                "executionArn": f"arn:aws:execute-api:{region}:{ACCOUNT_ID}:{inputs.get('restApi')}/*",
            }
        case "aws:lambda/function:Function":
            arn = f"arn:aws:lambda:{region}:{ACCOUNT_ID}:function:{physical}"
            path = f"arn:aws:apigateway:{region}:lambda:path/2015-03-31/functions/{arn}/invocations"
            return {
                "name": physical,
                "arn": arn,
                "invokeArn": path,
                "qualifiedArn": f"{arn}:$LATEST",
                "version": "$LATEST",
            }
        case "aws:s3/bucket:Bucket":
            bucket = str(inputs.get("bucket") or name)
            return {"bucket": bucket, "arn": f"arn:aws:s3:::{bucket}"}
        case "aws:dynamodb/table:Table":
            return {"name": physical, "arn": f"arn:aws:dynamodb:{region}:{ACCOUNT_ID}:table/{physical}"}
        case "aws:route53/record:Record":
            return {"fqdn": str(inputs.get("name", "")).rstrip(".")}
        case _:
            return _named(type_, physical, region)


def _arn(type_: str, name: str, region: str) -> str:
    service = type_.split(":")[1].split("/")[0]
    return f"arn:aws:{service}:{region}:{ACCOUNT_ID}:{name}"


class RecordingMocks(mocks.Mocks):
    """Answers as AWS would where the program reads an answer, and records every call.

    `answers` replaces or adds to INVOKE_ANSWERS; `stacks` holds the outputs of other stacks by their full
    name, and a reference to a stack that is not in it fails. `changed` has the last word on each answer.
    """

    def __init__(
        self,
        *,
        answers: Mapping[str, Answer],
        stacks: Mapping[str, Mapping[str, Any]],
        changed: Change | None = None,
    ) -> None:
        self._answers = {**INVOKE_ANSWERS, **answers}
        self._changed: Change = changed or (lambda _, answer: answer)
        self._stacks = stacks
        self._lock = Lock()
        self._regions: dict[str, str] = {}
        self.calls: list[Invoke] = []

    def call(self, args: mocks.MockCallArgs) -> tuple[dict[str, Any], list[tuple[str, str]]]:
        if args.token not in self._answers:
            raise LookupError(f"no mock answer for {args.token}: give one as answers={{...}}")
        with self._lock:
            self.calls.append(Invoke(token=args.token, args=args.args, region=self.region_of(args.provider)))
        return self._changed(args.token, self._answers[args.token](args.args)), []

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        if args.typ == "pulumi:pulumi:StackReference":
            name = args.inputs["name"]
            if name not in self._stacks:
                raise LookupError(f"unknown stack {name!r}")
            return name, {"name": name, "outputs": dict(self._stacks[name]), "secretOutputNames": []}
        if args.typ == "pulumi:providers:aws":
            with self._lock:
                self._regions[args.name] = args.inputs["region"]
        region = self.region_of(args.provider or "")
        state = {"arn": _arn(args.typ, args.name, region), **args.inputs}
        state.update(_computed(args.typ, args.name, args.inputs, region))
        return args.resource_id or f"{args.name}-id", self._changed(args.typ, state)

    def region_of(self, provider: str) -> str:
        return self._regions.get(provider_name(provider), "")


def provider_name(reference: str) -> str:
    """The logical name in `urn:pulumi:stack::project::pulumi:providers:aws::name::id`, "" for no provider."""
    return reference.split("::")[3] if reference else ""


@contextmanager
def _loop_of_this_thread() -> Iterator[None]:
    """The mock monitor makes an event loop in each worker thread and never closes it; this one is closed."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    try:
        yield
    finally:
        loop.close()
        asyncio.set_event_loop(None)


class RecordingMonitor(mocks.MockMonitor):
    """A mock monitor that also records resource options, which `Mocks.new_resource` is not given."""

    def __init__(self, recording: RecordingMocks) -> None:
        super().__init__(recording)
        self._recording = recording
        self._guard = Lock()
        self.recorded: list[Resource] = []

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802 (the name is the protocol's)
        with _loop_of_this_thread():
            response = super().RegisterResource(request)  # type: ignore[no-untyped-call]
        if request.type != "pulumi:pulumi:Stack":
            self._record(request, request.object, response.urn, read_id=request.importId)
        return response

    def Invoke(self, request: Any) -> Any:  # noqa: N802
        with _loop_of_this_thread():
            return super().Invoke(request)  # type: ignore[no-untyped-call]

    def ReadResource(self, request: Any) -> Any:  # noqa: N802
        with _loop_of_this_thread():
            response = super().ReadResource(request)  # type: ignore[no-untyped-call]
        self._record(request, request.properties, response.urn, read_id=request.id)
        return response

    def _record(self, request: Any, properties: Any, urn: str, *, read_id: str) -> None:
        is_read = not hasattr(request, "custom")
        resource = Resource(
            type=request.type,
            name=request.name,
            urn=urn,
            inputs=pulumi.runtime.rpc.deserialize_properties(properties),
            provider=provider_name(request.provider),
            region=self._recording.region_of(request.provider),
            read_id=read_id,
            custom=is_read or request.custom,
            options=_options(request),
        )
        with self._guard:
            self.recorded.append(resource)


def _options(request: Any) -> Options:
    def names(attribute: str) -> tuple[str, ...]:
        return tuple(getattr(request, attribute, ()))

    return Options(
        parent=request.parent,
        protect=bool(getattr(request, "protect", False)),
        ignore_changes=names("ignoreChanges"),
        replace_on_changes=names("replaceOnChanges"),
        delete_before_replace=bool(getattr(request, "deleteBeforeReplace", False)),
        retain_on_delete=bool(getattr(request, "retainOnDelete", False)),
        depends_on=names("dependencies"),
    )


class _LogLines(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


@contextmanager
def _pulumi_environment(config: Mapping[str, str]) -> Iterator[None]:
    """Configuration as the engine hands it over, and an Output used as text made an error."""
    variables = {"PULUMI_CONFIG": json.dumps(dict(config)), "PULUMI_ERROR_OUTPUT_STRING": "1"}
    with patch.dict(os.environ, variables):
        yield


def run(
    build: Callable[[], object],
    *,
    stack: str = "region1",
    project: str = PROJECT,
    config: Mapping[str, str] | None = None,
    answers: Mapping[str, Answer] | None = None,
    stacks: Mapping[str, Mapping[str, Any]] | None = None,
    changed: Change | None = None,
    preview: bool = False,
) -> Run:
    """Runs `build` under mocks to its end, or raises what it raised, in an apply too.

    `config` has full keys (`resilient-orders:domainName`) and text values, as the engine passes them.
    """
    settled = attempt(
        build,
        stack=stack,
        project=project,
        config=config,
        answers=answers,
        stacks=stacks,
        changed=changed,
        preview=preview,
    )
    if settled.error is not None:
        raise settled.error
    return settled


def attempt(
    build: Callable[[], object],
    *,
    stack: str = "region1",
    project: str = PROJECT,
    config: Mapping[str, str] | None = None,
    answers: Mapping[str, Answer] | None = None,
    stacks: Mapping[str, Mapping[str, Any]] | None = None,
    changed: Change | None = None,
    preview: bool = False,
) -> Run:
    """Like `run`, but an error is returned in the Run, beside what was declared before it."""
    recording = RecordingMocks(answers=answers or {}, stacks=stacks or {}, changed=changed)
    monitor = RecordingMonitor(recording)
    log = _LogLines()
    logger = logging.Logger("pulumi-mocks", logging.INFO)
    logger.addHandler(log)
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    # Every output that hangs on a failed one fails too; the first error is the one to report.
    loop.set_exception_handler(lambda _loop, _context: None)
    done = Run(resources=monitor.recorded, invokes=recording.calls, logs=log.lines)
    try:
        with _pulumi_environment(config or {}):
            done.exports = loop.run_until_complete(
                _run(build, recording, monitor, logger, project=project, stack=stack, preview=preview)
            )
    except Exception as error:  # noqa: BLE001 (whatever the program raised is what the caller asks for)
        done.error = error
    finally:
        _end(loop)
    return done


def _end(loop: asyncio.AbstractEventLoop) -> None:
    """Ends what a failed program left under way, so that the next one does not find it."""
    while pending := asyncio.all_tasks(loop):
        for task in pending:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*pending, return_exceptions=True))
    loop.run_until_complete(loop.shutdown_default_executor())
    loop.close()
    asyncio.set_event_loop(None)
    settings.SETTINGS.rpc_manager.clear()
    settings.SETTINGS.outputs.clear()


async def _run(
    build: Callable[[], object],
    recording: RecordingMocks,
    monitor: RecordingMonitor,
    logger: logging.Logger,
    *,
    project: str,
    stack: str,
    preview: bool,
) -> dict[str, Any]:
    settings.set_root_resource(None)  # type: ignore[arg-type]  # None is what a fresh process has
    mocks.set_mocks(
        recording,
        project=project,
        stack=stack,
        preview=preview,
        logger=logger,
        monitor=monitor,
        organization=ORGANIZATION,
    )

    def program() -> None:
        build()

    await run_pulumi_func(program)
    root = settings.get_root_resource()
    outputs: Mapping[str, Any] = root.outputs if isinstance(root, Stack) else {}
    return {name: await _known(value) for name, value in outputs.items()}


async def _known(value: object) -> Any:
    output: pulumi.Output[Any] = pulumi.Output.from_input(value)
    return await output.future()


def stack_config(stack: str, overrides: Mapping[str, object] | None = None) -> dict[str, str]:
    """The configuration of a stack as the engine would pass it.

    Pulumi.yaml's defaults, then the stack's own file, then `overrides`, where None takes a key away. A stack
    without a file of its own gets region1's.
    """
    declared = yaml.safe_load((REPOSITORY / "Pulumi.yaml").read_text())["config"]
    values = {f"{PROJECT}:{key}": entry["default"] for key, entry in declared.items() if "default" in entry}
    own = REPOSITORY / f"Pulumi.{stack}.yaml"
    file = own if own.exists() else REPOSITORY / "Pulumi.region1.yaml"
    values |= yaml.safe_load(file.read_text())["config"]
    values |= {f"{PROJECT}:{key}": value for key, value in (overrides or {}).items()}
    return {key: _text(value) for key, value in values.items() if value is not None}


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def run_program(
    stack: str,
    overrides: Mapping[str, object] | None = None,
    *,
    stacks: Mapping[str, Mapping[str, Any]] | None = None,
    answers: Mapping[str, Answer] | None = None,
    changed: Change | None = None,
    preview: bool = False,
) -> Run:
    """Runs the real `__main__.py` for a stack; `stacks` holds the outputs of other stacks by stack name."""
    done = attempt_program(stack, overrides, stacks=stacks, answers=answers, changed=changed, preview=preview)
    if done.error is not None:
        raise done.error
    return done


def attempt_program(
    stack: str,
    overrides: Mapping[str, object] | None = None,
    *,
    stacks: Mapping[str, Mapping[str, Any]] | None = None,
    answers: Mapping[str, Answer] | None = None,
    changed: Change | None = None,
    preview: bool = False,
) -> Run:
    """Like `run_program`, but an error is returned in the Run."""
    full = {f"{ORGANIZATION}/{PROJECT}/{name}": outputs for name, outputs in (stacks or {}).items()}
    program = str(REPOSITORY / "__main__.py")
    return attempt(
        lambda: runpy.run_path(program, run_name="__main__"),
        stack=stack,
        config=stack_config(stack, overrides),
        answers=answers,
        stacks=full,
        changed=changed,
        preview=preview,
    )


def regions_of(resources: Iterable[Resource]) -> Sequence[str]:
    """The regions that AWS resources would be made in, sorted, each once."""
    return sorted({r.region for r in resources})
