"""What a handler is given for a declared resource, whichever way the program is run."""

from collections.abc import Iterator, Mapping
from typing import Any

from twin.deploy.errors import UnknownInputError
from twin.deploy.resources.base import Handler
from twin.deploy.values import reveal

REGION = "region"
"""An argument of every regional type; the provider acts on it, not the type's handler."""


def accepted(handler: Handler) -> frozenset[str]:
    """Every argument of the type that may be given here, as dotted paths."""
    return handler.accepts | handler.without_effect.keys() | {REGION}


def refuse_unknown_to(handler: Handler, pulumi_type: str, inputs: Mapping[str, Any]) -> None:
    """Raises UnknownInputError for an argument that would have no effect here although it has one on AWS."""
    refuse_unknown(pulumi_type, reveal(inputs), accepted(handler))


def effective(handler: Handler, inputs: Mapping[str, Any], default_tags: Mapping[str, str]) -> dict[str, Any]:
    """The arguments less the region and what was left out, and with the provider's default tags."""
    given = {key: value for key, value in inputs.items() if value is not None and key != REGION}
    if "tags" in handler.accepts and (default_tags or "tags" in given):
        given["tags"] = {**default_tags, **(given.get("tags") or {})}
    return given


def outputs(inputs: Mapping[str, Any], made: Mapping[str, Any], region: str) -> dict[str, Any]:
    """What the program sees of a resource: its arguments, what AWS added, where it is, all its tags."""
    every: dict[str, Any] = {**inputs, **made, REGION: region}
    if "tags" in inputs:
        every["tagsAll"] = inputs["tags"]
    return every


def paths(value: Any, prefix: str = "") -> Iterator[str]:
    """Every argument in a value as a dotted path: `replicas.regionName`; positions in lists are left out."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            path = f"{prefix}.{key}" if prefix else key
            yield path
            yield from paths(item, path)
    elif isinstance(value, list):
        for item in value:
            yield from paths(item, prefix)


def refuse_unknown(token: str, inputs: Mapping[str, Any], accepted: frozenset[str]) -> None:
    """Raises UnknownInputError for an argument that is not among `accepted`.

    `accepted` holds dotted paths; one that ends in `.*` stands for any key there and everything below.
    """
    unknown = sorted({path for path in paths(inputs) if not _is_accepted(path, accepted)})
    if unknown:
        raise UnknownInputError(
            f"{token} was given {', '.join(unknown)}, which the twin's handler of this type does not know. "
            f"It would have no effect here although it has one on AWS. "
            f"Add it to the handler in twin/deploy/resources, or leave the argument out."
        )


def _is_accepted(path: str, accepted: frozenset[str]) -> bool:
    if path in accepted or f"{path}.*" in accepted:
        return True
    parts = path.split(".")
    return any(".".join([*parts[:count], "*"]) in accepted for count in range(1, len(parts)))
