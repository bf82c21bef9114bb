"""Initialisation: importing a function, client included, against importing boto3 and making one client."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

from bench.figures import Figure, figure
from bench.warm import environment

STARTUP_BOUND: Final = 1.3
FUNCTIONS: Final = Path(__file__).resolve().parents[1] / "functions"

_TIMED: Final = "import time; t = time.perf_counter(); {work}; print(time.perf_counter() - t)"
_BARE: Final = _TIMED.format(work="import boto3; boto3.client('dynamodb')")
_OURS: Final = {name: _TIMED.format(work=f"import orders.{name}") for name in ("create", "read")}


def measure(url: str, runs: int) -> list[Figure]:
    """Start fresh interpreters in turn; the first round only fills the file cache."""
    environ = {
        **environment(url),
        # As in Lambda, where a function is built while it is imported.
        "AWS_LAMBDA_RUNTIME_API": "127.0.0.1:9",
        "PYTHONPATH": str(FUNCTIONS),
        "PATH": os.environ.get("PATH", ""),
    }
    codes = {"bare": _BARE, **_OURS}
    times: dict[str, list[float]] = {name: [] for name in codes}
    for turn in range(runs + 1):
        for name, code in codes.items():
            seconds = _run(code, environ)
            if turn:
                times[name].append(seconds)
    return [figure(f"{name}, initialisation", times[name], times["bare"], STARTUP_BOUND) for name in _OURS]


def _run(code: str, environ: dict[str, str]) -> float:
    done = subprocess.run(
        [sys.executable, "-c", code], env=environ, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"bench: a fresh interpreter failed: {done.stderr.strip().splitlines()[-1]}")
    return float(done.stdout)
