"""The runbooks as a rehearsal reads them: what makes the situation, and every block of commands.

A page has one line at its top that begins with `**Rehearse.**`; the commands in it make the situation on the
twin, but for `python -m twin fault clear`, which ends it. Above each block of commands stands a comment
that is invisible when the page is rendered:

    <!-- as operator: the traffic has left us-east-1 -->   who types the block, and what must be so afterwards
    <!-- as operator, when it is over: ... -->            the same, after the situation was ended
    <!-- only on AWS: it needs Pulumi's backend -->        why the twin cannot run the block
"""

import re
from dataclasses import dataclass
from pathlib import Path

RUNBOOKS = sorted((Path(__file__).resolve().parents[2] / "docs" / "runbooks").glob("*.md"))

_BLOCK = re.compile(
    r"(?:^ *<!-- (?P<mark>[^\n]*) -->\n)?^(?P<indent> *)```sh\n(?P<text>.*?)^ *```", re.M | re.S
)
_USER = re.compile(r"as (?P<user>[\w-]+)(?P<over>, when it is over)?: (?P<promise>.+)")
_ONLY_AWS = re.compile(r"only on AWS: .+")
_REHEARSE = re.compile(r"^\*\*Rehearse\.\*\*(.*)$", re.M)
_COMMAND = re.compile(r"`(python -m [^`]+)`")
END = "python -m twin fault clear"


@dataclass(frozen=True, kw_only=True)
class Block:
    """Commands of a page. `user` types them and `promise` holds afterwards; both None for AWS alone.

    `over`: they are typed when what made the situation has ended.
    """

    page: str
    line: int
    commands: str
    user: str | None = None
    promise: str | None = None
    over: bool = False

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


@dataclass(frozen=True, kw_only=True)
class Runbook:
    """A page; `situation` are the commands that make it on the twin."""

    name: str
    situation: tuple[str, ...]
    blocks: tuple[Block, ...]


def read(file: Path) -> Runbook:
    """Raises ValueError where a block is not marked, or where the page does not say how to rehearse it."""
    text = file.read_text(encoding="utf-8")
    rehearse = _REHEARSE.findall(text)
    if len(rehearse) != 1:
        raise ValueError(f"{file.name} has {len(rehearse)} lines that begin with **Rehearse.**, not one")
    commands = tuple(one for one in _COMMAND.findall(rehearse[0]) if one != END)
    return Runbook(
        name=file.stem,
        situation=commands,
        blocks=tuple(_block(file.stem, text, found) for found in _BLOCK.finditer(text)),
    )


def _block(page: str, text: str, found: re.Match[str]) -> Block:
    line = text.count("\n", 0, found.start("text"))
    mark = found["mark"] or ""
    user = _USER.fullmatch(mark)
    if not user and not _ONLY_AWS.fullmatch(mark):
        raise ValueError(
            f"{page}.md, line {line}: the block is not marked with <!-- as USER: ... -->: {mark!r}"
        )
    commands = re.sub(rf"^{found['indent']}", "", found["text"], flags=re.M)
    return Block(
        page=page,
        line=line,
        commands=commands,
        user=user["user"] if user else None,
        promise=user["promise"] if user else None,
        over=bool(user and user["over"]),
    )
