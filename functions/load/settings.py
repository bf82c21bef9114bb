"""The one reader of the functions' environment."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from . import contract
from .errors import ConfigurationError


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Where the load goes, and the credentials of the function's role."""

    domain_name: str
    access_key: str
    secret_key: str = field(repr=False)
    token: str = field(repr=False)


def load(environ: Mapping[str, str]) -> Settings:
    """Read what both functions need; raises ConfigurationError."""
    return Settings(
        domain_name=_required(environ, contract.DOMAIN_NAME),
        access_key=_required(environ, "AWS_ACCESS_KEY_ID"),
        secret_key=_required(environ, "AWS_SECRET_ACCESS_KEY"),
        token=_required(environ, "AWS_SESSION_TOKEN"),
    )


def _required(environ: Mapping[str, str], name: str) -> str:
    value = environ.get(name, "")
    if not value:
        raise ConfigurationError(
            f"{name} is {'empty' if name in environ else 'missing'}: the load generator's functions need it. "
            "Lambda sets the credentials; set the others in the function's environment."
        )
    return value
