"""One Lambda function of the load generator, with a role, a log group and permissions of its own."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_aws import s3

from blueprint import policies
from blueprint.load_definition import FUNCTION_SECONDS
from blueprint.naming import LAMBDA_FUNCTION, physical
from blueprint.stack_config import StackConfig
from components.app.function_resources import FunctionArgs, create_function, log_group_of
from components.packing import sources
from components.packing.packaging import Archive, Member, python_members, write_named_archive
from functions.load.contract import DOMAIN_NAME, HANDLERS, ROUTES


@dataclass(frozen=True, kw_only=True)
class LoadFunctionArgs:
    config: StackConfig
    account_id: pulumi.Input[str]
    function: str
    """Its key in the functions' contract: fill or order."""
    code: s3.BucketObjectv2
    archive: Archive
    layers: Sequence[pulumi.Input[str]]


class LoadFunction(pulumi.ComponentResource):
    def __init__(self, name: str, args: LoadFunctionArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("resilient-orders:load:LoadFunction", name, None, opts)
        self._args = args
        self._physical_name = physical(args.config, f"load-{args.function}", LAMBDA_FUNCTION)
        self._made = create_function(
            name,
            FunctionArgs(
                config=args.config,
                physical_name=self._physical_name,
                policy=self._policy(),
                handler=HANDLERS[args.function],
                timeout_seconds=FUNCTION_SECONDS[args.function],
                code=args.code,
                archive=args.archive,
                layers=args.layers,
                environment={DOMAIN_NAME: args.config.domain_name},
            ),
            parent=self,
        )
        self.register_outputs({"arn": self.arn})

    @property
    def arn(self) -> pulumi.Output[str]:
        return self._made.function.arn

    def _policy(self) -> pulumi.Output[str]:
        config = self._args.config
        return pulumi.Output.from_input(self._args.account_id).apply(
            lambda account_id: policies.as_json(
                policies.load_function(
                    routes=ROUTES[self._args.function],
                    regions=config.regions,
                    stage=config.api_stage,
                    region=config.region,
                    account_id=account_id,
                    log_group=log_group_of(self._physical_name),
                )
            )
        )


def load_functions_archive() -> Archive:
    """The load generator's functions, and of the order functions the names that both share."""
    shared = ("__init__.py", "orders/__init__.py", "orders/contract.py")
    members = [
        *python_members(sources.LOAD_FUNCTIONS, prefix="functions/load"),
        *(Member(path=f"functions/{file}", source=sources.FUNCTIONS / file) for file in shared),
    ]
    return write_named_archive(sources.CACHE / "functions", "load", members)
