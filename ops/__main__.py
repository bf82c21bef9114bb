"""`python -m ops`."""

import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]


def missing(module: str | None, directory: Path) -> str:
    """What to do where a package is missing: this Python is not the one that `make install` filled."""
    python = directory / ".venv" / "bin" / "python"
    seen = f"ops: this Python ({sys.executable}) has no module {module!r}, so it is not the project's. "
    if python.exists():
        return f"{seen}Activate it: . {python.parent / 'activate'}, or call it: {python} -m ops"
    return f"{seen}Make the environment first: make -C {directory} install"


def run() -> int:
    """The command's exit status; 2 where the environment is not active."""
    try:
        from ops.cli import main

        return main()
    except ModuleNotFoundError as error:
        print(missing(error.name, PROJECT), file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(run())
