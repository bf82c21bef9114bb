"""Every handler by the resource type that it stands for."""

from collections.abc import Iterator, Mapping
from types import ModuleType

from twin.deploy.errors import UnknownResourceError
from twin.deploy.resources import (
    acm,
    apigateway,
    arc,
    cloudwatch,
    dynamodb,
    iam,
    lambda_,
    logs,
    readiness,
    route53,
    s3,
    sfn,
    sns,
    synthetics,
)
from twin.deploy.resources.base import Handler

_MODULES = (
    acm,
    apigateway,
    arc,
    cloudwatch,
    dynamodb,
    iam,
    lambda_,
    logs,
    readiness,
    route53,
    s3,
    sfn,
    sns,
    synthetics,
)


def _handlers(module: ModuleType) -> Iterator[Handler]:
    for item in vars(module).values():
        if isinstance(item, type) and issubclass(item, Handler) and hasattr(item, "pulumi_type"):
            yield item()


HANDLERS: Mapping[str, Handler] = {
    handler.pulumi_type: handler for module in _MODULES for handler in _handlers(module)
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
