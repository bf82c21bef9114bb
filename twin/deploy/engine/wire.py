"""Pulumi's property values, as they travel between engine and provider, and the plain ones of handlers.

Special values are objects with a signature under one key (pulumi, developer docs, "Property values").
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from google.protobuf import struct_pb2

from twin.deploy.errors import ResourceError
from twin.deploy.values import LocalFile, Secret

SIGNATURE = "4dabf18193072939515e22adb298388d"
SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - a signature, no secret
ASSET = "c44067f5952c0a294b673a41bacd8c17"
ARCHIVE = "0def7320c3a5731c473e5ecbe6d01bc7"
OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
UNKNOWN_TEXT = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


class Unknown:
    """A value that is known only after something else was made; there is one such object."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN = Unknown()


def plain(properties: struct_pb2.Struct) -> dict[str, Any]:
    """Every property that is not null, by name."""
    return {
        name: _plain(value)
        for name, value in properties.fields.items()
        if value.WhichOneof("kind") != "null_value"
    }


def holds_unknown(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(holds_unknown(item) for item in value.values())
    if isinstance(value, list):
        return any(holds_unknown(item) for item in value)
    return value is UNKNOWN


def set_values(properties: struct_pb2.Struct, values: Mapping[str, Any]) -> None:
    """Writes plain values over what is there; None takes a property away."""
    for name, value in values.items():
        if value is None:
            properties.fields.pop(name, None)
        else:
            properties.fields[name].CopyFrom(_packed(value))


def _plain(value: struct_pb2.Value) -> Any:
    kind = value.WhichOneof("kind")
    if kind == "struct_value":
        return _object(value.struct_value)
    if kind == "list_value":
        return [_plain(item) for item in value.list_value.values]
    if kind == "number_value":
        number = value.number_value
        return int(number) if number.is_integer() else number
    if kind == "string_value":
        return UNKNOWN if value.string_value == UNKNOWN_TEXT else value.string_value
    if kind == "bool_value":
        return value.bool_value
    return None


def _object(struct: struct_pb2.Struct) -> Any:
    signature = struct.fields[SIGNATURE].string_value if SIGNATURE in struct.fields else None
    if signature is None:
        return plain(struct)
    if signature == SECRET:
        return Secret(value=_plain(struct.fields["value"]))
    if signature in (ASSET, ARCHIVE):
        return _file(struct)
    if signature == OUTPUT:
        return _plain(struct.fields["value"]) if "value" in struct.fields else UNKNOWN
    raise ResourceError(f"a value of the kind {signature} is not in the twin.")


def _file(struct: struct_pb2.Struct) -> LocalFile:
    path = struct.fields["path"].string_value if "path" in struct.fields else ""
    sha256 = struct.fields["hash"].string_value
    if not path and not sha256:
        raise ResourceError("an asset that is not a file is not in the twin: give a file.")
    return LocalFile(path=Path(path), sha256=sha256)


def _packed(value: Any) -> struct_pb2.Value:
    packed = struct_pb2.Value()
    if isinstance(value, Mapping):
        set_values(packed.struct_value, {str(key): item for key, item in value.items()})
        packed.struct_value.SetInParent()
    elif isinstance(value, list | tuple):
        packed.list_value.SetInParent()
        packed.list_value.values.extend(_packed(item) for item in value)
    elif isinstance(value, bool):
        packed.bool_value = value
    elif isinstance(value, int | float):
        packed.number_value = value
    elif isinstance(value, Unknown):
        packed.string_value = UNKNOWN_TEXT
    elif value is None:
        packed.null_value = struct_pb2.NULL_VALUE
    else:
        packed.string_value = str(value)
    return packed
