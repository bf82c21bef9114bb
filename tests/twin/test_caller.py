"""Whose keys a command uses on the twin: those of the environment, where they are of the running twin."""

from collections.abc import Mapping
from typing import Any

import pytest

from twin.caller import CALLER_VARIABLE, INSTANCE_VARIABLE, of_caller
from twin.client import TwinClient
from twin.errors import ActingError

ADMIN = {"AWS_ACCESS_KEY_ID": "AKIAADMIN", "AWS_SECRET_ACCESS_KEY": "admins", INSTANCE_VARIABLE: "one"}
OWN = {"AWS_ACCESS_KEY_ID": "AKIAOWN", "AWS_SECRET_ACCESS_KEY": "own"}
DESCRIPTION: Mapping[str, Any] = {
    "instance": "one",
    "home": "/home/of/the/twin",
    "accessKeyId": "AKIAADMIN",
    "secretAccessKey": "admins",
    "environment": ADMIN,
}


def caller(**environ: str) -> TwinClient:
    return of_caller(TwinClient(DESCRIPTION), environ)


def test_keys_of_the_running_twin_are_used_everywhere() -> None:
    found = caller(**OWN, TWIN_INSTANCE="one")
    assert found.env == {**ADMIN, **OWN}
    credentials = found.boto3_session("us-east-1").get_credentials()
    assert credentials is not None
    assert (credentials.access_key, credentials.secret_key) == ("AKIAOWN", "own")


def test_a_session_is_used_with_its_token() -> None:
    found = caller(**OWN, AWS_SESSION_TOKEN="token", TWIN_INSTANCE="one")
    assert found.env["AWS_SESSION_TOKEN"] == "token"
    credentials = found.boto3_session("us-east-1").get_credentials()
    assert credentials is not None
    assert credentials.token == "token"


@pytest.mark.parametrize(
    "environ", [{}, OWN, {**OWN, INSTANCE_VARIABLE: "another"}, {INSTANCE_VARIABLE: "one"}], ids=str
)
def test_other_keys_and_none_leave_the_administrators(environ: dict[str, str]) -> None:
    """Keys of an AWS account, of a twin that has ended, and none."""
    assert caller(**environ).description == DESCRIPTION


def test_the_administrator_never_stands_in_for_somebody_who_was_to_act() -> None:
    environ = {**OWN, INSTANCE_VARIABLE: "another", CALLER_VARIABLE: "operator"}
    with pytest.raises(ActingError, match=r"cannot act as operator: .*another twin .*--as operator"):
        caller(**environ)
