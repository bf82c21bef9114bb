"""What can go wrong between the twin and a worker.

LambdaRuntimeError
├── WorkerLostError        the worker's region died, or the twin stops: nobody will answer
├── FunctionRefusedError   Lambda does not run the function for this caller
└── RuntimeMissingError    this machine cannot run the function's runtime
"""


class LambdaRuntimeError(Exception):
    """Base of this package's errors."""


class WorkerLostError(LambdaRuntimeError):
    """The worker was taken away from outside, so the invocation has no answer."""


class RuntimeMissingError(LambdaRuntimeError):
    """The function asks for a runtime that this machine does not have."""


class FunctionRefusedError(LambdaRuntimeError):
    """No such function, no permission to invoke it, or throttled."""
