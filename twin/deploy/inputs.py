"""Which arguments of a resource type its handler knows."""

from collections.abc import Iterator, Mapping
from typing import Any

from twin.deploy.errors import UnknownInputError


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
