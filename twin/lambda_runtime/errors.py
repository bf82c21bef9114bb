"""What can go wrong between the twin and a worker.

LambdaRuntimeError
├── WorkerLost        the worker's region died, or the twin stops: nobody will answer
└── RuntimeMissing    this machine cannot run the function's runtime
"""


class LambdaRuntimeError(Exception):
    """Base of this package's errors."""


class WorkerLost(LambdaRuntimeError):
    """The worker was taken away from outside, so the invocation has no answer."""


class RuntimeMissing(LambdaRuntimeError):
    """The function asks for a runtime that this machine does not have."""
