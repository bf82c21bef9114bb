"""One configured AWS provider: answers the engine's questions about resources with the twin's handlers.

Everything about a resource type is in its handler, which the in-process deployment uses as well. Messages
are Pulumi's own (pulumirpc.ResourceProvider); what goes wrong is raised as DeployError or HalfMade.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from google.protobuf import struct_pb2
from pulumi.runtime.proto import provider_pb2 as messages

from twin.deploy import arguments, explain, invokes, schema
from twin.deploy.clients import Clients
from twin.deploy.context import Aws
from twin.deploy.engine import wire
from twin.deploy.engine.differences import Kind, differences, observed, top_level
from twin.deploy.errors import ResourceError, UnknownInputError
from twin.deploy.provider import PULUMI_TYPE, ProviderSettings
from twin.deploy.resources.base import HalfMade, Handler
from twin.deploy.resources.registry import handler_of
from twin.deploy.values import reveal

HALF_MADE = "__halfMade"
"""Among the outputs of a resource whose creation stopped half-way: its next update starts from nothing."""
DEFAULTS = "__defaults"
"""Arguments that the provider filled in itself, by name; Pulumi's bridged providers keep the same list."""

_KINDS: Mapping[Kind, tuple[int, int]] = {
    "add": (messages.PropertyDiff.ADD, messages.PropertyDiff.ADD_REPLACE),
    "delete": (messages.PropertyDiff.DELETE, messages.PropertyDiff.DELETE_REPLACE),
    "update": (messages.PropertyDiff.UPDATE, messages.PropertyDiff.UPDATE_REPLACE),
}


class StoppedHalfWay(Exception):  # noqa: N818  (a state of the resource; its text carries the error)
    """A resource exists, but is not as it was asked for; the engine keeps it and has it updated."""

    def __init__(self, details: messages.ErrorResourceInitFailed) -> None:
        super().__init__("; ".join(details.reasons))
        self.details = details


