"""What pulumi_aws's own classes say that a resource or a lookup answers."""

import importlib
from collections.abc import Mapping
from functools import cache


@cache
def outputs_of(token: str) -> Mapping[str, str]:
    """The annotations of everything that a resource or a lookup answers, by its name in Pulumi's protocol."""
    _, module, name = token.split(":")
    package = module.split("/")[0]
    path = {"index": "pulumi_aws", "lambda": "pulumi_aws.lambda_"}.get(package, f"pulumi_aws.{package}")
    found = getattr(
        importlib.import_module(path), name if name[0].isupper() else f"{name[0].upper()}{name[1:]}Result"
    )
    getters = {key: value.fget for key, value in vars(found).items() if isinstance(value, property)}
    return {
        getattr(getter, "_pulumi_name", key): str(getter.__annotations__["return"])
        for key, getter in getters.items()
    }
