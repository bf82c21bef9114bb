"""The program of a worker process: AWS's Lambda runtime client with Lambda's import path and nothing else.

Run by path with ``python -I -S``, so that neither this repository nor the host's site-packages
can be imported.
"""

import _thread
import importlib
import io
import os
import sys
import time
from typing import TextIO

STAMP_MARK = "\x1e"
"""Stands before and after a line's time: ASCII's record separator, which no line of text has."""


class StampedOutput(io.TextIOWrapper):
    """An output stream that puts the time in microseconds before each line, as the line is begun.

    Lambda's runtime client sends what is logged through a pipe of its own, with the time of each record. What
    is printed goes another way, and only the writer knows which of the two came first.
    """

    def __init__(self, stream: TextIO) -> None:
        super().__init__(stream.buffer, encoding="utf-8", errors="backslashreplace", write_through=True)
        self._line_begins = True

    def write(self, text: str) -> int:
        first, *others = text.split("\n")
        begun = self._stamped(first) if self._line_begins else first
        super().write("\n".join([begun, *map(self._stamped, others)]))
        if text:
            self._line_begins = text.endswith("\n")
        return len(text)

    def _stamped(self, line: str) -> str:
        return f"{STAMP_MARK}{time.time_ns() // 1000}{STAMP_MARK}{line}" if line else ""


def _end_with_parent(descriptor: int) -> None:
    """The parent holds the other end of this pipe: it closes however the parent dies, SIGKILL included."""
    while os.read(descriptor, 1):
        pass
    os._exit(0)


def _resolve_names_by_the_twin(directory: str) -> None:
    """Let the function reach the twin by AWS's host names; the directory does not stay importable."""
    if directory:
        sys.path.insert(0, directory)
        resolver = importlib.import_module("twin_resolver")
        sys.path.remove(directory)
        resolver.install()


def main() -> None:
    """Read what the parent left in the environment, take it out again, and serve invocations for ever."""
    _thread.start_new_thread(_end_with_parent, (int(os.environ.pop("TWIN_PARENT_FD")),))
    sys.path[:0] = os.environ.pop("TWIN_PYTHON_PATH").split(os.pathsep)
    _resolve_names_by_the_twin(os.environ.pop("TWIN_CLIENT_HOOK", ""))
    sys.stdout, sys.stderr = StampedOutput(sys.stdout), StampedOutput(sys.stderr)

    from awslambdaric import bootstrap
    from awslambdaric.lambda_runtime_client import LambdaRuntimeClient

    bootstrap.run(os.environ["_HANDLER"], LambdaRuntimeClient(os.environ["AWS_LAMBDA_RUNTIME_API"]))


if __name__ == "__main__":
    main()
