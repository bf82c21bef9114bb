"""Every handler by the resource type that it stands for."""

import pkgutil
from collections.abc import Iterator, Mapping
from importlib import import_module
from types import ModuleType

from twin.deploy import resources
from twin.deploy.errors import UnknownResourceError
from twin.deploy.resources.base import Handler


def _handlers(module: ModuleType) -> Iterator[Handler]:
    for item in vars(module).values():
        if isinstance(item, type) and issubclass(item, Handler) and hasattr(item, "pulumi_type"):
            yield item()


def _modules() -> Iterator[ModuleType]:
    for found in pkgutil.iter_modules(resources.__path__, f"{resources.__name__}."):
        if found.name != __name__:
            yield import_module(found.name)


HANDLERS: Mapping[str, Handler] = {
    handler.pulumi_type: handler for module in _modules() for handler in _handlers(module)
}


def handler_of(pulumi_type: str) -> Handler:
    """Raises UnknownResourceError for a type that the twin cannot create."""
    handler = HANDLERS.get(pulumi_type)
    if handler is None:
        raise UnknownResourceError(
            f"{pulumi_type} has no handler in the twin, so it cannot be created there. "
            f"Add one to twin/deploy/resources, or switch off the part of the program that declares it."
        )
    return handler
