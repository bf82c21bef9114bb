"""What can go wrong in the order functions.

OrdersError
├── ConfigurationError       the function's environment is wrong: it cannot start
├── UnexpectedAnswerError    DynamoDB said something that has no meaning here: 500
├── TransientError           a call that is sent again (attempts.py); never leaves this package
└── RefusalError             has an answer of its own (status, code, detail)
    ├── BadRequestError      400
    ├── NotFoundError        404
    ├── ConflictError        409
    ├── ThrottledError       429, Retry-After
    └── UnavailableError     503, Retry-After
        └── RefusedError     the same; somebody has to see to it
"""

from typing import ClassVar


class OrdersError(Exception):
    """Base of this package's errors."""


class ConfigurationError(OrdersError):
    """The function's environment lacks a value or holds a wrong one."""


class UnexpectedAnswerError(OrdersError):
    """DynamoDB answered something that this program does not know how to read."""


class RefusalError(OrdersError):
    """A request that is answered with a problem body.

    ``code`` is for programs, ``detail`` for people; neither holds a table's name, an ARN or a trace.
    """

    status: ClassVar[int]
    retry_after: ClassVar[int | None] = None
    """Seconds, for the header of that name."""
    log_level: ClassVar[str] = "WARN"
    """Of the request's line, where the service failed."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


class BadRequestError(RefusalError):
    status = 400


class NotFoundError(RefusalError):
    status = 404


class ConflictError(RefusalError):
    status = 409


class ThrottledError(RefusalError):
    status = 429
    retry_after = 1


class UnavailableError(RefusalError):
    status = 503
    retry_after = 1


class RefusedError(UnavailableError):
    """DynamoDB refuses the function: a right, a policy or the table itself is gone."""

    log_level = "ERROR"
