"""One Lambda function of the order service, with a role, a log group and permissions of its own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_aws import lambda_, s3

from blueprint import policies
from blueprint.naming import function_name
from blueprint.stack_config import StackConfig
from components.app.function_resources import FunctionArgs, create_function, log_group_of
from components.packing.packaging import Archive
from functions.orders.contract import CONSISTENCY, FUNCTION_TABLES, HANDLERS, table_variable


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
        self._physical_name = function_name(args.config, args.function)
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
        return self._made.log_group.name

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
