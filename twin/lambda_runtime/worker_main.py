"""The program of a worker process: AWS's Lambda runtime client with Lambda's import path and nothing else.

Run by path with ``python -I -S``, so that neither this repository nor the host's site-packages can be
imported.
"""

import _thread
import os
import sys


def _end_with_parent(descriptor: int) -> None:
    """The parent holds the other end of this pipe: it closes however the parent dies, SIGKILL included."""
    while os.read(descriptor, 1):
        pass
    os._exit(0)


def main() -> None:
    """Read what the parent left in the environment, take it out again, and serve invocations for ever."""
    _thread.start_new_thread(_end_with_parent, (int(os.environ.pop("TWIN_PARENT_FD")),))
    sys.path[:0] = os.environ.pop("TWIN_PYTHON_PATH").split(os.pathsep)
    hook = os.environ.pop("TWIN_CLIENT_HOOK", "")
    if hook:
        import runpy

        runpy.run_path(hook)

    from awslambdaric import bootstrap
    from awslambdaric.lambda_runtime_client import LambdaRuntimeClient

    bootstrap.run(os.environ["_HANDLER"], LambdaRuntimeClient(os.environ["AWS_LAMBDA_RUNTIME_API"]))


if __name__ == "__main__":
    main()
