"""How API Gateway's control plane refuses, and what the twin's does not have.

ControlError              an error of the API Gateway API, with its code and status
├── BadRequestError            400 BadRequestException
├── NotFoundError              404 NotFoundException
├── ConflictError              409 ConflictException
└── NotInTheTwinError          501: API Gateway could, the twin cannot
"""


class ControlError(Exception):
    """An answer of API Gateway's control plane that is not a success."""

    code = "InternalFailure"
    status = 500


class BadRequestError(ControlError):
    code, status = "BadRequestException", 400


class NotFoundError(ControlError):
    code, status = "NotFoundException", 404


class ConflictError(ControlError):
    code, status = "ConflictException", 409


class NotInTheTwinError(ControlError):
    code, status = "NotImplementedException", 501

    def __init__(self, what: str) -> None:
        super().__init__(f"not in the twin: {what}")