@dataclass(kw_only=True)
class TwinProvider:
    """The provider of one connection; the engine opens one for each provider resource of a program."""

    clients: Clients
    fallback_endpoint: str | None
    _aws: Aws | None = field(default=None)

    def configure(self, request: messages.ConfigureRequest) -> None:
        """Takes the provider's region, endpoints and tags; refuses an account that is not allowed."""
        name = request.name or "aws"
        settings = ProviderSettings.from_inputs(name, reveal(wire.plain(request.args)))
        aws = Aws(settings, self.clients, fallback_endpoint=self.fallback_endpoint)
        if settings.allowed_account_ids:
            explain.guarded(PULUMI_TYPE, name, lambda: aws.account_id, aws.region)
        self._aws = aws

    def check(self, request: messages.CheckRequest) -> messages.CheckResponse:
        """The arguments with default tags and a generated name, or what is wrong with them."""
        handler = handler_of(request.type)
        given = wire.plain(request.news)
        given.pop(DEFAULTS, None)
        failures = _failures(handler, request.type, reveal(given))
        if failures:
            return messages.CheckResponse(failures=failures)
        response = messages.CheckResponse()
        response.inputs.CopyFrom(request.news)
        tags = arguments.effective(handler, given, self._provider.settings.default_tags).get("tags")
        wire.set_values(response.inputs, {DEFAULTS: None})
        if tags != given.get("tags"):
            wire.set_values(response.inputs, {"tags": tags})
        self._name(handler, request, response.inputs)
        return response

    def diff(self, request: messages.DiffRequest) -> messages.DiffResponse:
        """Which arguments changed, and which of the changes make a new resource."""
        handler = handler_of(request.type)
        olds, old, new = (_given(s) for s in (request.olds, request.old_inputs, request.news))
        changed = differences(old, new)
        replaced = {path for path in changed if top_level(path) in handler.replaces}
        region = new.get(arguments.REGION) or self._provider.region
        if olds.get(arguments.REGION, region) != region:
            changed[arguments.REGION] = "update"
            replaced.add(arguments.REGION)
        if changed:
            self._plan(handler, request, old, new)
        some = bool(changed) or HALF_MADE in request.olds.fields
        return messages.DiffResponse(
            changes=messages.DiffResponse.DIFF_SOME if some else messages.DiffResponse.DIFF_NONE,
            diffs=sorted({top_level(path) for path in changed}),
            replaces=sorted(replaced),
            deleteBeforeReplace=bool(replaced) and _cannot_stand_side_by_side(handler, request.news),
            detailedDiff={
                path: messages.PropertyDiff(
                    kind=_KINDS[kind][path in replaced],  # type: ignore[arg-type]
                    inputDiff=True,
                )
                for path, kind in changed.items()
            },
            hasDetailedDiff=bool(changed),
        )

    def create(self, request: messages.CreateRequest) -> messages.CreateResponse:
        handler, inputs = handler_of(request.type), _given(request.properties)
        aws = self._in_region(inputs)
        self._plan(handler, request, {}, inputs)
        if request.preview:
            # What is left out is unknown to the program until the resource exists.
            return messages.CreateResponse(properties=_state(request.properties, inputs, {}, aws.region))
        given = reveal(arguments.effective(handler, inputs, {}))
        try:
            made = explain.guarded(request.type, request.name, lambda: handler.create(aws, given), aws.region)
        except HalfMade as half:
            reason = explain.failure(request.type, request.name, half.cause, aws.region)
            state = _state(request.properties, inputs, {HALF_MADE: True}, aws.region)
            raise StoppedHalfWay(_kept(half.identity, state, request.properties, reason)) from half
        return messages.CreateResponse(
            id=made.identity, properties=_state(request.properties, inputs, made.outputs, aws.region)
        )

    def read(self, request: messages.ReadRequest) -> messages.ReadResponse:
        """What AWS says now; an empty id when the resource is gone."""
        handler = handler_of(request.type)
        known = request.inputs if request.inputs.fields else request.properties
        inputs = _given(known)
        aws = self._in_region(_given(request.properties))
        given = reveal(arguments.effective(handler, inputs, {}))
        seen = explain.guarded(
            request.type, request.name, lambda: handler.read(aws, request.id, given), aws.region
        )
        if seen is None:
            return messages.ReadResponse()
        free = frozenset(path.removesuffix(".*") for path in handler.accepts if path.endswith(".*"))
        now = observed(inputs, seen, free)
        response = messages.ReadResponse(id=request.id)
        response.inputs.CopyFrom(request.inputs)
        response.properties.CopyFrom(request.properties)
        different = {name: value for name, value in now.items() if value is not inputs[name]}
        wire.set_values(response.inputs, different)
        added = {name: value for name, value in seen.items() if name not in inputs}
        wire.set_values(response.properties, {**added, **different, arguments.REGION: aws.region})
        if HALF_MADE in request.properties.fields:
            reason = (
                f"{request.type} {request.name!r}: its creation stopped half-way; the next up finishes it."
            )
            raise StoppedHalfWay(_kept(request.id, response.properties, response.inputs, reason))
        return response

    def update(self, request: messages.UpdateRequest) -> messages.UpdateResponse:
        handler, inputs = handler_of(request.type), _given(request.news)
        before = _given(request.olds)
        aws = self._in_region(before)
        if request.preview:
            return messages.UpdateResponse(properties=_updated(request, before, {}, aws.region))
        old: Mapping[str, Any] = {}
        if HALF_MADE not in request.olds.fields:
            old = reveal(arguments.effective(handler, _given(request.old_inputs), {}))
        new = reveal(arguments.effective(handler, inputs, {}))
        made = explain.guarded(
            request.type, request.name, lambda: handler.update(aws, request.id, old, new), aws.region
        )
        return messages.UpdateResponse(properties=_updated(request, before, made, aws.region))

    def delete(self, request: messages.DeleteRequest) -> None:
        handler, outputs = handler_of(request.type), _given(request.properties)
        aws = self._in_region(outputs)
        given = reveal(arguments.effective(handler, _given(request.old_inputs), {}))
        explain.guarded(
            request.type,
            request.name,
            lambda: handler.delete(aws, request.id, given, outputs),
            aws.region,
        )

    def invoke(self, request: messages.InvokeRequest) -> messages.InvokeResponse:
        given = reveal(wire.plain(request.args))
        answer = explain.guarded(
            request.tok, "", lambda: invokes.invoke(request.tok, self._provider, given), self._provider.region
        )
        response = messages.InvokeResponse()
        wire.set_values(getattr(response, "return"), answer)
        return response

    @property
    def _provider(self) -> Aws:
        if self._aws is None:
            raise ResourceError("the provider was asked before it was configured.")
        return self._aws

    def _in_region(self, properties: Mapping[str, Any]) -> Aws:
        return self._provider.in_region(str(properties.get(arguments.REGION) or self._provider.region))

    def _plan(
        self,
        handler: Handler,
        request: messages.DiffRequest | messages.CreateRequest,
        old: Mapping[str, Any],
        new: Mapping[str, Any],
    ) -> None:
        """What the provider asks AWS beforehand; about an argument that is not known yet it asks nothing."""
        known = {name: value for name, value in new.items() if not wire.holds_unknown(value)}
        aws = self._in_region(known)
        explain.guarded(
            request.type,
            request.name,
            lambda: handler.plan(aws, reveal(old), reveal(arguments.effective(handler, known, {}))),
            aws.region,
        )

    def _name(self, handler: Handler, request: messages.CheckRequest, inputs: struct_pb2.Struct) -> None:
        """Generates a name where none was given, or keeps the one that was generated before."""
        autoname = handler.autoname
        if autoname is None or autoname.argument in wire.plain(inputs):
            return
        olds = wire.plain(request.olds)
        name = olds.get(autoname.argument) or autoname.make(request.type, request.name, request.randomSeed)
        wire.set_values(inputs, {autoname.argument: name, DEFAULTS: [autoname.argument]})


