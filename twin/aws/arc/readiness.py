"""ARC readiness check: its configuration API, served in us-west-2 alone as on AWS.

The twin keeps what is declared and audits nothing, so it lacks the operations that tell a readiness status.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from twin.aws.arc.readiness_state import CELL, GROUP, KINDS, SET, Item, Kind, ReadinessState
from twin.aws.own.contract import CallContext, Params, Permission, Result
from twin.aws.own.errors import ServiceError
from twin.aws.own.paging import page
from twin.settings import ARC_CONFIG_REGION


class ArcReadiness:
    """The service `route53-recovery-readiness`."""

    botocore_service = "route53-recovery-readiness"

    def __init__(self, state: ReadinessState) -> None:
        self._state = state
        self._operations: dict[str, Callable[[Params], Result]] = {
            "ListTagsForResources": lambda p: {"Tags": dict(state.by_arn(p["ResourceArn"]).tags)},
            "TagResource": self._tag,
            "UntagResource": self._untag,
        }
        for kind in KINDS:
            self._operations |= {
                f"Create{kind.word}": partial(self._create, kind),
                f"Get{kind.word}": partial(self._get, kind),
                f"Update{kind.word}": partial(self._update, kind),
                f"Delete{kind.word}": partial(self._delete, kind),
                f"List{kind.listed}": partial(self._list, kind),
            }

    @property
    def operations(self) -> frozenset[str]:
        """The operations that are implemented."""
        return frozenset(self._operations)

    def permissions(self, operation: str, params: Params) -> list[Permission]:
        """One on the resource that the call names; lists have none (Service Authorization Reference)."""
        action = f"{self.botocore_service}:{operation}"
        if "ResourceArn" in params:
            return [Permission(action=action, resource=params["ResourceArn"])]
        for kind in KINDS:
            if operation.removeprefix("Create") == kind.word:
                return [Permission(action=action, resource=self._state.arn(kind, "*"))]
            if operation.endswith(kind.word):
                return [Permission(action=action, resource=self._state.arn(kind, params[kind.name_member]))]
        return [Permission(action=action)]

    def call(self, operation: str, params: Params, ctx: CallContext) -> Result:
        """Answer an operation."""
        if ctx.region != ARC_CONFIG_REGION:
            raise ServiceError(
                "AccessDeniedException",
                f"Readiness check is configured in {ARC_CONFIG_REGION} only, not in {ctx.region}.",
            )
        return self._operations[operation](params)

    def _create(self, kind: Kind, params: Params) -> Result:
        item = self._state.create(
            kind, params[kind.name_member], _members(kind, params), params.get("Tags", {})
        )
        return self._described(kind, item)

    def _get(self, kind: Kind, params: Params) -> Result:
        return self._described(kind, self._state.item(kind, params[kind.name_member]))

    def _update(self, kind: Kind, params: Params) -> Result:
        item = self._state.update(kind, params[kind.name_member], _members(kind, params))
        return self._described(kind, item)

    def _delete(self, kind: Kind, params: Params) -> Result:
        self._state.delete(kind, params[kind.name_member])
        return {}

    def _list(self, kind: Kind, params: Params) -> Result:
        found = [self._described(kind, item) for item in self._state.items[kind].values()]
        return page(kind.listed, found, params)

    def _tag(self, params: Params) -> Result:
        self._state.by_arn(params["ResourceArn"]).tags.update(params["Tags"])
        return {}

    def _untag(self, params: Params) -> Result:
        tags = self._state.by_arn(params["ResourceArn"]).tags
        for key in params["TagKeys"]:
            tags.pop(key, None)
        return {}

    def _described(self, kind: Kind, item: Item) -> Result:
        described = {
            kind.name_member: item.name,
            kind.arn_member: item.arn,
            "Tags": dict(item.tags),
            **item.members,
        }
        if kind is CELL:
            described["ParentReadinessScopes"] = self._state.scopes_of(item.arn)
        return described


def _members(kind: Kind, params: Params) -> dict[str, Any]:
    """What a thing of the kind is made of, in the members of the shape that describes it."""
    if kind in (CELL, GROUP):
        return {"Cells": list(params.get("Cells", []))}
    if kind is SET:
        return {"ResourceSetType": params["ResourceSetType"], "Resources": list(params["Resources"])}
    # Asked for as ResourceSetName, described as ResourceSet.
    return {"ResourceSet": params["ResourceSetName"]}
