"""What differs between two sets of arguments, by property path, and where AWS has something else."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Literal

from twin.deploy.values import LocalFile

Kind = Literal["add", "delete", "update"]


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Kind]:
    """Property paths (`code`, `settings.loggingLevel`, `layers[1]`) with what happened to each.

    An unknown value differs from every known one.
    """
    return dict(_in_mapping("", old, new))


def top_level(path: str) -> str:
    """The argument that a property path is in."""
    return path.split(".", 1)[0].split("[", 1)[0]


def _in_mapping(prefix: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[tuple[str, Kind]]:
    for key in sorted(old.keys() | new.keys()):
        yield from _in_value(_joined(prefix, key), old.get(key), new.get(key))


def _in_value(path: str, old: Any, new: Any) -> Iterator[tuple[str, Kind]]:
    if old == new:
        return
    if old is None:
        yield path, "add"
    elif new is None:
        yield path, "delete"
    elif isinstance(old, Mapping) and isinstance(new, Mapping):
        yield from _in_mapping(path, old, new)
    elif isinstance(old, list) and isinstance(new, list):
        for number in range(max(len(old), len(new))):
            yield from _in_value(f"{path}[{number}]", _item(old, number), _item(new, number))
    else:
        yield path, "update"


def _item(values: list[Any], number: int) -> Any:
    return values[number] if number < len(values) else None


def _joined(prefix: str, key: str) -> str:
    if not key.replace("_", "").isalnum():
        return f"{prefix}[{json.dumps(key)}]"
    return f"{prefix}.{key}" if prefix else key


def observed(given: Mapping[str, Any], seen: Mapping[str, Any], free_maps: frozenset[str]) -> dict[str, Any]:
    """The arguments with what AWS really has, where that is something else.

    `seen` is what AWS says, in the same names; it may lack arguments, and may have more inside a block than
    was given (AWS fills in defaults). In `free_maps`, like tags, every key counts.
    """
    return {
        name: value
        if name not in seen or seen[name] is None or _same(name, value, seen[name], free_maps)
        else seen[name]
        for name, value in given.items()
    }


def _same(path: str, given: Any, seen: Any, free_maps: frozenset[str]) -> bool:
    if given == seen or isinstance(given, LocalFile) or (not given and not seen):
        return True
    if isinstance(given, list) != isinstance(seen, list):
        # A block that the schema gives either alone or as a list of one.
        given, seen = (value if isinstance(value, list) else [value] for value in (given, seen))
    if isinstance(given, Mapping) and isinstance(seen, Mapping):
        if path in free_maps:
            return given.keys() == seen.keys() and all(str(given[key]) == str(seen[key]) for key in given)
        return all(
            key not in seen or _same(f"{path}.{key}", value, seen[key], free_maps)
            for key, value in given.items()
        )
    if isinstance(given, list) and isinstance(seen, list):
        return _same_items(path, given, seen, free_maps)
    return isinstance(given, str) and isinstance(seen, str) and _same_json(given, seen)


def _same_items(path: str, given: list[Any], seen: list[Any], free_maps: frozenset[str]) -> bool:
    """In any order: AWS returns most lists in an order of its own."""
    left = list(seen)
    for item in given:
        match = next((other for other in left if _same(path, item, other, free_maps)), None)
        if match is None:
            return False
        left.remove(match)
    return not left


def _same_json(given: str, seen: str) -> bool:
    try:
        return bool(json.loads(given) == json.loads(seen))
    except ValueError:
        return False
