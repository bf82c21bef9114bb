"""Decides for each declared resource what is to be done, and does it through its handler.

It knows nothing about Pulumi's runtime: a declaration goes in as plain values, outputs come out.
"""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from twin.deploy import arguments, explain, provider
from twin.deploy.clients import Clients
from twin.deploy.context import Aws
from twin.deploy.errors import ProtectedError, ResourceError
from twin.deploy.in_process.state import StackState, StoredResource
from twin.deploy.progress import Progress
from twin.deploy.provider import ProviderSettings
from twin.deploy.resources.base import HalfMade, Handler
from twin.deploy.resources.registry import handler_of
from twin.deploy.values import changed_keys, reveal, storable


@dataclass(frozen=True, kw_only=True)
class Declaration:
    """One resource as the program declares it."""

    urn: str
    type: str
    name: str
    inputs: Mapping[str, Any]
    provider: str = ""
    """URN of the provider resource, empty when the program gave none."""
    dependencies: tuple[str, ...] = ()
    protect: bool = False
    retain: bool = False
    ignore_changes: tuple[str, ...] = ()
    replace_on_changes: tuple[str, ...] = ()
    delete_before_replace: bool = False


@dataclass(frozen=True, kw_only=True)
class DeployedResource:
    identity: str
    outputs: dict[str, Any]


