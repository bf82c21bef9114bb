"""Turns one configured text into one typed value, or refuses it. Knows no key by name."""

import json
import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol

from blueprint.errors import ConfigError


class ConfigSource(Protocol):
    """What is needed of `pulumi.Config`: the text of a key of the project, None if it is not set."""

    def get(self, key: str, /) -> str | None: ...


@dataclass(frozen=True, kw_only=True)
class Reader:
    """Reads keys of one source; every method refuses a missing value or one of another type."""

    source: ConfigSource
    defaults: dict[str, object]

    def text(self, key: str) -> str:
        return self._raw(key).strip()

    def required_text(self, key: str, *, example: str) -> str:
        value = (self.source.get(key) or "").strip()
        if not value:
            raise ConfigError(
                f"`{key}` is not set.",
                seen=self.source.get(key),
                why="It has no default: only you know it.",
                do=f"Run `pulumi config set {key} {example}`, with your own value, in every stack.",
            )
        return value

    def matching(self, key: str, pattern: str, *, why: str, example: str) -> str:
        value = self.text(key)
        if not re.fullmatch(pattern, value):
            raise ConfigError(f"`{key}` is malformed.", seen=value, why=why, do=f"Write it like {example}.")
        return value

    def choice(self, key: str, allowed: Collection[str], *, why: str) -> str:
        value = self.text(key)
        if value not in allowed:
            raise ConfigError(
                f"`{key}` has an unknown value.",
                seen=value,
                why=why,
                do=f"Write one of: {', '.join(sorted(allowed))}.",
            )
        return value

    def boolean(self, key: str) -> bool:
        value = self._raw(key)
        # Pulumi writes both spellings; anything else ("yes", "1") would be a guess.
        known = {"true": True, "True": True, "false": False, "False": False}
        if value not in known:
            raise ConfigError(
                f"`{key}` is neither true nor false.",
                seen=value,
                why="A value that is guessed could switch off protection.",
                do="Write true or false.",
            )
        return known[value]

    def integer(self, key: str, *, low: int, high: int | None = None, why: str) -> int:
        value = self._raw(key)
        bounds = f"{low} or more" if high is None else f"from {low} to {high}"
        number = int(value) if re.fullmatch(r"-?[0-9]{1,12}", value) else None
        if number is None or number < low or (high is not None and number > high):
            raise ConfigError(
                f"`{key}` is not a whole number {bounds}.",
                seen=value,
                why=why,
                do=f"Write a number {bounds}.",
            )
        return number

    def text_map(self, key: str, *, why: str, example: str) -> dict[str, str]:
        value = self._raw(key)
        try:
            parsed = json.loads(value)
        except json.JSONDecodeError:
            parsed = None
        if not isinstance(parsed, dict) or not all(isinstance(v, str) for v in parsed.values()):
            raise ConfigError(
                f"`{key}` is not a map of names to texts.", seen=value, why=why, do=f"Write {example}."
            )
        return parsed

    def _raw(self, key: str) -> str:
        value = self.source.get(key)
        if value is not None:
            return value
        default = self.defaults[key]
        return default if isinstance(default, str) else json.dumps(default)
