"""How a configuration key is declared, and how its text becomes a value. Knows no key by name.

    dns_ttl: int = key("Seconds that resolvers keep ...", Whole(1, 3600, why="..."), default=10)

The field's name, in camel case, is the key's; the rule gives its type and refuses what cannot be.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import Any, ClassVar, Final, Protocol

from blueprint.errors import ConfigError

REQUIRED: Final = object()
"""In place of a default: only the service's owner knows the value."""
_METADATA: Final = "key"


class ConfigSource(Protocol):
    """What is needed of `pulumi.Config`: the text of a key of the project, None if it is not set."""

    def get(self, key: str, /) -> str | None: ...


class Rule(Protocol):
    """Turns a text into a value, or refuses it with a ConfigError."""

    @property
    def kind(self) -> str:
        """The value's type, as Pulumi.yaml names it: string, integer, boolean, object."""

    def read(self, key: str, text: str) -> Any: ...


@dataclass(frozen=True, kw_only=True)
class Key:
    """One key: everything that is known of it."""

    name: str
    field: str
    words: str
    """What it means, for Pulumi.yaml and docs/configuration.md."""
    rule: Rule
    default: object

    @property
    def required(self) -> bool:
        return self.default is REQUIRED

    def read(self, source: ConfigSource) -> Any:
        """The configured value, or the default; raises ConfigError."""
        text = source.get(self.name)
        if text is None:
            text = "" if self.required else as_text(self.default)
        return self.rule.read(self.name, text)


def key(words: str, rule: Rule, *, default: object = REQUIRED) -> Any:
    """A dataclass's field that is a configuration key."""
    return field(metadata={_METADATA: (words, rule, default)})


def keys_of(config: type[Any]) -> Iterator[Key]:
    """The keys that a dataclass declares, in its order."""
    for declared in fields(config):
        if _METADATA in declared.metadata:
            words, rule, default = declared.metadata[_METADATA]
            name = re.sub("_([a-z])", lambda found: found[1].upper(), declared.name)
            yield Key(name=name, field=declared.name, words=words, rule=rule, default=default)


def as_text(value: object) -> str:
    """A value as the engine hands it over."""
    return value if isinstance(value, str) else json.dumps(value)


# The rules.


@dataclass(frozen=True)
class Text:
    kind: ClassVar[str] = "string"

    def read(self, key: str, text: str) -> str:  # noqa: ARG002 - as every rule is called
        return text.strip()


@dataclass(frozen=True)
class Needed:
    """A text without a default."""

    example: str
    kind: ClassVar[str] = "string"

    def read(self, key: str, text: str) -> str:
        value = text.strip()
        if not value:
            raise ConfigError(
                f"`{key}` is not set.",
                seen=text,
                why="It has no default: only you know it.",
                do=f"Run `pulumi config set {key} {self.example}`, with your own value, in every stack.",
            )
        return value


@dataclass(frozen=True, kw_only=True)
class Matching:
    """A text of a form; `check` may refuse more and returns the text."""

    pattern: str
    why: str
    example: str
    check: Callable[[str], str] = str
    kind: ClassVar[str] = "string"

    def read(self, key: str, text: str) -> str:
        value = text.strip()
        if not re.fullmatch(self.pattern, value):
            raise ConfigError(
                f"`{key}` is malformed.", seen=value, why=self.why, do=f"Write it like {self.example}."
            )
        return self.check(value)


@dataclass(frozen=True)
class OneOf:
    """One of some texts."""

    allowed: tuple[str, ...]
    why: str
    kind: ClassVar[str] = "string"

    def read(self, key: str, text: str) -> str:
        value = text.strip()
        if value not in self.allowed:
            raise ConfigError(
                f"`{key}` has an unknown value.",
                seen=value,
                why=self.why,
                do=f"Write one of: {', '.join(sorted(self.allowed))}.",
            )
        return value


@dataclass(frozen=True)
class OneNumberOf:
    """One of some whole numbers."""

    allowed: tuple[int, ...]
    why: str
    kind: ClassVar[str] = "integer"

    def read(self, key: str, text: str) -> int:
        return int(OneOf(tuple(str(number) for number in self.allowed), self.why).read(key, text))


@dataclass(frozen=True)
class Flag:
    kind: ClassVar[str] = "boolean"

    def read(self, key: str, text: str) -> bool:
        # Pulumi writes both spellings; anything else ("yes", "1") would be a guess.
        known = {"true": True, "True": True, "false": False, "False": False}
        if text not in known:
            raise ConfigError(
                f"`{key}` is neither true nor false.",
                seen=text,
                why="A value that is guessed could switch off protection.",
                do="Write true or false.",
            )
        return known[text]


@dataclass(frozen=True)
class Whole:
    """A whole number within bounds; `high` None is no upper bound."""

    low: int
    high: int | None
    why: str
    kind: ClassVar[str] = "integer"

    def read(self, key: str, text: str) -> int:
        bounds = f"{self.low} or more" if self.high is None else f"from {self.low} to {self.high}"
        number = int(text) if re.fullmatch(r"-?[0-9]{1,12}", text) else None
        if number is None or number < self.low or (self.high is not None and number > self.high):
            raise ConfigError(
                f"`{key}` is not a whole number {bounds}.",
                seen=text,
                why=self.why,
                do=f"Write a number {bounds}.",
            )
        return number


@dataclass(frozen=True)
class TextMap:
    """Names with a text each."""

    why: str
    example: str
    kind: ClassVar[str] = "object"

    def read(self, key: str, text: str) -> Mapping[str, str]:
        try:
            parsed = json.loads(text)
        except json.JSONDecodeError:
            parsed = None
        if not isinstance(parsed, dict) or not all(isinstance(value, str) for value in parsed.values()):
            raise ConfigError(
                f"`{key}` is not a map of names to texts.",
                seen=text,
                why=self.why,
                do=f"Write {self.example}.",
            )
        return MappingProxyType(parsed)
