"""Wires resources to one another: what one was given from another's outputs becomes a reference to it.

In a deployed stack's state all values are literals. What AWS chose (ids, ARNs, names of endpoints) will be
another value when the stack is made anew, so it is found again where it stands, the longest first, alone or
within a text, and written as Terraform's reference to the attribute that has it.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from tests.provider.translate import escaped

_CHOSEN_BY_AWS = re.compile(r"(^id|arn|_id|_arn|_name|_url|_value|fqdn|_token)$")
_SHORTEST = 8
"""Characters of the shortest value that is looked for: an API's id in the twin."""

References = Mapping[str, str]
"""By value, the expression that has it."""


def references(
    address: str, schema: Mapping[str, Any], outputs: Mapping[str, Any]
) -> Iterator[tuple[str, str]]:
    """Value and expression of each attribute of a resource that AWS chose; `outputs` by Terraform's names."""
    for name, value in outputs.items():
        expression = f"{address}.{name}"
        if isinstance(value, str) and len(value) >= _SHORTEST and _CHOSEN_BY_AWS.search(name):
            yield value, expression
        elif isinstance(value, list):
            ordered = f"tolist({expression})" if _is_set(schema, name) else expression
            for number, entry in enumerate(value):
                if isinstance(entry, Mapping):
                    yield from references(f"{ordered}[{number}]", {}, entry)


def wired(text: str, known: References) -> str:
    """The text with every known value replaced by its reference, and everything else meant literally."""
    values = sorted((value for value in known if value in text), key=len, reverse=True)
    if not values:
        return escaped(text)
    parts = re.split("(" + "|".join(map(re.escape, values)) + ")", text)
    return "".join(f"${{{known[part]}}}" if part in known else escaped(part) for part in parts)


def reachable(start: str, edges: Mapping[str, Iterable[str]]) -> set[str]:
    """What a resource depends on, directly or through others."""
    found: set[str] = set()
    ahead = list(edges.get(start, ()))
    while ahead:
        urn = ahead.pop()
        if urn not in found:
            found.add(urn)
            ahead.extend(edges.get(urn, ()))
    return found


def _is_set(schema: Mapping[str, Any], name: str) -> bool:
    attribute = schema.get("attributes", {}).get(name, {})
    return bool(attribute.get("type", [""])[0] == "set")