@dataclass(kw_only=True)
class Engine:
    """One deployment of one stack."""

    state: StackState
    clients: Clients
    progress: Progress
    fallback_endpoint: str | None = None
    failures: list[str] = field(default_factory=list)
    expected: set[tuple[str, str]] = field(default_factory=set)
    """Types and names that the program declares, where known before the first is acted on; else empty."""
    _seen: set[str] = field(default_factory=set)
    _aws: dict[str, Aws] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def declare_provider(self, urn: str, name: str, inputs: Mapping[str, Any]) -> DeployedResource:
        settings = ProviderSettings.from_inputs(name, reveal(inputs))
        self._note(urn)
        aws = Aws(settings, self.clients, fallback_endpoint=self.fallback_endpoint)
        if settings.allowed_account_ids:
            # As the real provider: asked while it is configured, before any resource.
            explain.guarded(provider.PULUMI_TYPE, name, lambda: aws.account_id)
        self._aws[urn] = aws
        self.state.remember_provider(urn, storable(inputs))
        return DeployedResource(identity=f"{name}-provider", outputs=dict(inputs))

    def aws_of(self, provider_urn: str, what: str) -> Aws:
        """The AWS that a resource or an invoke belongs to. ResourceError without a provider."""
        aws = self._aws.get(provider_urn)
        if aws is None:
            raise ResourceError(
                f"Default provider for 'aws' disabled. {what} must use an explicit provider: "
                f"pass provider= or parent= of a component that has one."
            )
        return aws

    def declare(self, given: Declaration) -> DeployedResource:
        """Creates, updates, replaces or leaves the resource. Raises ResourceError with the whole message."""
        self._note(given.urn)
        self._refuse_losses()
        started = time.monotonic()
        handler = handler_of(given.type)
        aws = self.aws_of(given.provider, f"{given.type} {given.name!r}")
        arguments.refuse_unknown_to(handler, given.type, given.inputs)
        aws = aws.in_region(str(reveal(given.inputs.get(arguments.REGION)) or aws.region))
        old = self.state.get(given.urn)
        self.progress.begun(given.type, given.name)
        inputs = self._effective_inputs(given, handler, aws, old)
        what, kept = explain.guarded(
            given.type, given.name, lambda: self._settle(given, handler, aws, old, inputs), aws.region
        )
        self.progress.done(
            what, given.type, given.name, None if what == "unchanged" else time.monotonic() - started
        )
        return DeployedResource(identity=kept.identity, outputs=self._outputs(given, aws, inputs, kept))

    def look_up(self, pulumi_type: str, name: str, provider_urn: str, identity: str) -> dict[str, Any]:
        """The outputs of a resource that exists already and is not this stack's. Raises ResourceError."""
        handler = handler_of(pulumi_type)
        aws = self.aws_of(provider_urn, f"{pulumi_type} {name!r}")
        found: dict[str, Any] | None = explain.guarded(
            pulumi_type, name, lambda: handler.read(aws, identity, {}), aws.region
        )
        if found is None:
            raise ResourceError(
                f"{pulumi_type} {name!r}: resource {identity!r} does not exist in {aws.region}."
            )
        return found

    def delete_gone(self) -> None:
        """Deletes what earlier deployments made and this one neither declares nor still uses."""
        gone = {
            key for key, kept in self.state.resources.items() if kept.obsolete or kept.urn not in self._seen
        }
        self.delete(gone)

    def delete(self, keys: set[str]) -> None:
        """Deletes, dependents first. Raises ProtectedError before anything is deleted."""
        order = list(self.state.in_deletion_order(keys))
        for kept in order:
            self._refuse_protected(kept, "delete")
        for kept in order:
            started = time.monotonic()
            if not kept.retain:
                handler = handler_of(kept.type)
                aws = self._aws_of_kept(kept)
                explain.guarded(
                    kept.type,
                    kept.name,
                    lambda h=handler, a=aws, k=kept: h.delete(a, k.identity, k.inputs, k.outputs),  # type: ignore[misc]
                    aws.region,
                )
            self.state.remove(kept)
            self.progress.done(
                "retained" if kept.retain else "deleted", kept.type, kept.name, time.monotonic() - started
            )

    def _settle(
        self,
        given: Declaration,
        handler: Handler,
        aws: Aws,
        old: StoredResource | None,
        inputs: dict[str, Any],
    ) -> tuple[str, StoredResource]:
        if old is None:
            handler.plan(aws, {}, reveal(inputs))
            return "created", self._create(given, handler, aws, inputs)
        changed = changed_keys(old.inputs, storable(inputs))
        if changed:
            handler.plan(aws, old.inputs, reveal(inputs))
        if old.region != aws.region or changed & (handler.replaces | set(given.replace_on_changes)):
            return "replaced", self._replace(given, handler, aws, old, inputs)
        if changed or old.half_made:
            before = {} if old.half_made else old.inputs
            outputs = handler.update(aws, old.identity, before, reveal(inputs))
            return "updated", self._keep(given, aws, old.identity, inputs, outputs)
        kept = replace(old, dependencies=given.dependencies, protect=given.protect, retain=given.retain)
        if kept != old:
            self.state.put(kept)
        return "unchanged", kept

    def _create(
        self, given: Declaration, handler: Handler, aws: Aws, inputs: dict[str, Any]
    ) -> StoredResource:
        try:
            made = handler.create(aws, reveal(inputs))
        except HalfMade as half:
            self._keep(given, aws, half.identity, inputs, {}, half_made=True)
            raise half.cause from half
        return self._keep(given, aws, made.identity, inputs, made.outputs)

    def _replace(
        self, given: Declaration, handler: Handler, aws: Aws, old: StoredResource, inputs: dict[str, Any]
    ) -> StoredResource:
        self._refuse_protected(old, "replace")
        named = handler.autoname and handler.autoname.argument in given.inputs
        if handler.delete_before_replace or given.delete_before_replace or named:
            handler.delete(self._aws_of_kept(old), old.identity, old.inputs, old.outputs)
            self.state.remove(old)
            return self._create(given, handler, aws, inputs)
        if handler.autoname:
            inputs[handler.autoname.argument] = handler.autoname.make(given.type, given.name)
        made = handler.create(aws, reveal(inputs))
        # The old one goes at the end of the deployment, when nothing uses it any more.
        self.state.put(replace(old, obsolete=True))
        return self._keep(given, aws, made.identity, inputs, made.outputs)

    def _keep(
        self,
        given: Declaration,
        aws: Aws,
        identity: str,
        inputs: dict[str, Any],
        outputs: Mapping[str, Any],
        *,
        half_made: bool = False,
    ) -> StoredResource:
        kept = StoredResource(
            urn=given.urn,
            type=given.type,
            name=given.name,
            identity=identity,
            region=aws.region,
            provider=given.provider,
            inputs=storable(inputs),
            outputs=storable(outputs),
            dependencies=given.dependencies,
            protect=given.protect,
            retain=given.retain,
            half_made=half_made,
        )
        self.state.put(kept)
        return kept

    def _effective_inputs(
        self, given: Declaration, handler: Handler, aws: Aws, old: StoredResource | None
    ) -> dict[str, Any]:
        """The inputs with default tags, the generated name, and earlier values where changes are ignored."""
        inputs = arguments.effective(handler, given.inputs, aws.settings.default_tags)
        autoname = handler.autoname
        if autoname and not inputs.get(autoname.argument):
            kept_name = old.inputs.get(autoname.argument) if old else None
            inputs[autoname.argument] = kept_name or autoname.make(given.type, given.name)
        if old is not None and not old.half_made:
            for key in given.ignore_changes:
                inputs.pop(key, None)
                if key in old.inputs:
                    inputs[key] = old.inputs[key]
        return inputs

    def _outputs(
        self, given: Declaration, aws: Aws, inputs: Mapping[str, Any], kept: StoredResource
    ) -> dict[str, Any]:
        outputs = arguments.outputs(inputs, kept.outputs, aws.region)
        if "tags" in inputs:
            outputs["tags"] = given.inputs.get("tags")
        return outputs

    def _aws_of_kept(self, kept: StoredResource) -> Aws:
        aws = self._aws.get(kept.provider)
        if aws is None:
            settings = ProviderSettings.from_inputs(kept.provider, self.state.providers[kept.provider])
            aws = self._aws[kept.provider] = Aws(
                settings, self.clients, fallback_endpoint=self.fallback_endpoint
            )
        return aws.in_region(kept.region)

    def _refuse_losses(self) -> None:
        """Refuses before anything is changed what would end in the deletion of something protected."""
        for kept in list(self.state.resources.values()):
            if self.expected and (kept.type, kept.name) not in self.expected:
                self._refuse_protected(kept, "delete")

    def _refuse_protected(self, kept: StoredResource, verb: str) -> None:
        if kept.protect and not kept.obsolete:
            raise ProtectedError(
                f"{kept.type} {kept.name!r}: this deployment would {verb} it, but it is protected. "
                f"Deploy once with protect=false if that is meant, then again."
            )

    def _note(self, urn: str) -> None:
        with self._lock:
            if urn in self._seen:
                raise ResourceError(f"Duplicate resource URN {urn!r}; try giving it a unique name.")
            self._seen.add(urn)