def _given(properties: struct_pb2.Struct) -> dict[str, Any]:
    """The properties without what providers keep among them for themselves."""
    return {name: value for name, value in wire.plain(properties).items() if not name.startswith("__")}


def _failures(handler: Handler, pulumi_type: str, given: Mapping[str, Any]) -> list[messages.CheckFailure]:
    failures = [
        messages.CheckFailure(property=path, reason=f"{pulumi_type} needs the argument {path}")
        for path in schema.missing(pulumi_type, given)
    ]
    try:
        arguments.refuse_unknown_to(handler, pulumi_type, given)
    except UnknownInputError as error:
        failures.append(messages.CheckFailure(reason=str(error)))
    return failures


def _cannot_stand_side_by_side(handler: Handler, news: struct_pb2.Struct) -> bool:
    """Whether the old resource must go first: its kind is so, or the program fixed the name."""
    if handler.delete_before_replace:
        return True
    given = wire.plain(news)
    return handler.autoname is not None and handler.autoname.argument not in given.get(DEFAULTS, [])


def _state(
    properties: struct_pb2.Struct, inputs: Mapping[str, Any], made: Mapping[str, Any], region: str
) -> struct_pb2.Struct:
    """The outputs of a resource: its arguments as they came, files among them, and what was added."""
    state = struct_pb2.Struct()
    state.CopyFrom(properties)
    every = arguments.outputs(inputs, made, region)
    added = {name: every[name] for name in every if name not in inputs or name in made or name == "region"}
    wire.set_values(state, {DEFAULTS: None, **added})
    return state


def _updated(
    request: messages.UpdateRequest, before: Mapping[str, Any], made: Mapping[str, Any], region: str
) -> struct_pb2.Struct:
    """The outputs after an update: what AWS had added stays, unless it says otherwise now."""
    inputs = _given(request.news)
    old_inputs = _given(request.old_inputs)
    state = _state(request.news, inputs, made, region)
    kept = {
        name: value for name, value in before.items() if name not in state.fields and name not in old_inputs
    }
    wire.set_values(state, kept)
    return state


def _kept(
    identity: str, state: struct_pb2.Struct, inputs: struct_pb2.Struct, reason: str
) -> messages.ErrorResourceInitFailed:
    return messages.ErrorResourceInitFailed(id=identity, properties=state, reasons=[reason], inputs=inputs)
