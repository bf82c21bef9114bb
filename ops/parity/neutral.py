"""Takes out of a region's settings what must differ: its name, its stack's, the ids AWS gave."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from ops.deployed.deployment import Stack


class RegionNeutral:
    """Text of one region's stack, with placeholders for what is its own. Tables have one name everywhere."""

    def __init__(self, stack: Stack) -> None:
        self._own = {name: f"{{table {table}}}" for table, name in stack.table_names.items()}
        self._own |= {stack.api_id: "{api}", stack.region: "{region}"}
        # Physical names are <project>-<stack>-<name>; elsewhere the stack's name may be part of a word.
        self._stack = re.compile(rf"(?<=-){re.escape(stack.name)}(?=-)")

    def text(self, value: Any) -> str:
        """A setting as text."""
        found = value if isinstance(value, str) else json.dumps(value, sort_keys=True, default=str)
        # Longest first: a table's name holds the primary stack's.
        for own in sorted(filter(None, self._own), key=len, reverse=True):
            found = found.replace(own, self._own[own])
        return self._stack.sub("{stack}", found)

    def flat(self, document: Any, path: str = "") -> Iterator[tuple[str, str]]:
        """Every value in a document by its path."""
        if isinstance(document, Mapping) and document:
            for key in sorted(document):
                yield from self.flat(document[key], f"{path}/{self.text(key)}")
        elif isinstance(document, list) and document:
            for number, one in enumerate(document):
                yield from self.flat(one, f"{path}/{number}")
        else:
            yield path, self.text(document)
