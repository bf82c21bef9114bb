"""The order service's Lambda functions of one region, all from one archive."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import pulumi
from pulumi_aws import lambda_

from blueprint.stack_config import StackConfig
from components.app.artifacts import Artifacts
from components.app.order_function import OrderFunction, OrderFunctionArgs
from components.packing import sources
from components.packing.packaging import Archive, python_members, write_named_archive
from functions.orders.contract import CREATE, FILL, READ

# Below API Gateway's 29 s, above what a function gives itself for its work (functions/orders).
_TIMEOUT_SECONDS: Final[Mapping[str, int]] = {CREATE: 8, READ: 8, FILL: 28}
_LAYERS: Final[Mapping[str, tuple[str, ...]]] = {
    CREATE: ("powertools",),
    READ: ("powertools",),
    FILL: ("powertools", "ulid"),
}


@dataclass(frozen=True, kw_only=True)
class OrderFunctionsArgs:
    config: StackConfig
    region: str
    account_id: pulumi.Input[str]
    tables: Mapping[str, pulumi.Input[str]]
    artifacts: Artifacts


class OrderFunctions(pulumi.ComponentResource):
    """create, read and fill; where fill is switched off, nothing of it exists."""

    def __init__(
        self, name: str, args: OrderFunctionsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("resilient-orders:app:OrderFunctions", name, None, opts)
        archive = order_functions_archive()
        code = args.artifacts.upload(f"{name}-code", archive, key_prefix="functions/orders", parent=self)
        self._functions = {
            function: OrderFunction(
                f"{name}-{function}",
                OrderFunctionArgs(
                    config=args.config,
                    region=args.region,
                    account_id=args.account_id,
                    function=function,
                    timeout_seconds=_TIMEOUT_SECONDS[function],
                    tables=args.tables,
                    code=code,
                    archive=archive,
                    layers=[args.artifacts.layer_arns[layer] for layer in _LAYERS[function]],
                ),
                opts=pulumi.ResourceOptions(parent=self),
            )
            for function in _LAYERS
            if function != FILL or args.config.fill_enabled
        }
        self.register_outputs({"arns": dict(self.arns)})

    @property
    def resources(self) -> Mapping[str, lambda_.Function]:
        return {name: function.resource for name, function in self._functions.items()}

    @property
    def arns(self) -> Mapping[str, pulumi.Output[str]]:
        return {name: function.resource.arn for name, function in self._functions.items()}

    @property
    def log_group_names(self) -> Mapping[str, pulumi.Output[str]]:
        return {name: function.log_group_name for name, function in self._functions.items()}


def order_functions_archive() -> Archive:
    """The package `orders`, its Python sources alone; one archive for every function of it."""
    return write_named_archive(
        sources.CACHE / "functions", "orders", python_members(sources.ORDER_FUNCTIONS, prefix="orders")
    )
