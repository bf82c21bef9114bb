"""The parts a twin is made of, in the order they are installed."""

import importlib

from twin.core import Core

PARTS = (
    "twin.emulator.identity",
    "twin.emulator.permission_resources",
    "twin.emulator.permission_conditions",
    "twin.emulator.own_user",
    "twin.emulator.route53_rules",
    "twin.emulator.dynamodb",
    "twin.services.dispatch",
    "twin.emulator.apigateway",
    "twin.emulator.lambda_",
    "twin.emulator.function_code",
    "twin.emulator.logs",
    "twin.canaries.part",
    "twin.emulator.cloudwatch",
    "twin.emulator.cloudwatch_query",
    "twin.emulator.alarms",
    "twin.emulator.dashboards",
    "twin.emulator.notifications",
    "twin.emulator.health_metrics",
    "twin.emulator.metric_queries",
    "twin.pulumi_engine.provider_door",
    "twin.emulator.stepfunctions",
    "twin.page.part",
)


def install_all(core: Core) -> None:
    """Import and install every part. They hook the emulator, which their import starts."""
    for name in PARTS:
        importlib.import_module(name).install(core)
