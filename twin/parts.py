"""The parts a twin is made of, in the order they are installed."""

import importlib

from twin.core import Core

PARTS = (
    "twin.aws.iam.identity",
    "twin.aws.iam.permission_resources",
    "twin.aws.iam.permission_conditions",
    "twin.aws.iam.own_user",
    "twin.aws.route53.rules",
    "twin.aws.dynamodb",
    "twin.aws.dispatch",
    "twin.aws.apigateway",
    "twin.aws.lambda_.functions",
    "twin.aws.lambda_.function_code",
    "twin.aws.logs.delivery",
    "twin.aws.s3.uploads",
    "twin.aws.synthetics.runs.scheduler",
    "twin.aws.cloudwatch.service_metrics",
    "twin.aws.cloudwatch.query",
    "twin.aws.cloudwatch.alarms",
    "twin.aws.cloudwatch.dashboards",
    "twin.aws.sns.notifications",
    "twin.aws.route53.health_metrics",
    "twin.aws.cloudwatch.metric_queries",
    "twin.deploy.engine.provider_port",
    "twin.aws.stepfunctions",
    "twin.page.routes",
)


def install_all(core: Core) -> None:
    """Import and install every part. They hook the emulator, which their import starts."""
    for name in PARTS:
        importlib.import_module(name).install(core)
