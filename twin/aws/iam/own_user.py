"""IAM calls about "my own user": those that name none, which the emulator would answer for a root user.

"If you do not specify a user name, IAM determines the user name implicitly based on the Amazon Web Services
access key ID used to sign the request" (IAM API reference, GetUser; the access key operations say the same).
"""

from collections.abc import Callable
from typing import Any

import ministack.services.iam as iam
from ministack.core import iam_evaluator

from twin.aws.hooks import HookedName, declare, replace
from twin.core import Core

_MODULE = "ministack.services.iam"
_OPERATIONS = ("GetUser", "ListAccessKeys", "CreateAccessKey", "DeleteAccessKey", "UpdateAccessKey")
Handler = Callable[[dict[str, Any]], Any]

declare(
    HookedName(module=_MODULE, attribute="_access_keys"),
    HookedName(module=_MODULE, attribute="_p", signature="(params, key, default)"),
    HookedName(module=_MODULE, attribute="_error", signature="(status, code, message, ns)"),
    HookedName(module="ministack.core.iam_evaluator", attribute="_verified_key"),
)


def install(core: Core) -> None:
    """Hook the operations."""
    del core
    replace(
        HookedName(module=_MODULE, attribute="_IAM_HANDLERS"),
        lambda handlers: {
            **handlers,
            **{operation: _for_own_user(handlers[operation]) for operation in _OPERATIONS},
        },
    )


def _for_own_user(original: Handler) -> Handler:
    def handler(params: dict[str, Any]) -> Any:
        key = iam_evaluator._verified_key.get()
        if iam._p(params, "UserName") or not key:
            return original(params)
        found = iam._access_keys.get(key)
        if found is None:
            return iam._error(
                400,
                "ValidationError",
                "Must specify userName when calling with non-User credentials",
                ns="iam",
            )
        return original({**params, "UserName": [found["UserName"]]})

    return handler
