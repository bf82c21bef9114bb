"""The audit for people: what is wrong, row by row, and how much is right."""

from collections import Counter
from collections.abc import Sequence

from ops.checks.findings import State
from ops.parity.rows import Row

# A longer value is cut: that it differs is the message, the whole is in --json.
WIDEST = 44
NOT_READ = "not read"


def report(rows: Sequence[Row], regions: Sequence[str], *, everything: bool = False) -> str:
    """A table of the rows that are not OK (or of all), then a line a section."""
    shown = [row for row in rows if everything or row.state is not State.OK]
    parts = [_table(shown, regions)] if shown else []
    parts.append(_sections(rows))
    return "\n\n".join(parts)


def _table(rows: Sequence[Row], regions: Sequence[str]) -> str:
    lines = [["", "section", "item", *regions]]
    notes = [""]
    for row in rows:
        values = [_cut(row.values.get(region, NOT_READ)) for region in regions]
        lines.append([row.state.value, row.section, _cut(row.item), *values])
        notes.append(row.note)
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    shown = []
    for line, note in zip(lines, notes, strict=True):
        shown.append("  ".join(c.ljust(w) for c, w in zip(line, widths, strict=True)).rstrip())
        if note and note != "differs":
            shown.append(f"{'':{widths[0]}}  -> {note}")
    return "\n".join(shown)


def _sections(rows: Sequence[Row]) -> str:
    bad = Counter(row.section for row in rows if row.state is State.FAILED)
    every = Counter(row.section for row in rows if row.state is not State.NOT_READ)
    sections = dict.fromkeys(row.section for row in rows)
    width = max(map(len, sections), default=0)
    return "\n".join(
        f"{section:{width}}  {every[section]} compared, {bad[section] or 'none'} different or not enough"
        if every[section]
        else f"{section:{width}}  not compared"
        for section in sections
    )


def _cut(text: str) -> str:
    return text if len(text) <= WIDEST else f"{text[: WIDEST - 3]}..."
