"""Temporary credentials of a role, as a service of AWS gets them for what it runs."""

import secrets
from collections.abc import Mapping

import ministack.services.sts as sts

from twin.aws.hooks import HookedName, declare

declare(
    HookedName(
        module="ministack.services.sts", attribute="register_session", signature="(access_key, session)"
    )
)


def role_session(account: str, role_arn: str, name: str) -> Mapping[str, str]:
    """A new session called `name`, as the environment variables that SDKs read."""
    role = role_arn.rpartition("/")[2]
    access_key = "ASIA" + secrets.token_hex(8).upper()
    secret, token = secrets.token_urlsafe(30), secrets.token_urlsafe(48)
    session = {
        "Arn": f"arn:aws:sts::{account}:assumed-role/{role}/{name}",
        "UserId": f"AROA{secrets.token_hex(8).upper()}:{name}",
        "AccountId": account,
        "SecretAccessKey": secret,
        "SessionToken": token,
    }
    sts.register_session(access_key, session)
    return {
        "AWS_ACCESS_KEY_ID": access_key,
        "AWS_SECRET_ACCESS_KEY": secret,
        "AWS_SESSION_TOKEN": token,
    }
