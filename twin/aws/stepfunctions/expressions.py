"""JSONata in a definition: what Step Functions refuses when a state machine is made.

The States Language (states-language.net, "JSONata Concepts") forbids `$$`, and says which fields may read
`$states.errorOutput` (a catcher's Output and Assign) and `$states.result` (Output and Assign of a Task,
Map or Parallel state). The messages are AWS's, as the authors of the emulator floci recorded them; that
for `$states.result` is formed after the other one and was not recorded.

Only what an expression names as a path is found: `$states` that is bound to another variable first is not
followed, and what AWS says of that is not known. AWS also refuses names without `$` at the top level; the
twin does not.
"""

from collections.abc import Iterator, Set
from typing import Any

from jsonata import Jsonata

_RESERVED = "states"
_SOMETIMES = ("errorOutput", "result")


def expression_in(text: str) -> str | None:
    """What stands in `{% %}`; None when a text is no expression."""
    return text[2:-2].strip() if text.startswith("{%") and text.endswith("%}") else None


def unsupported(expression: str, readable: Set[str]) -> list[str]:
    """AWS's words for each part that it refuses; `readable` are the members of `$states` that this field has
    and not every field.

    Empty for an expression that cannot be parsed: that is refused elsewhere.
    """
    try:
        root = Jsonata(expression).ast
    except Exception:  # noqa: BLE001 - the parser lets Python's own errors out, IndexError among them
        return []
    found = dict.fromkeys(said for node in _nodes(root) for said in _refused(node, readable))
    return list(found)


def _refused(node: Any, readable: Set[str]) -> Iterator[str]:
    if node.type == "variable" and node.value == "$":
        yield "Reference to '$$' is not supported."
    if node.type == "path" and len(node.steps) > 1:
        variable, member = node.steps[:2]
        reserved = (variable.type, variable.value) == ("variable", _RESERVED)
        if reserved and member.value in _SOMETIMES and member.value not in readable:
            yield f"Field '$states.{member.value}' does not exist."


def _nodes(root: Any) -> Iterator[Any]:
    """Every node of a parsed expression, without recursion: nesting has no limit here."""
    seen: set[int] = set()
    left = [root]
    while left:
        node = left.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, list | tuple):
            left.extend(node)
        elif hasattr(node, "type") and hasattr(node, "steps"):
            yield node
            left.extend(vars(node).values())
