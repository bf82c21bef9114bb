"""What the real provider gave for each attribute of each type: recorded here, held elsewhere.

`answers.json` has, by Pulumi's type or function and by the attribute's path, every kind of value
(`kinds.py`) that an attribute had after both stacks were made by the real provider. Attributes are named as
Pulumi names them, and blocks that stand once are plain objects, as the bridge makes them.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from tests.provider.kinds import kinds
from tests.provider.translate import Schema, attribute_names, camel_case, terraform_type
from twin.deploy import schema as sdk

FILE = Path(__file__).with_name("answers.json")
FUNCTIONS: Mapping[str, str] = {
    "aws_caller_identity": "aws:index/getCallerIdentity:getCallerIdentity",
    "aws_partition": "aws:index/getPartition:getPartition",
    "aws_region": "aws:index/getRegion:getRegion",
    "aws_route53_records": "aws:route53/getRecords:getRecords",
    "aws_route53_zone": "aws:route53/getZone:getZone",
}
Answers = dict[str, dict[str, list[str]]]


def recorded() -> Answers:
    """What `answers.json` has."""
    found: Answers = json.loads(FILE.read_text(encoding="utf-8"))
    return found


def write(answers: Answers) -> None:
    """One line a type, so that a change is a readable difference."""
    lines = [
        f"{json.dumps(kind)}: {json.dumps(answers[kind], sort_keys=True, separators=(',', ':'))}"
        for kind in sorted(answers)
    ]
    FILE.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


def answers(schema: Schema, state: Iterable[Mapping[str, Any]], types: Iterable[str]) -> Answers:
    """Kinds by type and attribute of a Terraform state; `types` are Pulumi's types of its resources."""
    names = {terraform_type(kind): kind for kind in types}
    found: dict[str, dict[str, set[str]]] = {}
    for entry in state:
        kind = names.get(entry["type"]) if entry["mode"] == "managed" else FUNCTIONS.get(entry["type"])
        if kind is None:
            continue
        for path, seen in kinds(_pulumi(schema, entry, kind)):
            found.setdefault(kind, {}).setdefault(path, set()).add(seen)
    return {kind: {path: sorted(seen) for path, seen in paths.items()} for kind, paths in found.items()}


def _pulumi(schema: Schema, entry: Mapping[str, Any], kind: str) -> dict[str, Any]:
    part = "resource_schemas" if entry["mode"] == "managed" else "data_source_schemas"
    block = schema[part][entry["type"]]["block"]
    known = sdk.outputs(kind) if entry["mode"] == "managed" else frozenset()
    return dict(_members(block, entry["values"], entry["type"], known))


def _members(
    block: Schema, values: Mapping[str, Any], path: str, known: frozenset[str]
) -> Iterator[tuple[str, Any]]:
    """The members of a block by Pulumi's names; `known` are those that its class has, where there is one."""
    for name, value in values.items():
        ways = [p for p, t in attribute_names(block, path).items() if t == name]
        pulumi_name = next((way for way in ways if way in known), ways[0] if _many(block, name) else ways[-1])
        inner = block.get("block_types", {}).get(name)
        if inner is None:
            yield pulumi_name, _plain(value)
            continue
        made = [dict(_members(inner["block"], one, f"{path}.{name}", frozenset())) for one in _listed(value)]
        yield pulumi_name, made if _many(block, name) else next(iter(made), None)


def _many(block: Schema, name: str) -> bool:
    inner = block.get("block_types", {}).get(name)
    if inner is not None:
        return inner["nesting_mode"] in ("list", "set") and inner.get("max_items") != 1
    return block["attributes"][name].get("type", [""])[0] in ("list", "set")


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _plain(value: Any) -> Any:
    """An attribute's value with Pulumi's names in it."""
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return (
        {camel_case(key): _plain(one) for key, one in value.items()} if isinstance(value, Mapping) else value
    )
