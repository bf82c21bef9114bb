"""The program of a worker process: AWS's Lambda runtime client with Lambda's import path and nothing else.

Run by path with ``python -I -S``, so that neither this repository nor the host's site-packages can be
imported.
"""

import _thread
import importlib
import os
import sys


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

    from awslambdaric import bootstrap
    from awslambdaric.lambda_runtime_client import LambdaRuntimeClient

    bootstrap.run(os.environ["_HANDLER"], LambdaRuntimeClient(os.environ["AWS_LAMBDA_RUNTIME_API"]))


if __name__ == "__main__":
    main()
