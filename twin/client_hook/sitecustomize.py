"""Put on PYTHONPATH by `python -m twin env`: lets this Python process reach the twin by AWS's host names.

Does nothing unless TWIN_DNS is set. Python imports only the first `sitecustomize` on its path, so the next
one (a virtual environment's or the system's) is run afterwards, as if this one were not there.
"""

import importlib
import importlib.machinery
import importlib.util
import os
import sys

_HERE = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120 - pathlib is slow to import here


def _run_next_sitecustomize() -> None:
    others = [entry for entry in sys.path if os.path.abspath(entry or ".") != _HERE]  # noqa: PTH100
    spec = importlib.machinery.PathFinder.find_spec("sitecustomize", others)
    if spec is not None and spec.loader is not None:
        spec.loader.exec_module(importlib.util.module_from_spec(spec))


if os.environ.get("TWIN_DNS"):
    importlib.import_module("twin_resolver").install()

_run_next_sitecustomize()
