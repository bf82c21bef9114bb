"""The services that the twin implements itself: a request in, the service's answer out.

A service says which IAM permissions a call needs and answers it; parsing, validation, authorisation and typed
errors are the same for all and are done here.
"""

import logging
import time
import uuid
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from twin.aws.arc.cluster import QUORUM, ArcCluster
from twin.aws.arc.control_config import ArcControlConfig
from twin.aws.arc.readiness import ArcReadiness
from twin.aws.arc.readiness_state import ReadinessState
from twin.aws.arc.state import ArcState, Endpoint
from twin.aws.iam.authorisation import Caller, RefusedError, authorise
from twin.aws.kms.service import Kms
from twin.aws.own.contract import CallContext, OwnService, Permission
from twin.aws.own.errors import ServiceError
from twin.aws.own.wire import HttpResponse, Wire
from twin.aws.route53 import health_checks
from twin.aws.synthetics import other_services
from twin.aws.synthetics.service import Synthetics
from twin.aws.synthetics.state import state_of
from twin.core import Core
from twin.front.protocol import ASGIApp, Receive, Scope, Send
from twin.front.request import Request, answer, listener_of, request_of
from twin.settings import ARC_ENDPOINT_REGIONS

_log = logging.getLogger(__name__)

# How long a new ARC resource is PENDING. AWS takes minutes for a cluster; what matters is that clients wait.
ARC_SETTLE_SECONDS = 0.2


# Checks a request's signature and permissions at a region; raises RefusedError.
Authorise = Callable[[Scope, Request, str, list[Permission]], Caller]


class Dispatcher:
    """Answers the requests of own services."""

    def __init__(self, services: list[OwnService], authorise: Authorise = authorise) -> None:
        self._authorise = authorise
        self._services = {service.botocore_service: service for service in services}
        self._wires = {name: Wire(name) for name in self._services}

    def layer(self, app: ASGIApp) -> ASGIApp:
        """Answer the requests of own services, pass the others on."""

        async def own_services(scope: Scope, receive: Receive, send: Send) -> None:
            request = request_of(scope)
            if request.service not in self._services or request.operation is None:
                await app(scope, receive, send)
                return
            response = self.respond(scope, request)
            headers = {**response.headers, "x-amzn-requestid": str(uuid.uuid4())}
            await answer(send, response.status, headers, response.body)

        return own_services

    def respond(self, scope: Scope, request: Request) -> HttpResponse:
        """The answer to one request, errors included."""
        service, wire = self._services[request.service or ""], self._wires[request.service or ""]
        operation = wire.operation(request.operation or "")
        region = listener_of(scope).region or ""
        try:
            params = wire.parameters(operation, request)
            needed = [_in_region(p, region) for p in service.permissions(operation.name, params)]
            caller = self._authorise(scope, request, region, needed)
            context = CallContext(region=region, account_id=caller.account_id, principal=caller.arn)
            return wire.success(operation, service.call(operation.name, params, context))
        except RefusedError as refused:
            return wire.failure(ServiceError(refused.code, refused.message, status=refused.status))
        except ServiceError as error:
            return wire.failure(error)
        except Exception:  # noqa: BLE001 - a fault of one request must not take the twin down
            _log.exception("%s %s failed", request.service, operation.name)
            return wire.failure(ServiceError("InternalServerException", "The twin failed: see its log."))


def _in_region(permission: Permission, region: str) -> Permission:
    return replace(permission, resource=permission.resource.replace("{region}", region))


def install(core: Core) -> None:
    """Add the own services to a twin, and let its DNS follow the routing controls."""
    state = ArcState(
        account_id=core.settings.account_id,
        endpoints=tuple(
            Endpoint(region=region, url=f"https://{core.ports.arc_endpoint(number)}/v1")
            for number, region in enumerate(ARC_ENDPOINT_REGIONS, start=1)
        ),
        clock=time.monotonic,
        settle_seconds=ARC_SETTLE_SECONDS,
        propagation_delay=core.settings.health_check_delay,
    )
    cluster = ArcCluster(state, endpoints_up=core.outages.endpoints_up, clock=time.monotonic)
    config = ArcControlConfig(state, health_checks=health_checks.following)
    readiness = ArcReadiness(ReadinessState(core.settings.account_id))
    account = core.settings.account_id
    synthetics = Synthetics(
        state_of(core),
        fetch_code=partial(other_services.code_in_s3, account),
        role_refusal=partial(other_services.role_refusal, account),
    )
    dispatcher = Dispatcher([config, cluster, readiness, synthetics, Kms(account)])
    core.own_services.append(dispatcher.layer)
    core.routing_control_state = state.routing_control_state
    core.status_section("arc", lambda: _status(state, core))


def _status(state: ArcState, core: Core) -> dict[str, object]:
    return {
        "endpoints": [
            {"number": number, "region": endpoint.region, "url": endpoint.url}
            | {"up": core.outages.endpoint_is_up(number)}
            for number, endpoint in enumerate(state.endpoints, start=1)
        ],
        "quorum": QUORUM,
        "propagation_delay_seconds": state.propagation_delay,
        "settle_seconds": state.settle_seconds,
        "controls": [
            {"name": control.name, "arn": control.arn, "on": state.is_on(control.arn)}
            | {"panel": state.panel(control.panel_arn).name}
            for control in state.controls.values()
        ],
        "rules": [
            {
                "name": rule.name,
                "arn": rule.arn,
                "says": rule.words(),
                "wait_seconds": rule.wait_period_ms / 1000,
            }
            for rule in state.rules.values()
        ],
    }
