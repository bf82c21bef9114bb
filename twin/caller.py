"""Whose keys a command uses: the caller's, where the environment has those of the running twin."""

import os
from collections.abc import Mapping
from typing import Final

from twin.client import TwinClient
from twin.errors import ActingError

INSTANCE_VARIABLE: Final = "TWIN_INSTANCE"
"""In the environment that a twin prints: which twin its keys are of."""
CALLER_VARIABLE: Final = "TWIN_CALLER"
"""Whom `python -m twin env --as` was asked for."""

_KEY: Final = {
    "AccessKeyId": "AWS_ACCESS_KEY_ID",
    "SecretAccessKey": "AWS_SECRET_ACCESS_KEY",
    "SessionToken": "AWS_SESSION_TOKEN",
}


def of_caller(client: TwinClient, environ: Mapping[str, str] = os.environ) -> TwinClient:
    """The twin with the environment's keys, as AWS's clients would use them; else as it is.

    An environment of no twin, or of one that has ended, is none of this one: its keys are unknown here.
    ActingError where it was to act as somebody: the administrator's rights must not stand in for theirs.
    """
    if environ.get(INSTANCE_VARIABLE) != client.description["instance"]:
        _refuse_to_act(client, environ.get(CALLER_VARIABLE, ""))
        return client
    key = {part: environ[variable] for part, variable in _KEY.items() if environ.get(variable)}
    return client.with_keys(key) if "AccessKeyId" in key and "SecretAccessKey" in key else client


def _refuse_to_act(client: TwinClient, caller: str) -> None:
    if caller:
        raise ActingError(
            f"cannot act as {caller}: this shell's keys are of another twin than the one in {client.home}, "
            "which has ended or has another home, so that nobody has them here; make new ones: "
            f'eval "$(python -m twin env --as {caller})", or act as the administrator: '
            'eval "$(python -m twin env)"'
        )
