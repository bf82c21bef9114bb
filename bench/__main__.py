"""python -m bench: the functions' speed against the bare boto3 calls; exit 1 when a bound is broken."""

import argparse
import json
import platform
import sys
from collections.abc import Sequence
from pathlib import Path

from bench import server, startup, warm
from bench.figures import Figure, table

RESULT = Path("results") / "bench.json"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print a table, write the result; 0 when every bound holds."""
    options = _options(arguments)
    with server.running() as url:
        figures = [*warm.measure(url, options.runs), *startup.measure(url, options.starts)]
    print(table(figures))
    _write(options.result, figures)
    print(f"Medians, taken in turn with the bare calls. Written to {options.result}.")
    return 0 if all(one.holds for one in figures) else 1


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--runs", type=int, default=400, help="warm calls of each kind (default 400)")
    parser.add_argument("--starts", type=int, default=7, help="fresh interpreters of each kind (default 7)")
    parser.add_argument(
        "--result", type=Path, default=RESULT, help=f"where the result goes (default {RESULT})"
    )
    return parser.parse_args(arguments)


def _write(path: Path, figures: Sequence[Figure]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    document = {
        "python": platform.python_version(),
        "machine": platform.machine(),
        "figures": [one.to_dict() for one in figures],
    }
    path.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
