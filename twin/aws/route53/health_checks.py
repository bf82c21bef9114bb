"""Route 53's health checks, as the emulator keeps them."""

from ministack.core import responses
from ministack.services import route53

from twin.aws.hooks import HookedName, declare
from twin.settings import GLOBAL_SERVICES_REGION

declare(
    HookedName(module="ministack.services.route53", attribute="_health_checks"),
    HookedName(
        module="ministack.core.responses", attribute="request_scope", signature="(account_id, region)"
    ),
)


def following(routing_control_arn: str) -> list[str]:
    """The ids of the health checks that follow a routing control."""
    account_id = routing_control_arn.split(":")[4]
    with responses.request_scope(account_id, GLOBAL_SERVICES_REGION):
        checks = list(route53._health_checks.values())
    return sorted(
        str(check["id"])
        for check in checks
        if check["config"].get("RoutingControlArn") == routing_control_arn
    )
