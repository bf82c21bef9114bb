"""The interface that a service implemented by the twin itself offers to the dispatcher."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

Params = Mapping[str, Any]
Result = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class CallContext:
    """Where a call arrived and who made it (`principal` is an ARN)."""

    region: str
    account_id: str
    principal: str


@dataclass(frozen=True, kw_only=True)
class Permission:
    """An IAM action on a resource, with the condition keys of the request.

    `{region}` in the resource stands for the region where the call arrived.
    """

    action: str
    resource: str = "*"
    context: Mapping[str, Any] | None = None


class OwnService(Protocol):
    """A service of AWS that the twin implements."""

    @property
    def botocore_service(self) -> str:
        """botocore's name of the service, which is its model's."""

    def permissions(self, operation: str, params: Params) -> list[Permission]:
        """The IAM permissions that a call needs."""

    def call(self, operation: str, params: Params, ctx: CallContext) -> Result:
        """The result of an operation, in the members of its output shape. Raises ServiceError."""
