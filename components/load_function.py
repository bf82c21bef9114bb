"""One Lambda function of the load generator, with a role, a log group and permissions of its own."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_aws import cloudwatch, iam, lambda_, s3

from components import policies, sources
from components.load_definition import FUNCTION_SECONDS
from components.naming import LAMBDA_FUNCTION, physical
from components.packaging import Archive, Member, python_members, write_named_archive
from components.stack_config import StackConfig
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
        self._name = name
        self._args = args
        self._physical_name = physical(args.config, f"load-{args.function}", LAMBDA_FUNCTION)
        self._child = pulumi.ResourceOptions(parent=self)
        self._log_group = cloudwatch.LogGroup(
            f"{name}-log",
            name=f"/aws/lambda/{self._physical_name}",
            retention_in_days=args.config.log_retention_days,
            opts=self._child,
        )
        role, policy = self._create_role()
        self._function = self._create_function(role, policy)
        self.register_outputs({"arn": self.arn})

    @property
    def arn(self) -> pulumi.Output[str]:
        return self._function.arn

    def _create_role(self) -> tuple[iam.Role, iam.RolePolicy]:
        config = self._args.config
        role = iam.Role(
            f"{self._name}-role",
            name=self._physical_name,
            description=f"What the function {self._physical_name} may do",
            assume_role_policy=policies.as_json(policies.trust("lambda.amazonaws.com")),
            opts=self._child,
        )
        document = pulumi.Output.from_input(self._args.account_id).apply(
            lambda account_id: policies.as_json(
                policies.load_function(
                    routes=ROUTES[self._args.function],
                    regions=config.regions,
                    stage=config.api_stage,
                    region=config.region,
                    account_id=account_id,
                    log_group=f"/aws/lambda/{self._physical_name}",
                )
            )
        )
        policy = iam.RolePolicy(
            f"{self._name}-policy", name="own-work", role=role.name, policy=document, opts=self._child
        )
        return role, policy

    def _create_function(self, role: iam.Role, policy: iam.RolePolicy) -> lambda_.Function:
        args = self._args
        return lambda_.Function(
            self._name,
            name=self._physical_name,
            role=role.arn,
            runtime=args.config.lambda_runtime,
            architectures=[args.config.lambda_architecture],
            handler=HANDLERS[args.function],
            memory_size=args.config.lambda_memory_mb,
            timeout=FUNCTION_SECONDS[args.function],
            s3_bucket=args.code.bucket,
            s3_key=args.code.key,
            source_code_hash=args.archive.base64_sha256,
            layers=args.layers,
            environment=lambda_.FunctionEnvironmentArgs(variables={DOMAIN_NAME: args.config.domain_name}),
            logging_config=lambda_.FunctionLoggingConfigArgs(
                log_format="JSON",
                application_log_level="INFO",
                system_log_level="WARN",
                log_group=self._log_group.name,
            ),
            tracing_config=lambda_.FunctionTracingConfigArgs(mode="Active"),
            # Not only the role: its policy must be there before the first call.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[policy, self._log_group]),
        )


def load_functions_archive() -> Archive:
    """The load generator's functions, and of the order functions the names that both share."""
    shared = ("__init__.py", "orders/__init__.py", "orders/contract.py")
    members = [
        *python_members(sources.LOAD_FUNCTIONS, prefix="functions/load"),
        *(Member(path=f"functions/{file}", source=sources.FUNCTIONS / file) for file in shared),
    ]
    return write_named_archive(sources.CACHE / "functions", "load", members)
