"""AWS's query protocol, driven by botocore's model of a service: forms to parameters, results to XML."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from xml.sax.saxutils import escape

from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape

_NUMBERS = {"integer": int, "long": int, "float": float, "double": float}


def parameters(operation: OperationModel, form: Mapping[str, Any]) -> dict[str, Any]:
    """The operation's input as its JSON protocol has it, without members that the model does not know."""
    shape = operation.input_shape
    return _typed(shape, nested(form)) if shape else {}


def result_xml(operation: OperationModel, result: Mapping[str, Any]) -> str:
    """What stands inside `<OperationResponse>` beside the metadata."""
    shape = operation.output_shape
    if shape is None:
        return ""
    wrapper = shape.serialization.get("resultWrapper") or f"{operation.name}Result"
    return f"<{wrapper}>{_members(shape, result)}</{wrapper}>"


def _typed(shape: Shape, value: Any) -> Any:
    if isinstance(shape, StructureShape):
        known = value if isinstance(value, dict) else {}
        return {name: _typed(member, known[name]) for name, member in shape.members.items() if name in known}
    if isinstance(shape, ListShape):
        return [_typed(shape.member, item) for item in value] if isinstance(value, list) else []
    if shape.type_name in _NUMBERS:
        return _NUMBERS[shape.type_name](float(value))
    if shape.type_name == "boolean":
        return str(value).lower() == "true"
    return value


def _members(shape: StructureShape, value: Mapping[str, Any]) -> str:
    return "".join(
        f"<{name}>{_xml(member, value[name])}</{name}>"
        for name, member in shape.members.items()
        if value.get(name) is not None
    )


def _xml(shape: Shape, value: Any) -> str:
    if isinstance(shape, StructureShape):
        return _members(shape, value)
    if isinstance(shape, ListShape):
        return "".join(f"<member>{_xml(shape.member, item)}</member>" for item in value)
    if isinstance(shape, MapShape):
        return "".join(
            f"<entry><key>{escape(str(key))}</key><value>{_xml(shape.value, item)}</value></entry>"
            for key, item in value.items()
        )
    if shape.type_name == "boolean":
        return "true" if value else "false"
    if shape.type_name == "timestamp" and isinstance(value, int | float):
        return datetime.fromtimestamp(value, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return escape(str(value))


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
