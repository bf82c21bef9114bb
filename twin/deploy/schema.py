"""What the AWS provider's own Python classes say about a resource type's arguments and outputs.

The provider package ships no schema; its classes are generated from it.
"""

import importlib
import inspect
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from types import ModuleType
from typing import Any, cast

import pulumi
from pulumi import _types

from twin.deploy.errors import UnknownResourceError

_NOT_ARGUMENTS = {"self", "__self__", "resource_name", "opts", "__props__"}


@cache
def resource_class(pulumi_type: str) -> type[pulumi.CustomResource]:
    """The class that stands for `aws:dynamodb/table:Table`."""
    _, module_name, class_name = pulumi_type.split(":")
    name = module_name.split("/")[0]
    module = importlib.import_module(f"pulumi_aws.{'lambda_' if name == 'lambda' else name}")
    found = getattr(module, class_name)
    if found.pulumi_type != pulumi_type:
        raise UnknownResourceError(f"pulumi_aws has no class for {pulumi_type}.")
    return cast("type[pulumi.CustomResource]", found)


@cache
def arguments(pulumi_type: str) -> frozenset[str]:
    """The names of a type's arguments, as they travel (camelCase)."""
    found = resource_class(pulumi_type)
    names = _types.resource_py_to_pulumi_names(found)
    given = inspect.signature(found._internal_init).parameters.keys() - _NOT_ARGUMENTS  # type: ignore[attr-defined]
    return frozenset(names[name] for name in given)


@cache
def outputs(pulumi_type: str) -> frozenset[str]:
    """The names of everything that a resource of this type has once it exists."""
    return frozenset(_types.resource_py_to_pulumi_names(resource_class(pulumi_type)).values())


@cache
def argument_paths(pulumi_type: str) -> frozenset[str]:
    """Every argument as a dotted path with what is in it; a map's free keys are `.*`."""
    return frozenset(path for path, _ in _arguments(pulumi_type))


@cache
def required(pulumi_type: str) -> frozenset[str]:
    """Arguments that must be given, as dotted paths; one inside a block must be where the block is."""
    return frozenset(path for path, needed in _arguments(pulumi_type) if needed)


def missing(pulumi_type: str, inputs: Mapping[str, Any]) -> list[str]:
    """Required arguments that are not given, as dotted paths."""
    return sorted(
        path
        for path in required(pulumi_type)
        for block in _blocks(inputs, path.split(".")[:-1])
        if block.get(path.rsplit(".", 1)[-1]) is None
    )


def _blocks(value: Any, path: Sequence[str]) -> Iterator[Mapping[str, Any]]:
    """Every object at a path; positions in lists are left out of it."""
    if isinstance(value, list):
        for item in value:
            yield from _blocks(item, path)
    elif isinstance(value, Mapping):
        if path:
            yield from _blocks(value.get(path[0]), path[1:])
        else:
            yield value


@cache
def _arguments(pulumi_type: str) -> tuple[tuple[str, bool], ...]:
    """Every argument's path, and whether it must be given."""
    found = resource_class(pulumi_type)
    names = _types.resource_py_to_pulumi_names(found)
    hints = inspect.get_annotations(found._internal_init)  # type: ignore[attr-defined]
    module = inspect.getmodule(found)
    package = importlib.import_module(module.__name__.rsplit(".", 1)[0]) if module else ModuleType("")
    # Where a nested type already has the name <Class>Args, the resource's own is <Class>InitArgs.
    own = getattr(module, f"{found.__name__}InitArgs", None) or getattr(module, f"{found.__name__}Args")
    needed = _without_default(own)
    every = (
        _paths(names[name], hint, package, needed=name in needed)
        for name, hint in hints.items()
        if name not in _NOT_ARGUMENTS | {"return"}
    )
    return tuple(entry for entries in every for entry in entries)


def _paths(path: str, hint: Any, package: ModuleType, *, needed: bool) -> Iterator[tuple[str, bool]]:
    yield path, needed
    nested = re.findall(r"'(\w+Args)'", str(hint))
    if not nested:
        if "Mapping" in str(hint):
            yield f"{path}.*", False
        return
    inner = getattr(package, nested[0])
    names = _types.input_type_py_to_pulumi_names(inner)
    required = _without_default(inner)
    for name, annotation in inspect.get_annotations(inner.__init__).items():
        if name in names:
            yield from _paths(f"{path}.{names[name]}", annotation, package, needed=name in required)


def _without_default(arguments_class: type) -> frozenset[str]:
    parameters = inspect.signature(arguments_class).parameters.values()
    return frozenset(p.name for p in parameters if p.default is inspect.Parameter.empty)
