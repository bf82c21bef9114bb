"""Types blocks of shell commands as somebody on call does, in this process.

Of the shell there is what the runbooks use: variables, `$(...)`, `>`, comments and lines that go on after a
backslash; anything else is an error. A command must end with 0, or with what its comment says:
`# exit status 1: ...`.
"""

import contextlib
import io
import os
import re
import shlex
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

Program = Callable[[list[str]], int]

_STATUS = re.compile(r"#.*\bexit status (\d)")
_ASSIGNMENT = re.compile(r"(?:export )?(?:[A-Z_]+=\S* ?)+$")
_CAPTURE = re.compile(r"(?P<name>[A-Z_]+)=\$\((?P<command>.*)\)")
_VARIABLE = re.compile(r"\$\{?([A-Z_]+)\}?")
_REDIRECT = re.compile(r"(?P<command>.*) > (?P<file>\S+)")


class TypedError(AssertionError):
    """A command that did not end as it should."""


@dataclass(frozen=True, kw_only=True)
class Terminal:
    """`programs` by how a command begins; `instead` replaces words, such as the target's name.

    Variables are set in this process's environment: who makes a terminal restores it.
    """

    programs: Mapping[str, Program]
    instead: Mapping[str, str]

    def type(self, block: str) -> str:
        """Everything that the block's commands print; TypedError at the first that ends otherwise."""
        said = [self._line(line) for line in lines(block)]
        return "".join(said)

    def _line(self, line: str) -> str:
        status = int(found[1]) if (found := _STATUS.search(line)) else 0
        line = _without_comment(line)
        for old, new in self.instead.items():
            line = line.replace(old, new)
        if found := _CAPTURE.fullmatch(line):
            os.environ[found["name"]] = self._run(found["command"], status).strip()
            return ""
        if _ASSIGNMENT.fullmatch(line):
            self._assign(line.removeprefix("export "))
            return ""
        if found := _REDIRECT.fullmatch(line):
            Path(found["file"]).write_text(self._run(found["command"], status), encoding="utf-8")
            return ""
        return self._run(line, status)

    def _assign(self, line: str) -> None:
        for word in shlex.split(line):
            name, _, value = word.partition("=")
            os.environ[name] = _expanded(value)

    def _run(self, line: str, status: int) -> str:
        begin = next((name for name in self.programs if line.startswith(f"{name} ")), None)
        if begin is None:
            raise TypedError(f"the rehearsal has no such command: {line}")
        out = io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO()) as err:
            ended = self.programs[begin](shlex.split(_expanded(line.removeprefix(begin))))
        if ended != status:
            raise TypedError(f"{line}\nended with {ended}, not {status}:\n{out.getvalue()}{err.getvalue()}")
        return out.getvalue() + err.getvalue()


def lines(block: str) -> Iterator[str]:
    """The commands of a block, one a line."""
    for line in block.replace("\\\n", " ").splitlines():
        if line.strip() and not line.lstrip().startswith("#"):
            yield line.strip()


def _without_comment(line: str) -> str:
    return re.split(r"\s+# ", line)[0].rstrip()


def _expanded(text: str) -> str:
    return _VARIABLE.sub(lambda found: os.environ[found[1]], text)
