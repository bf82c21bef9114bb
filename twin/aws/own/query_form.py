"""The form of AWS's query protocol, as the structure that it spells out."""

from collections.abc import Mapping
from typing import Any


def nested(form: Mapping[str, Any]) -> dict[str, Any]:
    """`{"Dimensions.member.1.Name": ["a"]}` as `{"Dimensions": [{"Name": "a"}]}`; values stay texts."""
    root: dict[str, Any] = {}
    for name, value in form.items():
        node = root
        *parents, last = [part for part in name.split(".") if part != "member"]
        for part in parents:
            child = node.setdefault(part, {})
            node = child if isinstance(child, dict) else {}
        node[last] = value[0] if isinstance(value, list) else value
    found = _lists(root)
    return found if isinstance(found, dict) else {}


def _lists(node: Any) -> Any:
    if not isinstance(node, dict):
        return node
    if node and all(key.isdigit() for key in node):
        return [_lists(node[key]) for key in sorted(node, key=int)]
    return {key: _lists(value) for key, value in node.items()}
