"""An API as an imported document defines it: plain data in the form the control plane stores."""

from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


@dataclass(kw_only=True)
class ApiDefinition:
    """`methods` are by path and HTTP method, the others by name; `settings` holds members of RestApi."""

    name: str
    description: str | None = None
    version: str | None = None
    methods: dict[str, dict[str, Json]] = field(default_factory=dict)
    models: dict[str, Json] = field(default_factory=dict)
    validators: dict[str, Json] = field(default_factory=dict)
    gateway_responses: dict[str, Json] = field(default_factory=dict)
    settings: Json = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
