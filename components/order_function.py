"""One Lambda function of the order service, with a role, a log group and permissions of its own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_aws import cloudwatch, iam, lambda_, s3

from components import policies
from components.naming import function_name
from components.packaging import Archive
from components.stack_config import StackConfig
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
        self._name = name
        self._args = args
        self._physical_name = function_name(args.config, args.function)
        self._child = pulumi.ResourceOptions(parent=self)
        self._log_group = cloudwatch.LogGroup(
            f"{name}-log",
            name=f"/aws/lambda/{self._physical_name}",
            retention_in_days=args.config.log_retention_days,
            opts=self._child,
        )
        role, policy = self._create_role()
        self._function = self._create_function(role, policy)
        self.register_outputs({"arn": self._function.arn})

    @property
    def resource(self) -> lambda_.Function:
        return self._function

    @property
    def log_group_name(self) -> pulumi.Output[str]:
        return self._log_group.name

    def _create_role(self) -> tuple[iam.Role, iam.RolePolicy]:
        args = self._args
        # IAM is one for all regions: the name carries the stack, which is one for each region.
        role = iam.Role(
            f"{self._name}-role",
            name=self._physical_name,
            description=f"What the function {self._physical_name} may do",
            assume_role_policy=policies.as_json(policies.trust("lambda.amazonaws.com")),
            opts=self._child,
        )
        document = pulumi.Output.all(account_id=args.account_id, tables=args.tables).apply(
            lambda known: policies.as_json(
                policies.order_function(
                    function=args.function,
                    consistency=args.config.consistency,
                    region=args.region,
                    account_id=known["account_id"],
                    tables=known["tables"],
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
            timeout=args.timeout_seconds,
            s3_bucket=args.code.bucket,
            s3_key=args.code.key,
            source_code_hash=args.archive.base64_sha256,
            layers=args.layers,
            environment=lambda_.FunctionEnvironmentArgs(variables=self._environment()),
            logging_config=self._logging(),
            tracing_config=lambda_.FunctionTracingConfigArgs(mode="Active"),
            # Not only the role: its policy must be there before the first call.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[policy, self._log_group]),
        )

    def _environment(self) -> dict[str, pulumi.Input[str]]:
        tables = FUNCTION_TABLES[self._args.function]
        names = {table_variable(table): self._args.tables[table] for table in tables}
        return {**names, CONSISTENCY: self._args.config.consistency}

    def _logging(self) -> lambda_.FunctionLoggingConfigArgs:
        """One line a request, and only in the group that has a retention.

        JSON makes Lambda's own lines JSON too and lets it filter them. A line that the function prints is
        passed on as it is (Lambda Developer Guide, "Log and monitor Python Lambda functions"), so CloudWatch
        finds the embedded metrics in it; at INFO, lines that name no level are kept. WARN leaves out Lambda's
        own start and report lines of every request.
        """
        return lambda_.FunctionLoggingConfigArgs(
            log_format="JSON",
            application_log_level="INFO",
            system_log_level="WARN",
            log_group=self._log_group.name,
        )
