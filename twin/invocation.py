"""How a command line of this project starts and ends, whichever it is: `python -m twin`, `python -m ops`.

Standard library only: it speaks where the project's packages are missing.
"""

import os
import sys
from collections.abc import Callable
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
MISUSE = 2
# Python's own status where the reader of the output has gone (signal module, "Note on SIGPIPE").
UNREAD = 1


def invoke(program: str, main: Callable[[], int]) -> int:
    """The exit status of `main`; 2 where the environment is not active. `program` is the module's name."""
    try:
        try:
            return main()
        finally:
            sys.stdout.flush()
    except ModuleNotFoundError as error:
        print(missing(program, error.name, PROJECT), file=sys.stderr)
        return MISUSE
    except BrokenPipeError:
        # `... | head`: Python flushes once more at exit, and would complain then.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return UNREAD


def missing(program: str, module: str | None, directory: Path) -> str:
    """What to do where a package is missing: this Python is not the one that `make install` filled."""
    python = directory / ".venv" / "bin" / "python"
    seen = f"{program}: this Python ({sys.executable}) has no module {module!r}, so it is not the project's. "
    if python.exists():
        return f"{seen}Activate it: . {python.parent / 'activate'}, or call it: {python} -m {program}"
    return f"{seen}Make the environment first: make -C {directory} install"
