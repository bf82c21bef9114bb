"""Route 53's zones, records and health checks, read for the DNS server.

The store is read directly: DNS answers go on while Route 53's API is down with its region.
"""

from collections.abc import Callable
from typing import Any

from ministack.core import responses
from ministack.services import route53

from twin.aws.hooks import HookedName, declare
from twin.net.route53_answers import Alias, RecordSet, Zone
from twin.settings import ACCOUNT_ID, GLOBAL_SERVICES_REGION

_MODULE = "ministack.services.route53"
_OTHER_POLICIES = {
    "Weight": "weighted",
    "Failover": "failover",
    "GeoLocation": "geolocation",
    "MultiValueAnswer": "multivalue answer",
    "CidrRoutingConfig": "IP-based",
    "GeoProximityLocation": "geoproximity",
}

declare(
    HookedName(module=_MODULE, attribute="_zones"),
    HookedName(module=_MODULE, attribute="_records"),
    HookedName(module=_MODULE, attribute="_health_checks"),
    HookedName(module=_MODULE, attribute="_parse_record_set", signature="(el)"),
)


def public_zones() -> list[Zone]:
    """All public hosted zones; of several with one name the first made, as only one can be delegated to."""
    zones: dict[str, Zone] = {}
    with responses.request_scope(ACCOUNT_ID, GLOBAL_SERVICES_REGION):
        for zone in route53._zones.values():
            name = _plain(zone["name"])
            if not zone["private"] and name not in zones:
                records = tuple(_record(found) for found in route53._records[zone["id"]])
                zones[name] = Zone(name=name, records=records)
    return list(zones.values())


def health(routing_control_is_on: Callable[[str], bool]) -> Callable[[str], bool]:
    """A function that tells whether a health check is healthy, by its id.

    RECOVERY_CONTROL checks follow their routing control. A check that is gone counts as healthy, as a record
    without one does; so does a disabled one (Route 53 API reference, HealthCheckConfig, Disabled).
    """

    def is_healthy(check_id: str) -> bool:
        with responses.request_scope(ACCOUNT_ID, GLOBAL_SERVICES_REGION):
            check = route53._health_checks.get(check_id)
        if check is None or check["config"].get("Disabled"):
            return True
        arn = check["config"].get("RoutingControlArn")
        healthy = routing_control_is_on(arn) if arn else True
        return healthy != bool(check["config"].get("Inverted"))

    return is_healthy


def _record(found: dict[str, Any]) -> RecordSet:
    alias = found.get("AliasTarget")
    return RecordSet(
        name=_plain(found["Name"]),
        type=found["Type"],
        ttl=int(found.get("TTL", 300)),
        values=tuple(found.get("ResourceRecords", ())),
        alias=_alias(alias) if alias else None,
        latency_region=found.get("Region"),
        health_check=found.get("HealthCheckId"),
        other_policy=other_policy(found),
    )


def other_policy(found: dict[str, Any]) -> str | None:
    """The routing policy of a stored record set when DNS here does not answer with it, else None."""
    return next((policy for key, policy in _OTHER_POLICIES.items() if key in found), None)


def _alias(found: dict[str, Any]) -> Alias:
    return Alias(name=_plain(found["DNSName"]), evaluate_target_health=bool(found["EvaluateTargetHealth"]))


def _plain(name: str) -> str:
    # Route 53's API writes a wildcard's asterisk as an octal escape.
    return str(name).lower().rstrip(".").replace("\\052", "*")
