"""The order service's Lambda functions of one region, all from one archive.

Each has a role, a log group and permissions of its own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_aws import lambda_, s3

from blueprint import policies
from blueprint.naming import Namer, function_name
from blueprint.order_service import FunctionSpec
from components.answers import required
from components.app.artifacts import Artifacts
from components.app.function_resources import FunctionArgs, FunctionSettings, create_function, log_group_of
from components.packing import sources
from components.packing.packaging import Archive, python_members, write_named_archive
from functions.orders.contract import CONSISTENCY, table_variable


@dataclass(frozen=True, kw_only=True)
class OrderFunctionsArgs:
    namer: Namer
    region: str
    account_id: pulumi.Input[str]
    functions: Mapping[str, FunctionSpec]
    """By their keys in the functions' contract: create, read, fill."""
    consistency: str
    """Of the tables: `eventual` or `strong`."""
    tables: Mapping[str, pulumi.Input[str]]
    """Physical names by the contract's keys."""
    settings: FunctionSettings
    artifacts: Artifacts


class OrderFunctions(pulumi.ComponentResource):
    """Makes an OrderFunction for each that is given, and uploads their archive."""

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
                    namer=args.namer,
                    region=args.region,
                    account_id=args.account_id,
                    function=function,
                    spec=spec,
                    consistency=args.consistency,
                    tables=args.tables,
                    settings=args.settings,
                    code=code,
                    archive=archive,
                    layers=[args.artifacts.layer_arns[layer] for layer in spec.layers],
                ),
                opts=pulumi.ResourceOptions(parent=self),
            )
            for function, spec in args.functions.items()
        }
        self.register_outputs({"arns": dict(self.arns)})

    @property
    def resources(self) -> Mapping[str, lambda_.Function]:
        return {name: function.resource for name, function in self._functions.items()}

    @property
    def arns(self) -> Mapping[str, pulumi.Output[str]]:
        return {name: required(function.resource, "arn") for name, function in self._functions.items()}


def order_functions_archive() -> Archive:
    """The package `orders`, its Python sources alone; one archive for every function of it."""
    return write_named_archive(
        sources.CACHE / "functions", "orders", python_members(sources.ORDER_FUNCTIONS, prefix="orders")
    )


@dataclass(frozen=True, kw_only=True)
class OrderFunctionArgs:
    namer: Namer
    region: str
    account_id: pulumi.Input[str]
    function: str
    """Its key in the functions' contract: create, read or fill."""
    spec: FunctionSpec
    consistency: str
    """Of the tables: `eventual` or `strong`."""
    tables: Mapping[str, pulumi.Input[str]]
    """Physical names by the contract's keys."""
    settings: FunctionSettings
    code: s3.BucketObjectv2
    archive: Archive
    layers: Sequence[pulumi.Input[str]]


class OrderFunction(pulumi.ComponentResource):
    """Makes a Function, its LogGroup, and its Role with a RolePolicy (create_function)."""

    def __init__(
        self, name: str, args: OrderFunctionArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("resilient-orders:app:OrderFunction", name, None, opts)
        self._args = args
        self._physical_name = function_name(args.namer, args.function)
        self._made = create_function(
            name,
            FunctionArgs(
                settings=args.settings,
                physical_name=self._physical_name,
                policy=self._policy(),
                handler=args.spec.handler,
                timeout_seconds=args.spec.timeout_seconds,
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

    def _policy(self) -> pulumi.Output[str]:
        args = self._args
        return pulumi.Output.all(account_id=args.account_id, tables=args.tables).apply(
            lambda known: policies.as_json(
                policies.order_function(
                    function=args.function,
                    consistency=args.consistency,
                    region=args.region,
                    account_id=known["account_id"],
                    tables=known["tables"],
                    log_group=log_group_of(self._physical_name),
                )
            )
        )

    def _environment(self) -> dict[str, pulumi.Input[str]]:
        args = self._args
        names = {table_variable(table): args.tables[table] for table in args.spec.tables}
        return {**names, CONSISTENCY: args.consistency}
