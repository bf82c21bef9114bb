"""What every Lambda function of the program is made of: a log group, a role with its policy, the function.

The components differ in what a function may do and where it comes from; how one is made is here, once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_aws import cloudwatch, iam, lambda_, s3

from blueprint import policies
from components.packing.packaging import Archive


@dataclass(frozen=True, kw_only=True)
class FunctionSettings:
    """What all functions of a region have in common."""

    runtime: str
    """`python3.13`"""
    architecture: str
    """`arm64` or `x86_64`"""
    memory_mb: int
    log_retention_days: int


@dataclass(frozen=True, kw_only=True)
class FunctionArgs:
    settings: FunctionSettings
    physical_name: str
    policy: pulumi.Input[str]
    """The document of what it may do."""
    handler: str
    timeout_seconds: int
    code: s3.BucketObjectv2
    """Holds `archive`, in a bucket of the function's region."""
    archive: Archive
    layers: Sequence[pulumi.Input[str]]
    environment: Mapping[str, pulumi.Input[str]]


@dataclass(frozen=True, kw_only=True)
class FunctionResources:
    function: lambda_.Function
    log_group: cloudwatch.LogGroup


def log_group_of(physical_name: str) -> str:
    """The name of a function's log group."""
    return f"/aws/lambda/{physical_name}"


def create_function(name: str, args: FunctionArgs, *, parent: pulumi.Resource) -> FunctionResources:
    """Makes a LogGroup, a Role, its RolePolicy and the Function, as children of `parent`.

        create_function("orders-read", FunctionArgs(...), parent=self).function.arn

    Their logical names start with `name`.
    """
    child = pulumi.ResourceOptions(parent=parent)
    log_group = cloudwatch.LogGroup(
        f"{name}-log",
        name=log_group_of(args.physical_name),
        retention_in_days=args.settings.log_retention_days,
        opts=child,
    )
    # IAM is one for all regions: the name carries the stack, which is one for each region.
    role = iam.Role(
        f"{name}-role",
        name=args.physical_name,
        description=f"What the function {args.physical_name} may do",
        assume_role_policy=policies.as_json(policies.trust("lambda.amazonaws.com")),
        opts=child,
    )
    policy = iam.RolePolicy(f"{name}-policy", name="own-work", role=role.name, policy=args.policy, opts=child)
    function = lambda_.Function(
        name,
        name=args.physical_name,
        role=role.arn,
        runtime=args.settings.runtime,
        architectures=[args.settings.architecture],
        handler=args.handler,
        memory_size=args.settings.memory_mb,
        timeout=args.timeout_seconds,
        s3_bucket=args.code.bucket,
        s3_key=args.code.key,
        source_code_hash=args.archive.base64_sha256,
        layers=args.layers,
        environment=lambda_.FunctionEnvironmentArgs(variables=args.environment),
        logging_config=_logging(log_group),
        tracing_config=lambda_.FunctionTracingConfigArgs(mode="Active"),
        # Not only the role: its policy must be there before the first call.
        opts=pulumi.ResourceOptions(parent=parent, depends_on=[policy, log_group]),
    )
    return FunctionResources(function=function, log_group=log_group)


def _logging(log_group: cloudwatch.LogGroup) -> lambda_.FunctionLoggingConfigArgs:
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
        log_group=log_group.name,
    )
