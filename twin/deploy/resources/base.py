"""What every handler of a resource type has in common.

A handler is a table of "arguments -> AWS calls" for one type. It takes and returns plain dictionaries with
the argument names of the provider's schema (camelCase) and knows nothing about how the program is run.
The `tags` it gets are the resource's own over the provider's default tags.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, ClassVar

from botocore.exceptions import ClientError

from twin.deploy.context import Aws
from twin.deploy.names import AutoName

Inputs = Mapping[str, Any]
Outputs = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Made:
    """A created resource: its physical identity and what AWS adds to its inputs."""

    identity: str
    outputs: Outputs = field(default_factory=dict)


class HalfMade(Exception):  # noqa: N818  (a state of the resource; the cause carries the error)
    """The resource exists under `identity`, but a later call of its creation failed with `cause`."""

    def __init__(self, identity: str, cause: Exception) -> None:
        super().__init__(str(cause))
        self.identity, self.cause = identity, cause


@contextmanager
def half_made(identity: str) -> Iterator[None]:
    """For what follows the call that creates: whatever fails inside leaves the resource half made.

    Without it the resource would be in no state, and the next deployment would make another.
    """
    try:
        yield
    except Exception as error:
        raise HalfMade(identity, error) from error


class Handler(ABC):
    """Create, read, update and delete of one resource type through the public AWS APIs."""

    pulumi_type: ClassVar[str]
    accepts: ClassVar[frozenset[str]]
    """Arguments that the handler acts on, as dotted paths (see twin.deploy.arguments)."""
    without_effect: ClassVar[Mapping[str, str]] = {}
    """Arguments that change nothing at AWS's side, each with the reason."""
    replaces: ClassVar[frozenset[str]] = frozenset()
    """Top-level arguments whose change makes a new resource."""
    autoname: ClassVar[AutoName | None] = None
    delete_before_replace: ClassVar[bool] = False

    def plan(self, aws: Aws, old: Inputs, new: Inputs) -> None:  # noqa: B027  (most types ask nothing)
        """The calls that the real provider makes while it plans, in a preview too; raises where one fails.

        `old` is empty for a new resource. `new` may lack arguments that are not known yet.
        """

    @abstractmethod
    def create(self, aws: Aws, inputs: Inputs) -> Made: ...

    @abstractmethod
    def read(self, aws: Aws, identity: str, inputs: Inputs) -> Outputs | None:
        """What AWS says about the resource, in the schema's output names; None when it is gone."""

    @abstractmethod
    def update(self, aws: Aws, identity: str, old: Inputs, new: Inputs) -> Outputs:
        """Makes the resource what `new` says. `old` is empty when its creation stopped half-way."""

    @abstractmethod
    def delete(self, aws: Aws, identity: str, inputs: Inputs, outputs: Mapping[str, Any]) -> None: ...


def paths(*names: str) -> frozenset[str]:
    """Dotted paths together with their parents: `replicas.regionName` also accepts `replicas`."""
    every: set[str] = set()
    for name in names:
        parts = [part for part in name.split(".") if part != "*"]
        every.update(".".join(parts[:count]) for count in range(1, len(parts) + 1))
        every.add(name)
    return frozenset(every)


def error_code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


def is_gone(error: ClientError) -> bool:
    """Whether AWS said that the thing does not exist, in any of its services' words."""
    code = error_code(error)
    return code in _GONE or code.startswith("NoSuch") or code.endswith(("NotFound", "NotFoundException"))


_GONE = frozenset({"404", "NoSuchEntity", "ResourceNotFoundException", "StateMachineDoesNotExist"})


def ignore_gone(call: Any, **arguments: Any) -> None:
    """Calls, and takes "does not exist" for done: used by deletions."""
    try:
        call(**arguments)
    except ClientError as error:
        if not is_gone(error):
            raise


def found(call: Any, **arguments: Any) -> Any | None:
    """The answer of a describing call, or None when the thing does not exist."""
    try:
        return call(**arguments)
    except ClientError as error:
        if is_gone(error):
            return None
        raise


def compact(**members: Any) -> dict[str, Any]:
    """Request members without those that were not given."""
    return {name: value for name, value in members.items() if value is not None}


def first(value: Any) -> Any:
    """A block that the schema gives either alone or as a list of at most one; None when absent."""
    if isinstance(value, list):
        return value[0] if value else None
    return value


def tag_list(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """Tags as most AWS APIs want them."""
    return [{"Key": key, "Value": value} for key, value in sorted(tags.items())]


def tags_of(tags: Mapping[str, str] | Iterable[Mapping[str, str]] | None) -> dict[str, str]:
    """Tags as the schema has them, in whichever of AWS's forms they come; AWS's own are left out."""
    pairs = tags.items() if isinstance(tags, Mapping) else ((tag["Key"], tag["Value"]) for tag in tags or ())
    return {key: value for key, value in pairs if not key.startswith("aws:")}


def tag_changes(old: Mapping[str, str], new: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """(tags to set, tag keys to remove)."""
    to_set = {key: value for key, value in new.items() if old.get(key) != value}
    return to_set, sorted(old.keys() - new.keys())
