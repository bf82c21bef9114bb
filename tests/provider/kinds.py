"""What kind of value an attribute has: null, empty, or of which recognisable form."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

FREE = frozenset({"tags", "tagsAll", "triggers", "variables", "environmentVariables", "dimensions"})
"""Attributes whose keys are anybody's; what is in them is not looked at."""
_FORMS = (
    ("arn", re.compile(r"arn:aws[\w-]*:.*")),
    ("url", re.compile(r"\w+://.*")),
    ("time", re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d.*")),
    ("json", re.compile(r"[\[{].*[\]}]", re.DOTALL)),
)


def kind_of(value: Any) -> str:
    """`null`, `""`, `[]` and `{}`; `bool`, `number`, a string's form or `string`; `list` or `object`."""
    if value is None:
        return "null"
    if isinstance(value, str):
        return _form(value)
    if isinstance(value, list):
        return "list" if value else "[]"
    if isinstance(value, Mapping):
        return "object" if value else "{}"
    return "bool" if isinstance(value, bool) else "number"


def _form(text: str) -> str:
    if not text:
        return '""'
    return next((name for name, pattern in _FORMS if pattern.fullmatch(text)), "string")


def kinds(value: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Path and kind of every attribute, and of what is in it; positions in lists are `[]`."""
    for name, inner in value.items():
        path = f"{prefix}{name}"
        yield path, kind_of(inner)
        for entry in inner if isinstance(inner, list) else [inner]:
            if isinstance(entry, Mapping) and name not in FREE:
                yield from kinds(entry, f"{path}[]." if isinstance(inner, list) else f"{path}.")
