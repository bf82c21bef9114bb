"""The emulator's internals that the twin relies on: declared, checked at start, replaced in one way.

The emulator has no public Python API and changes often. Every name that a module of this package reads or
replaces is declared here with the signature it was built on, so that another version of the emulator stops
the twin at its start with the list of what changed, not with an odd answer later.
"""

import importlib
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from twin.errors import EmulatorChangedError


@dataclass(frozen=True, kw_only=True)
class HookedName:
    """A name inside the emulator.

    `module` is the full module name, `attribute` the name in it (dots for members), `signature` the names of
    a callable's parameters as Python writes them without annotations and defaults, e.g.
    `(method, path, *, timeout)`; an empty signature asks only that the name exists.
    """

    module: str
    attribute: str
    signature: str = ""


_declared: dict[tuple[str, str], HookedName] = {}
_originals: dict[tuple[str, str], Any] = {}


def declare(*names: HookedName) -> None:
    """Add names to those checked at start. Declaring a name twice with different signatures is an error."""
    for name in names:
        key = (name.module, name.attribute)
        known = _declared.setdefault(key, name)
        if known != name:
            raise ValueError(f"{name.module}.{name.attribute} is declared twice, with different signatures")


def declared() -> tuple[HookedName, ...]:
    """All declared names."""
    return tuple(_declared.values())


def verify() -> None:
    """Raise EmulatorChangedError naming every declared name that is missing or has another signature."""
    problems = [problem for name in _declared.values() if (problem := _problem(name))]
    if problems:
        raise EmulatorChangedError(
            "the installed ministack is not the version this twin was built on: "
            + "; ".join(problems)
            + ". Install the version that requirements-dev.txt pins."
        )


def replace(name: HookedName, make: Callable[[Any], Any]) -> Any:
    """Replace a name by `make(original)`; returns the original. A second replacement wraps the first."""
    declare(name)
    problem = _problem(name)
    if problem:
        raise EmulatorChangedError(f"cannot hook the emulator: {problem}")
    owner, attribute = _owner(name)
    original = getattr(owner, attribute)
    _originals.setdefault((name.module, name.attribute), original)
    setattr(owner, attribute, make(original))
    return original


def restore_all() -> None:
    """Put every replaced name back (tests)."""
    for (module, attribute), original in _originals.items():
        owner, last = _owner(HookedName(module=module, attribute=attribute))
        setattr(owner, last, original)
    _originals.clear()


def _owner(name: HookedName) -> tuple[Any, str]:
    owner: Any = importlib.import_module(name.module)
    *path, attribute = name.attribute.split(".")
    for part in path:
        owner = getattr(owner, part)
    return owner, attribute


def _problem(name: HookedName) -> str | None:
    where = f"{name.module}.{name.attribute}"
    try:
        owner, attribute = _owner(name)
        value = _originals.get((name.module, name.attribute)) or getattr(owner, attribute)
    except (ImportError, AttributeError):
        return f"{where} is missing"
    if not name.signature:
        return None
    found = parameter_names(value)
    return None if found == name.signature else f"{where} takes {found}, expected {name.signature}"


def parameter_names(value: Any) -> str:
    """A callable's parameters without annotations and defaults: `(a, b, *args, c, **rest)`."""
    signature = inspect.signature(value)
    bare = [
        parameter.replace(annotation=inspect.Parameter.empty, default=inspect.Parameter.empty)
        for parameter in signature.parameters.values()
    ]
    return str(inspect.Signature(bare))
