"""What the AWS provider's own Python classes say about a resource type's arguments and outputs."""

import importlib
import inspect
import re
from collections.abc import Iterator
from functools import cache
from types import ModuleType
from typing import Any, cast

import pulumi
from pulumi import _types

_NOT_ARGUMENTS = {"self", "__self__", "resource_name", "opts", "__props__"}


@cache
def resource_class(pulumi_type: str) -> type[pulumi.CustomResource]:
    """The class that stands for `aws:dynamodb/table:Table`."""
    _, module_name, class_name = pulumi_type.split(":")
    name = module_name.split("/")[0]
    module = importlib.import_module(f"pulumi_aws.{'lambda_' if name == 'lambda' else name}")
    found = getattr(module, class_name)
    assert found.pulumi_type == pulumi_type
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
    found = resource_class(pulumi_type)
    names = _types.resource_py_to_pulumi_names(found)
    hints = inspect.get_annotations(found._internal_init)  # type: ignore[attr-defined]
    module = inspect.getmodule(found)
    assert module is not None
    package = importlib.import_module(module.__name__.rsplit(".", 1)[0])
    every = (
        _paths(names[name], hint, package)
        for name, hint in hints.items()
        if name not in _NOT_ARGUMENTS | {"return"}
    )
    return frozenset(path for paths in every for path in paths)


def _paths(path: str, hint: Any, package: ModuleType) -> Iterator[str]:
    yield path
    nested = re.findall(r"'(\w+Args)'", str(hint))
    if not nested:
        if "Mapping" in str(hint):
            yield f"{path}.*"
        return
    inner = getattr(package, nested[0])
    names = _types.input_type_py_to_pulumi_names(inner)
    for name, annotation in inspect.get_annotations(inner.__init__).items():
        if name in names:
            yield from _paths(f"{path}.{names[name]}", annotation, package)
