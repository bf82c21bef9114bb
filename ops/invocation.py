"""How this program is called here, so that what its messages say to type works as it stands.

Messages are written as `python -m ops ...`. That is not enough where no environment is active, or where the
target was named as an option: the same words would start another Python, or act on another target.
"""

import re
import shlex
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from ops.deployed.target import default_target

Spoken = Callable[[str], str]
PYTHON = "python"
_HINT = re.compile(r"\bpython -m (?=(ops|twin)\b)")


def spoken(target: str | None) -> Spoken:
    """Makes messages fit this process and its `--target` (None: the command has none)."""
    python = typed(Path(sys.executable), shutil.which(PYTHON), Path.cwd())
    named = target if target != default_target() else None
    return lambda message: fitting(message, python=python, target=named)


def fitting(message: str, *, python: str, target: str | None) -> str:
    """The message with its hints as they must be typed: by `python`, and for `target` where it is named."""

    def replaced(found: re.Match[str]) -> str:
        variable = f"OPS_TARGET={target} " if target and found[1] == "ops" else ""
        return f"{variable}{python} -m "

    return _HINT.sub(replaced, message)


def typed(executable: Path, found: str | None, directory: Path) -> str:
    """What to type for this interpreter in `directory`: `python` where PATH leads to it (`found`).

    The folders are compared, not the files: an environment's python is a link to the one it was made from.
    """
    if found is not None and Path(found).parent == executable.parent:
        return PYTHON
    inside = executable.is_relative_to(directory)
    return shlex.quote(str(executable.relative_to(directory) if inside else executable))
