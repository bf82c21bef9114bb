"""From Step Functions' call to the function's work: settings, client, checked input, one log line."""

import json
import os
from collections.abc import Callable, Mapping
from http.client import HTTPException
from typing import Any, Final, Protocol
from urllib.parse import urlsplit

from functions.orders.contract import is_valid_id

from . import contract
from .api import ApiAnswer, OrdersApi
from .errors import InvalidInputError
from .settings import load
from .signing import Signer

NO_ANSWER: Final = (OSError, HTTPException)
"""What a call raises that nobody answered."""

Handler = Callable[[Any, Any], dict[str, Any]]


class Api(Protocol):
    def send(self, method: str, path: str, query: Mapping[str, str]) -> ApiAnswer: ...


Work = Callable[[Mapping[str, Any], Api], dict[str, Any]]


def build(work: Work, environ: Mapping[str, str], *, read_seconds: float, api: Api | None = None) -> Handler:
    """The function in one environment; raises ConfigurationError."""
    settings = load(environ)
    client = api or OrdersApi(settings.domain_name, Signer(settings), read_seconds=read_seconds)

    def handler(event: Any, _context: Any) -> dict[str, Any]:
        given: Mapping[str, Any] = event if isinstance(event, dict) else {}
        check_url(given.get(contract.URL), settings.domain_name)
        return work(given, client)

    return handler


def entry_point(work: Work, *, read_seconds: float) -> Handler:
    """The handler that Lambda calls; settings and client are made at the first call, and kept."""
    built: list[Handler] = []

    def handler(event: Any, context: Any) -> dict[str, Any]:
        if not built:
            built.append(build(work, os.environ, read_seconds=read_seconds))
        return built[0](event, context)

    return handler


def check_url(url: object, domain_name: str) -> None:
    """Raises InvalidInputError unless the URL is the deployment's own name, with or without its scheme."""
    text = url if isinstance(url, str) else ""
    host = urlsplit(text if "://" in text else f"https://{text}").netloc
    if host.lower() != domain_name.lower():
        raise InvalidInputError(
            f"{contract.URL} is {url!r}: the load of this deployment goes to {domain_name} and nowhere else, "
            f'since its requests are signed. Give "{domain_name}".'
        )


def identifier(given: Mapping[str, Any], name: str) -> str:
    """An id of an order that is to be placed; raises InvalidInputError."""
    value = given.get(name)
    if not isinstance(value, str) or not is_valid_id(value):
        raise InvalidInputError(f"{contract.ORDER}.{name} is {value!r}, which is no id.")
    return value


def no_answer(error: Exception) -> str:
    """What to say of a call that nobody answered; some errors have no words of their own."""
    return f"no answer: {str(error) or type(error).__name__}"


def note(**fields: object) -> None:
    """One JSON line in the function's log."""
    print(json.dumps({"level": "INFO", **fields}, separators=(",", ":")), flush=True)
