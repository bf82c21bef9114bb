"""AWS/Route53 HealthCheckStatus, in the only region that has Route 53's metrics.

AWS does not document it for RECOVERY_CONTROL checks; here it follows them, as DNS answers do.
"""

import asyncio

import ministack.services.route53 as emulated
from ministack.core.responses import request_scope

from twin.aws.cloudwatch import service_metrics
from twin.aws.route53 import zones
from twin.core import Core
from twin.settings import GLOBAL_SERVICES_REGION

_EVERY_SECONDS = 5.0


def install(core: Core) -> None:
    """Write the status of every health check now and then, while the region of the metrics lives."""

    async def write() -> None:
        while True:
            if core.outages.is_up(GLOBAL_SERVICES_REGION):
                write_status(core)
            await asyncio.sleep(_EVERY_SECONDS)

    async def start() -> None:
        core.run(write(), "health metrics")

    core.at_start.append(start)


def write_status(core: Core) -> None:
    """One value for each health check: 1 when it is healthy, else 0."""
    is_healthy = zones.health(lambda arn: core.routing_control_state(arn))
    with request_scope(core.settings.account_id, GLOBAL_SERVICES_REGION):
        for check in list(emulated._health_checks):
            status = float(is_healthy(check))
            dimensions = {"HealthCheckId": check}
            service_metrics.record("AWS/Route53", "HealthCheckStatus", status, "None", dimensions)
