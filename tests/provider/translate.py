"""Pulumi's arguments as Terraform's, by the schema that the provider itself prints.

pulumi-aws makes its names from the provider's: camel case, a plural where a value is a list, and a plain
object where a block may stand once. All of that is read back from the schema; `exceptions.py` has the rest.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from tests.provider import exceptions

Schema = Mapping[str, Any]


class UntranslatableError(Exception):
    """An argument that the provider's schema does not have, and that no exception names."""


def terraform_type(pulumi_type: str) -> str:
    """`aws:dynamodb/tableReplica:TableReplica` as `aws_dynamodb_table_replica`."""
    _, path, _ = pulumi_type.split(":")
    if path in exceptions.TYPES:
        return exceptions.TYPES[path]
    module, _, kind = path.partition("/")
    return f"aws_{exceptions.TYPES.get(module, module)}_{snake_case(kind)}"


def snake_case(name: str) -> str:
    """`s3KeyPrefix` as `s3_key_prefix`."""
    return re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name).lower()


def camel_case(name: str) -> str:
    """`s3_key_prefix` as `s3KeyPrefix`."""
    first, *others = name.split("_")
    return first + "".join(word[:1].upper() + word[1:] for word in others)


def plural(name: str) -> str:
    """As pulumi-aws forms it for the names that this program uses."""
    if name.endswith("y") and name[-2:-1] not in "aeiou":
        return f"{name[:-1]}ies"
    return name if name.endswith("s") else f"{name}s"


class Translator:
    """Translates the arguments of one resource type; `text` makes of a string what is to be written."""

    def __init__(self, kind: str, text: Callable[[str], str]) -> None:
        self._kind, self._text = kind, text

    def arguments(self, block: Schema, given: Mapping[str, Any]) -> dict[str, Any]:
        """Raises UntranslatableError."""
        return dict(self._block(block, given, self._kind))

    def _block(self, block: Schema, given: Mapping[str, Any], path: str) -> Iterator[tuple[str, Any]]:
        names = attribute_names(block, path)
        for key, value in given.items():
            where = f"{path}.{names.get(key, key)}"
            if where in exceptions.NEWER or value is None:
                continue
            if key not in names:
                raise UntranslatableError(f"{where}: the provider has {', '.join(sorted(names))}")
            yield names[key], self._member(block, names[key], value, where)

    def _member(self, block: Schema, name: str, value: Any, path: str) -> Any:
        attribute = block.get("attributes", {}).get(name)
        if attribute is None:
            inner = block["block_types"][name]["block"]
            return [dict(self._block(inner, one, path)) for one in _listed(value)]
        if "nested_type" in attribute:
            nested = attribute["nested_type"]
            made = [dict(self._block(nested, one, path)) for one in _listed(value)]
            return made if nested["nesting_mode"] in ("list", "set") else made[0]
        return self._value(attribute["type"], value, path)

    def _value(self, kind: Any, value: Any, path: str) -> Any:
        if isinstance(kind, str):
            return _scalar(kind, self._text(value) if isinstance(value, str) else value)
        shape, inner = kind
        if shape in ("list", "set"):
            return [self._value(inner, one, path) for one in _listed(value)]
        if shape == "map":
            return {self._text(key): self._value(inner, one, path) for key, one in value.items()}
        names = {camel_case(name): name for name in inner}
        return {names[key]: self._value(inner[names[key]], one, path) for key, one in value.items()}


def escaped(text: str) -> str:
    """A literal string as a template of Terraform's that means it."""
    return text.replace("${", "$${").replace("%{", "%%{")


def attribute_names(block: Schema, path: str) -> dict[str, str]:
    """Every name that Pulumi may use for a member of the block at `path`, and what it is in Terraform."""
    attributes, blocks = block.get("attributes", {}), block.get("block_types", {})
    plain = {camel_case(name): name for name in (*attributes, *blocks)}
    several = [name for name, one in attributes.items() if _is_list(one)]
    several += [name for name, one in blocks.items() if one["nesting_mode"] in ("list", "set")]
    renamed = exceptions.ARGUMENTS.get(path, {})
    return {**{camel_case(plural(name)): name for name in several}, **plain, **renamed}


def _is_list(attribute: Schema) -> bool:
    nesting = attribute.get("nested_type", {}).get("nesting_mode")
    return (nesting or attribute.get("type", "")[0]) in ("list", "set")


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _scalar(kind: str, value: Any) -> Any:
    if kind != "string" or isinstance(value, str):
        return value
    return str(value).lower() if isinstance(value, bool) else str(value)
