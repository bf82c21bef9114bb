"""Who may call the emulator: no root-equivalent keys, an administrator made at start, regions by listener."""

import re
import secrets
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import ministack.app
import ministack.core.iam_evaluator as evaluator
import ministack.core.responses as responses
import ministack.services.iam as iam

from twin.aws.hooks import HookedName, declare, replace
from twin.core import Core
from twin.front.protocol import current_listener
from twin.front.signature import claim_of
from twin.settings import ACCOUNT_ID, GLOBAL_SERVICES_REGION

ADMIN_USER = "twin-admin"
_ADMIN_POLICY = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'
_EVALUATOR = "ministack.core.iam_evaluator"
_ROOT_KEY_USERS = (_EVALUATOR, "ministack.services.sts")

declare(
    HookedName(module="ministack.app", attribute="app", signature="(scope, receive, send)"),
    HookedName(
        module="ministack.services.iam",
        attribute="handle_request",
        signature="(method, path, headers, body, query_params)",
    ),
    HookedName(
        module="ministack.core.responses", attribute="request_scope", signature="(account_id, region)"
    ),
    HookedName(module=_EVALUATOR, attribute="_signed_request"),
    HookedName(module=_EVALUATOR, attribute="AuthError", signature="(code, message, details)"),
    HookedName(module="ministack.services.iam", attribute="_access_keys"),
)


@dataclass(frozen=True, kw_only=True)
class Credentials:
    """An access key of the twin's administrator."""

    access_key: str
    secret_key: str


def install(core: Core) -> None:
    """Hook credentials and regions."""
    del core
    for module in _ROOT_KEY_USERS:
        replace(
            HookedName(module=module, attribute="is_root_access_key", signature="(access_key_id)"),
            _only_no_key_is_root,
        )
    replace(
        HookedName(module="ministack.app", attribute="extract_region", signature="(headers, query_params)"),
        _listener_region_first,
    )
    replace(
        HookedName(module=_EVALUATOR, attribute="authenticate", signature="(access_key_id, account_id)"),
        _region_checked,
    )


def _only_no_key_is_root(_original: Any) -> Any:
    """The emulator's own work has no key; every key a client sends must exist and match its secret."""

    def is_root_access_key(access_key_id: str) -> bool:
        return not access_key_id

    return is_root_access_key


def _listener_region_first(original: Any) -> Any:
    """A request's region is its listener's: a SigV4a signature for `*` and an unsigned call name none."""

    def extract_region(headers: dict[str, str], query_params: dict[str, Any] | None = None) -> str:
        listener = current_listener.get()
        if listener is not None and listener.region is not None:
            return listener.region
        found = original(headers, query_params)
        return str(found)

    return extract_region


def _region_checked(original: Any) -> Any:
    """Refuse a SigV4 signature for another region where a call is authorised, as AWS's endpoints do."""

    def authenticate(access_key_id: str, account_id: str) -> Any:
        signed, listener = evaluator._signed_request.get(), current_listener.get()
        # At the endpoint for all regions the region was taken from the signature itself.
        if signed is not None and listener is not None and listener.kind == "region" and not signed.presigned:
            claim = claim_of(signed.headers, "")
            if claim is not None and claim.region is not None and claim.region != listener.region:
                evaluator._signed_request.set(None)
                return evaluator.AuthError(
                    "SignatureDoesNotMatch", "Credential should be scoped to a valid region. "
                )
        return original(access_key_id, account_id)

    return authenticate


async def create_administrator() -> Credentials:
    """An IAM user that may do everything, with a fresh random access key."""
    with responses.request_scope(ACCOUNT_ID, GLOBAL_SERVICES_REGION):
        await _iam("CreateUser", UserName=ADMIN_USER)
        await _iam(
            "PutUserPolicy", UserName=ADMIN_USER, PolicyName="everything", PolicyDocument=_ADMIN_POLICY
        )
        answer = await _iam("CreateAccessKey", UserName=ADMIN_USER)
        key = _element(answer, "AccessKeyId")
        secret = secrets.token_urlsafe(30)
        iam._access_keys[key]["SecretAccessKey"] = secret
    return Credentials(access_key=key, secret_key=secret)


async def _iam(action: str, **parameters: str) -> str:
    """Call IAM inside the emulator, before there is anyone who could sign."""
    body = urlencode({"Action": action, "Version": "2010-05-08", **parameters}).encode()
    headers = {"content-type": "application/x-www-form-urlencoded", "host": "iam.amazonaws.com"}
    status, _, answer = await iam.handle_request("POST", "/", headers, body, {})
    text = answer.decode() if isinstance(answer, bytes) else str(answer)
    if status != 200:
        raise RuntimeError(f"the emulator's IAM refused {action}: {text[:300]}")
    return text


def _element(xml: str, name: str) -> str:
    found = re.search(f"<{name}>([^<]+)</{name}>", xml)
    if found is None:
        raise RuntimeError(f"the emulator's IAM answered without {name}")
    return found.group(1)


def asgi_app() -> Any:
    """The emulator's ASGI application."""
    return ministack.app.app
