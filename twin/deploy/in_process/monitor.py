"""Stands in for Pulumi's engine: what the program declares goes to the twin."""

import json
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pulumi
from botocore.exceptions import BotoCoreError, ClientError
from pulumi.runtime import mocks, rpc

from twin.deploy import explain, invokes, provider
from twin.deploy.errors import DeployError, ResourceError
from twin.deploy.in_process.decide import Declaration, Engine
from twin.deploy.values import LocalFile, Secret, reveal

STACK_REFERENCE = "pulumi:pulumi:StackReference"


class Stopped(Exception):  # noqa: N818  (no failure of its own: the first one is told)
    """A declaration that came after another one failed."""


class TwinMonitor(mocks.MockMonitor):
    """Hands each request to the mocks together with the options that mocks do not see.

    The runtime calls these methods in worker threads, several at a time.
    """

    def __init__(self, engine: Engine, outputs_directory: Path) -> None:
        self._declarations = _Declarations(engine, outputs_directory)
        super().__init__(self._declarations)

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802  (the name of the RPC)
        if request.type != "pulumi:pulumi:Stack":
            urn = self.make_urn(request.parent, request.type, request.name)
            self._declarations.current.request = (urn, request)
        return super().RegisterResource(request)  # type: ignore[no-untyped-call]


class _Declarations(mocks.Mocks):
    """What mocks are asked for, answered by the engine."""

    def __init__(self, engine: Engine, outputs_directory: Path) -> None:
        self._engine = engine
        self._outputs = outputs_directory
        self.current = threading.local()

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        if args.typ == STACK_REFERENCE:
            return args.resource_id, self._attempt(
                lambda: stack_reference(self._outputs, args.inputs["name"])
            )
        if args.custom is None:
            return args.resource_id, self._attempt(lambda: self._read(args))
        urn, request = self.current.request
        if not args.custom:
            return "", args.inputs
        outcome: tuple[str, dict[str, Any]] = self._attempt(lambda: self._declare(urn, request, args.inputs))
        return outcome[0], for_pulumi(outcome[1])

    def call(self, args: mocks.MockCallArgs) -> tuple[dict[str, Any], list[tuple[str, str]] | None]:
        answer: dict[str, Any] = self._attempt(lambda: self._invoke(args))
        return answer, []

    def _declare(self, urn: str, request: Any, inputs: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
        given = {key: plain(value) for key, value in inputs.items()}
        if request.type == provider.PULUMI_TYPE:
            made = self._engine.declare_provider(urn, request.name, given)
            return made.identity, made.outputs
        made = self._engine.declare(
            Declaration(
                urn=urn,
                type=request.type,
                name=request.name,
                inputs=given,
                provider=_provider_urn(request.provider),
                dependencies=tuple(sorted(request.dependencies)),
                protect=request.protect,
                retain=request.retainOnDelete,
                ignore_changes=tuple(request.ignoreChanges),
                replace_on_changes=tuple(request.replaceOnChanges),
                delete_before_replace=request.deleteBeforeReplace,
            )
        )
        return made.identity, made.outputs

    def _read(self, args: mocks.MockResourceArgs) -> dict[str, Any]:
        """An existing resource that the program looks up by its id, and that is not its own."""
        found = self._engine.look_up(
            args.typ, args.name, _provider_urn(args.provider or ""), args.resource_id or ""
        )
        return {**args.inputs, **found}

    def _invoke(self, args: mocks.MockCallArgs) -> dict[str, Any]:
        aws = self._engine.aws_of(_provider_urn(args.provider), args.token)
        arguments = reveal({key: plain(value) for key, value in args.args.items()})
        try:
            return invokes.invoke(args.token, aws, arguments)
        except (ClientError, BotoCoreError) as error:
            raise ResourceError(explain.failure(args.token, "", error)) from error

    def _attempt(self, act: Callable[[], Any]) -> Any:
        """Runs, unless something failed already; every failure is kept to be told at the end."""
        if self._engine.failures:
            raise Stopped
        try:
            return act()
        except DeployError as error:
            self._engine.failures.append(str(error))
            raise


def stack_reference(outputs_directory: Path, name: str) -> dict[str, Any]:
    """What a StackReference has: the outputs of a stack that is deployed. Raises ResourceError."""
    stack = name.rsplit("/", 1)[-1]
    path = outputs_directory / f"{stack}.json"
    try:
        outputs = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ResourceError(
            f"{STACK_REFERENCE}: unknown stack {name!r}: it is not deployed in the twin. "
            f"Deploy it first: python -m twin deploy --stack {stack}"
        ) from None
    return {"name": name, "outputs": outputs, "secretOutputNames": []}


def plain(value: Any) -> Any:
    """Pulumi's values as the plain ones that handlers take."""
    if rpc.is_rpc_secret(value):
        return Secret(value=plain(rpc.unwrap_rpc_secret(value)))
    if isinstance(value, pulumi.FileAsset | pulumi.FileArchive):
        return LocalFile.at(Path(value.path))
    if isinstance(value, pulumi.Asset | pulumi.Archive):
        raise ResourceError(f"{type(value).__name__} is not in the twin: give a file.")
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, float) and value.is_integer():
        # Numbers travel as floating point: 3.0 and 3 are the same argument.
        return int(value)
    return value


def for_pulumi(value: Any) -> Any:
    """The other way: secrets stay secret in the program, files are files again."""
    if isinstance(value, Secret):
        return pulumi.Output.secret(for_pulumi(value.value))
    if isinstance(value, LocalFile):
        return pulumi.FileAsset(str(value.path))
    if isinstance(value, Mapping):
        return {key: for_pulumi(item) for key, item in value.items()}
    if isinstance(value, list):
        return [for_pulumi(item) for item in value]
    return value


def _provider_urn(reference: str) -> str:
    """`<urn>::<id>` without the id."""
    return reference.rsplit("::", 1)[0] if reference else ""
