"""What can go wrong in the load generator's functions.

Step Functions knows an error by its class's name: the state machine retries and counts by these.

LoadError
├── ConfigurationError     the function's environment is wrong: it cannot start
├── InvalidInputError      the execution's input is wrong: it ends, nothing is retried
├── NotFilledError         no customers and products were made
├── OrderNotCreatedError   nobody acknowledged the order
└── OrderNotReadError      the order was acknowledged, and was not to be read back
"""


class LoadError(Exception):
    """Base of this package's errors."""


class ConfigurationError(LoadError):
    """The function's environment lacks a value."""


class InvalidInputError(LoadError):
    """What the function was given is not what it takes."""


class NotFilledError(LoadError):
    """POST /fill did not make what was asked for."""


class OrderNotCreatedError(LoadError):
    """POST /orders was not answered with success."""


class OrderNotReadError(LoadError):
    """GET /orders did not give the order that was just created."""
