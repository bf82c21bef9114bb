"""What the regions have side by side: one row a setting, and what is wrong with it."""

from collections.abc import Mapping
from dataclasses import dataclass

from ops.checks.findings import State

ABSENT = "(none)"

Facts = Mapping[str, str]
"""One region's settings by name, as text in which nothing of the region itself is left."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """A setting in every region; `note` says what the state is about."""

    section: str
    item: str
    values: Mapping[str, str]
    state: State
    note: str = ""


def compare(section: str, facts: Mapping[str, Facts]) -> list[Row]:
    """A row for each setting that some region has: OK where it is the same in all of them.

    No row where fewer than two regions were read: there is nothing to compare.
    """
    if len(facts) < 2:
        return []
    items = sorted({item for found in facts.values() for item in found})
    rows = []
    for item in items:
        values = {region: found.get(item, ABSENT) for region, found in facts.items()}
        same = len(set(values.values())) == 1
        rows.append(
            Row(
                section=section,
                item=item,
                values=values,
                state=State.OK if same else State.FAILED,
                note="" if same else "differs",
            )
        )
    return rows
