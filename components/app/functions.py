"""The order service's Lambda functions of one region, all from one archive.

Each has a role, a log group and permissions of its own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
from pulumi_aws import lambda_, s3

from blueprint import policies
from blueprint.naming import function_name
from blueprint.stack_config import StackConfig
from components.answers import required
from components.app.artifacts import Artifacts
from components.app.function_resources import FunctionArgs, create_function, log_group_of
from components.packing import sources
from components.packing.packaging import Archive, python_members, write_named_archive
from functions.orders.contract import (
    CONSISTENCY,
    CREATE,
    FILL,
    FUNCTION_TABLES,
    HANDLERS,
    READ,
    table_variable,
)

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
        return {name: required(function.resource, "arn") for name, function in self._functions.items()}

    @property
    def log_group_names(self) -> Mapping[str, pulumi.Output[str]]:
        return {name: function.log_group_name for name, function in self._functions.items()}


def order_functions_archive() -> Archive:
    """The package `orders`, its Python sources alone; one archive for every function of it."""
    return write_named_archive(
        sources.CACHE / "functions", "orders", python_members(sources.ORDER_FUNCTIONS, prefix="orders")
    )


@dataclass(frozen=True, kw_only=True)
class OrderFunctionArgs:
    config: StackConfig
    region: str
    account_id: pulumi.Input[str]
    function: str
    """Its key in the functions' contract: create, read or fill."""
    timeout_seconds: int
    tables: Mapping[str, pulumi.Input[str]]
    code: s3.BucketObjectv2
    archive: Archive
    layers: Sequence[pulumi.Input[str]]


class OrderFunction(pulumi.ComponentResource):
    def __init__(
        self, name: str, args: OrderFunctionArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("resilient-orders:app:OrderFunction", name, None, opts)
        self._args = args
        self._physical_name = function_name(args.config.namer, args.function)
        self._made = create_function(
            name,
            FunctionArgs(
                config=args.config,
                physical_name=self._physical_name,
                policy=self._policy(),
                handler=HANDLERS[args.function],
                timeout_seconds=args.timeout_seconds,
                code=args.code,
                archive=args.archive,
                layers=args.layers,
                environment=self._environment(),
            ),
            parent=self,
        )
        self.register_outputs({"arn": self.resource.arn})

    @property
    def resource(self) -> lambda_.Function:
        return self._made.function

    @property
    def log_group_name(self) -> pulumi.Output[str]:
        return required(self._made.log_group, "name")

    def _policy(self) -> pulumi.Output[str]:
        args = self._args
        return pulumi.Output.all(account_id=args.account_id, tables=args.tables).apply(
            lambda known: policies.as_json(
                policies.order_function(
                    function=args.function,
                    consistency=args.config.consistency,
                    region=args.region,
                    account_id=known["account_id"],
                    tables=known["tables"],
                    log_group=log_group_of(self._physical_name),
                )
            )
        )

    def _environment(self) -> dict[str, pulumi.Input[str]]:
        tables = FUNCTION_TABLES[self._args.function]
        names = {table_variable(table): self._args.tables[table] for table in tables}
        return {**names, CONSISTENCY: self._args.config.consistency}
