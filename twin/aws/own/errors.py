"""What an own service of the twin answers instead of a result.

ServiceError          a modelled error of the service: clients raise it as the exception of that name
"""

from typing import Any


class ServiceError(Exception):
    """An error of an AWS service, as its model names it.

    `code` is the name of the error's shape (boto3 raises `client.exceptions.<code>`), `status` the HTTP
    status (the model's own when None), `members` further members of the error's shape.
    """

    def __init__(self, code: str, message: str, *, status: int | None = None, **members: Any) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status
        self.members = members
