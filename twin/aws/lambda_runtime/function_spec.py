"""What a worker needs to know of one version of a function, as plain data."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property


@dataclass(frozen=True, kw_only=True)
class Package:
    """A zip of code or of a layer; ``digest`` names its unpacked copy on disk."""

    digest: str
    content: bytes = field(repr=False, compare=False)

    @classmethod
    def of(cls, content: bytes) -> "Package":
        return cls(digest=hashlib.sha256(content).hexdigest(), content=content)


@dataclass(frozen=True, kw_only=True)
class LogSettings:
    """A function's logging configuration: format ``Text`` or ``JSON``, levels only with ``JSON``."""

    group: str
    format: str = "Text"
    application_level: str = ""
    system_level: str = ""


@dataclass(frozen=True, kw_only=True)
class FunctionSpec:
    """One version of a function. ``timeout`` is in seconds, ``memory`` in MB."""

    account: str
    region: str
    name: str
    version: str
    arn: str
    runtime: str
    handler: str
    role: str
    timeout: float
    memory: int
    code: Package
    layers: tuple[Package, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    logs: LogSettings

    @property
    def key(self) -> tuple[str, str, str]:
        return self.region, self.name, self.version

    @cached_property
    def fingerprint(self) -> str:
        """Equal for two specs that one worker can serve; another code or configuration needs a new worker."""
        parts = [
            self.runtime,
            self.handler,
            self.role,
            self.timeout,
            self.memory,
            self.code.digest,
            [layer.digest for layer in self.layers],
            sorted(self.environment.items()),
            [self.logs.group, self.logs.format, self.logs.application_level, self.logs.system_level],
        ]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


@dataclass(frozen=True, kw_only=True)
class InvocationResult:
    """The end of one invocation: the payload, and whether it is a function error (Lambda's ``Unhandled``)."""

    payload: bytes
    failed: bool = False
    request_id: str = ""
    log_tail: str = ""
