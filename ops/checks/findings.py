"""What a check found: one line each, and what to do about it."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    OK = "ok"
    LATER = "later"
    WARNING = "warn"
    FAILED = "FAILED"
    NOT_READ = "unread"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One check: `todo` is what to do about it, empty when there is nothing to do."""

    name: str
    state: State
    seen: str
    todo: str = ""


def passed(findings: Sequence[Finding]) -> bool:
    """Whether none of them failed; warnings and what can only be seen later do not count."""
    return all(finding.state is not State.FAILED for finding in findings)


def table(findings: Sequence[Finding]) -> str:
    """One line a check, and what to do below it."""
    width = max(len(f.name) for f in findings)
    lines = []
    for finding in findings:
        lines.append(f"{finding.state.value:6}  {finding.name:{width}}  {finding.seen}")
        if finding.todo:
            lines.append(f"{'':6}  {'':{width}}  -> {finding.todo}")
    return "\n".join(lines)
