"""The one reader of the functions' environment."""

from collections.abc import Mapping
from dataclasses import dataclass

from . import contract
from .errors import ConfigurationError


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What a function knows of where it runs; ``tables`` maps contract.TABLES to physical names."""

    region: str
    tables: Mapping[str, str]
    strong: bool


def load(environ: Mapping[str, str], function: str) -> Settings:
    """Read what ``function`` (one of contract.HANDLERS) needs; raises ConfigurationError."""
    return Settings(
        region=_required(environ, "AWS_REGION", function),
        tables={
            table: _required(environ, contract.table_variable(table), function)
            for table in contract.FUNCTION_TABLES[function]
        },
        strong=_consistency(environ, function) == contract.STRONG,
    )


def _consistency(environ: Mapping[str, str], function: str) -> str:
    value = _required(environ, contract.CONSISTENCY, function)
    if value not in (contract.EVENTUAL, contract.STRONG):
        raise ConfigurationError(
            f"{contract.CONSISTENCY} is {value!r}: tables are {contract.EVENTUAL} or {contract.STRONG}. "
            f"Set one of the two in the environment of the function {function!r}."
        )
    return value


def _required(environ: Mapping[str, str], name: str, function: str) -> str:
    value = environ.get(name, "")
    if not value:
        raise ConfigurationError(
            f"{name} is {'empty' if name in environ else 'missing'}: the function {function!r} needs "
            "it. Set it in the function's environment."
        )
    return value
