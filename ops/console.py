"""What an operator sees: answers on stdout, everything else on stderr."""

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import monotonic
from typing import Any, TextIO

# Plain progress lines (a CI log) come at most this often, in seconds.
PLAIN_INTERVAL = 5.0
CLEAR_LINE = "\r\x1b[2K"


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a command found: `data` for `--json`, `text` for people, `ok` for the exit status."""

    data: Mapping[str, Any]
    text: str
    ok: bool = True


class Console:
    """Notes and progress on stderr, the outcome on stdout, questions to whoever types.

    `words` makes notes, questions and text fit how the program is called (`ops.invocation`). `clock` gives
    seconds and is passed in by tests.
    """

    def __init__(
        self,
        *,
        as_json: bool = False,
        out: TextIO | None = None,
        err: TextIO | None = None,
        ask: Callable[[str], str] = input,
        words: Callable[[str], str] = str,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._as_json = as_json
        self._out = out or sys.stdout
        self._err = err or sys.stderr
        self._ask = ask
        self._words = words
        self._clock = clock
        self._line_open = False
        self._last_plain: float | None = None

    def note(self, text: str) -> None:
        """One line that stays."""
        self._close_line()
        print(self._words(text), file=self._err, flush=True)

    def progress(self, text: str) -> None:
        """A line that the next one replaces on a terminal; in a log, one line in five seconds."""
        if self._err.isatty():
            print(f"{CLEAR_LINE}{text}", end="", file=self._err, flush=True)
            self._line_open = True
            return
        now = self._clock()
        if self._last_plain is None or now - self._last_plain >= PLAIN_INTERVAL:
            self._last_plain = now
            print(text, file=self._err, flush=True)

    def typed(self, question: str) -> str:
        """What the operator typed, stripped; empty when nobody is there to type."""
        self._close_line()
        print(self._words(question), end=" ", file=self._err, flush=True)
        try:
            return self._ask("").strip()
        except EOFError:
            print(file=self._err)
            return ""

    def show(self, outcome: Outcome) -> None:
        """Print the outcome in the form that was asked for."""
        self._close_line()
        if self._as_json:
            json.dump(outcome.data, self._out, indent=2, ensure_ascii=False)
            print(file=self._out, flush=True)
        else:
            print(self._words(outcome.text), file=self._out, flush=True)

    def _close_line(self) -> None:
        if self._line_open:
            print(CLEAR_LINE, end="", file=self._err, flush=True)
            self._line_open = False
