"""The state of ARC readiness check: cells, recovery groups, resource sets, readiness checks. Pure.

Names, limits and forms of ARNs are those of the Recovery Readiness API's model, of CloudFormation's reference
and of the ARC developer guide ("Resource types and ARN formats"). A name is unique in its kind and account.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from twin.aws.own.errors import ServiceError

NAME = re.compile(r"[a-zA-Z0-9_]{1,64}")
RESOURCES_PER_SET = 6

ARN_FORMS: Mapping[str, re.Pattern[str]] = {
    "AWS::ApiGateway::Stage": re.compile(
        r"arn:aws:apigateway:[a-z0-9-]+:\d{12}:/restapis/[a-z0-9]+/stages/[A-Za-z0-9_-]+"
    ),
    "AWS::Lambda::Function": re.compile(r"arn:aws:lambda:[a-z0-9-]+:\d{12}:function:[A-Za-z0-9_-]+"),
    "AWS::DynamoDB::Table": re.compile(r"arn:aws:dynamodb:[a-z0-9-]+:\d{12}:table/[A-Za-z0-9_.-]+"),
}
"""The types that the twin has, with the form of ARN that ARC wants."""


@dataclass(kw_only=True)
class Item:
    """One thing: its ARN, its name, what it was made of in the members of its shape, and its tags."""

    arn: str
    name: str
    members: dict[str, Any]
    tags: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One of the four kinds: how its ARNs, its members and its operations call it."""

    arn_word: str
    word: str
    listed: str

    @property
    def name_member(self) -> str:
        return f"{self.word}Name"

    @property
    def arn_member(self) -> str:
        return f"{self.word}Arn"


CELL = Kind(arn_word="cell", word="Cell", listed="Cells")
GROUP = Kind(arn_word="recovery-group", word="RecoveryGroup", listed="RecoveryGroups")
SET = Kind(arn_word="resource-set", word="ResourceSet", listed="ResourceSets")
CHECK = Kind(arn_word="readiness-check", word="ReadinessCheck", listed="ReadinessChecks")
KINDS = (CELL, GROUP, SET, CHECK)


class ReadinessState:
    """Everything that readiness check knows in one account."""

    def __init__(self, account_id: str) -> None:
        self.account_id = account_id
        self.items: dict[Kind, dict[str, Item]] = {kind: {} for kind in KINDS}

    def arn(self, kind: Kind, name: str) -> str:
        return f"arn:aws:route53-recovery-readiness::{self.account_id}:{kind.arn_word}/{name}"

    def create(self, kind: Kind, name: str, members: Mapping[str, Any], tags: Mapping[str, str]) -> Item:
        """A new one; ConflictException where there is one of the name."""
        if not NAME.fullmatch(name):
            raise _invalid(f"{kind.name_member} {name!r} must be 1 to 64 letters, digits and underscores.")
        if name in self.items[kind]:
            raise ServiceError("ConflictException", f"There is already a {kind.arn_word} named {name}.")
        self._check(kind, members)
        item = Item(arn=self.arn(kind, name), name=name, members=dict(members), tags=dict(tags))
        self.items[kind][name] = item
        return item

    def item(self, kind: Kind, name: str) -> Item:
        """One by name; ResourceNotFoundException when there is none."""
        found = self.items[kind].get(name)
        if found is None:
            raise _not_found(f"There is no {kind.arn_word} named {name}.")
        return found

    def update(self, kind: Kind, name: str, members: Mapping[str, Any]) -> Item:
        item = self.item(kind, name)
        if kind is SET and members["ResourceSetType"] != item.members["ResourceSetType"]:
            raise _invalid("The type of a resource set cannot be changed.")
        self._check(kind, members)
        item.members.update(members)
        return item

    def delete(self, kind: Kind, name: str) -> None:
        """Refused while something else names it: what AWS does is not said, and this finds wrong orders."""
        item = self.item(kind, name)
        for other in self._all():
            if item.arn in _named_by(other) or (kind is SET and other.members.get("ResourceSet") == name):
                raise _invalid(f"{item.arn} is in use by {other.arn}.")
        del self.items[kind][name]

    def by_arn(self, arn: str) -> Item:
        """One by ARN, for its tags; ResourceNotFoundException when there is none."""
        for item in self._all():
            if item.arn == arn:
                return item
        raise _not_found(f"There is no resource {arn}.")

    def scopes_of(self, arn: str) -> list[str]:
        """The cells and recovery groups that a cell is in."""
        parents = (*self.items[CELL].values(), *self.items[GROUP].values())
        return [parent.arn for parent in parents if arn in parent.members.get("Cells", [])]

    def _all(self) -> list[Item]:
        return [item for items in self.items.values() for item in items.values()]

    def _check(self, kind: Kind, members: Mapping[str, Any]) -> None:
        known = {item.arn for item in (*self.items[CELL].values(), *self.items[GROUP].values())}
        for cell in members.get("Cells", []):
            if cell not in known:
                raise _invalid(f"There is no cell {cell}.")
        if kind is CHECK and members["ResourceSet"] not in self.items[SET]:
            raise _invalid(f"There is no resource set named {members['ResourceSet']}.")
        if kind is SET:
            _check_resources(members["ResourceSetType"], members["Resources"], known)


def _named_by(item: Item) -> set[str]:
    scopes = {scope for r in item.members.get("Resources", []) for scope in r.get("ReadinessScopes", [])}
    return {*item.members.get("Cells", []), *scopes}


def _check_resources(kind: str, resources: list[dict[str, Any]], scopes: set[str]) -> None:
    form = ARN_FORMS.get(kind)
    if form is None:
        raise ServiceError("NotImplemented", f"not in the twin: resource sets of {kind}", status=501)
    if not 1 <= len(resources) <= RESOURCES_PER_SET:
        raise _invalid(f"A resource set holds 1 to {RESOURCES_PER_SET} resources, not {len(resources)}.")
    for resource in resources:
        if not form.fullmatch(resource.get("ResourceArn", "")):
            raise _invalid(f"{resource.get('ResourceArn')!r} is not the ARN of an {kind}.")
        for scope in resource.get("ReadinessScopes", []):
            if scope not in scopes:
                raise _invalid(f"There is no cell or recovery group {scope}.")


def _invalid(message: str) -> ServiceError:
    return ServiceError("ValidationException", message)


def _not_found(message: str) -> ServiceError:
    return ServiceError("ResourceNotFoundException", message)
