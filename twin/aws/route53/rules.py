"""Refusals of Route 53 that the emulator does not make, and kinds of health checks the twin does not have.

A change batch is refused as Route 53 refuses it (API reference, ChangeResourceRecordSets,
InvalidChangeBatch) when a name lies outside the zone, when a CNAME would stand beside other types or at the
zone's apex (RFC 1034, 3.6.2, allows neither), or when a name would have two latency records of one type and
region. Routing policies that the twin's DNS does not answer with are refused as not in the twin.
"""

from collections.abc import Callable
from typing import Any

from ministack.services import route53

from twin.aws.hooks import HookedName, replace
from twin.aws.route53.zones import other_policy
from twin.core import Core

_MODULE = "ministack.services.route53"
_HEALTH_CHECK_TYPE = "RECOVERY_CONTROL"

Response = tuple[int, dict[str, str], bytes]
Handler = Callable[..., Any]


def install(core: Core) -> None:
    """Hook the two operations."""
    del core
    replace(
        HookedName(module=_MODULE, attribute="_change_resource_record_sets", signature="(zone_id, body)"),
        _checked_changes,
    )
    replace(
        HookedName(module=_MODULE, attribute="_create_health_check", signature="(body)"),
        _checked_health_check,
    )


def _checked_changes(original: Handler) -> Handler:
    def change(zone_id: str, body: bytes) -> Any:
        zone, changes = route53._zones.get(zone_id), _changes(body)
        policy = next((p for action, r in changes if action != "DELETE" and (p := other_policy(r))), None)
        if policy is not None:
            message = f"not in the twin: route53.ChangeResourceRecordSets with {policy} routing"
            return route53._error_response("NotImplemented", message, 501)
        problem = conflict(zone["name"], _after(route53._records[zone_id], changes)) if zone else None
        return _refused(problem) if problem else original(zone_id, body)

    return change


def _changes(body: bytes) -> list[tuple[str, dict[str, Any]]]:
    """Action and record set of each change; of a body the emulator refuses anyway, those that can be read."""
    found = route53._parse_body(body)
    for tag in ("ChangeBatch", "Changes"):
        found = route53._find(found, tag) if found is not None else None
    changes = route53._findall(found, "Change") if found is not None else []
    pairs = [(route53._text(c, "Action"), route53._find(c, "ResourceRecordSet")) for c in changes]
    return [(action, _record(rrset)) for action, rrset in pairs if rrset is not None]


def _record(rrset: Any) -> dict[str, Any]:
    found: dict[str, Any] = route53._parse_record_set(rrset)
    for member in ("GeoProximityLocation", "CidrRoutingConfig"):  # the emulator reads past the first
        if route53._find(rrset, member) is not None:
            found.setdefault(member, True)
    return found


def _after(records: list[dict[str, Any]], changes: list[tuple[str, dict[str, Any]]]) -> list[dict[str, Any]]:
    """The zone's records as the changes would leave them."""
    left = {route53._rs_key(record): record for record in records}
    for action, record in changes:
        key = route53._rs_key(record)
        if action == "DELETE":
            left.pop(key, None)
        else:
            left[key] = record
    return list(left.values())


def conflict(zone: str, records: list[dict[str, Any]]) -> str | None:
    """Why a set of records cannot be a zone's; None when it can."""
    types: dict[str, set[str]] = {}
    places: set[tuple[str, str, str]] = set()
    for record in records:
        name = record["Name"].lower()
        if name != zone and not name.endswith("." + zone):
            return f"RRSet with DNS name {name} is not permitted in zone {zone}"
        types.setdefault(name, set()).add(record["Type"])
        place = (name, record["Type"], record.get("Region", ""))
        if place[2] and place in places:
            return (
                f"Tried to create resource record set [name='{name}', type='{record['Type']}', "
                f"set identifier='{record['SetIdentifier']}'] but a latency RRSet with the same name, type "
                "and region already exists"
            )
        places.add(place)
    return _cname_conflict(zone, types)


def _cname_conflict(zone: str, types: dict[str, set[str]]) -> str | None:
    for name, kinds in types.items():
        if "CNAME" in kinds and name == zone:
            return f"RRSet of type CNAME with DNS name {name} is not permitted at apex in zone {zone}"
        if "CNAME" in kinds and len(kinds) > 1:
            return (
                f"RRSet of type CNAME with DNS name {name} is not permitted as it conflicts with other "
                f"records with the same DNS name in zone {zone}"
            )
    return None


def _refused(message: str) -> Response:
    found: Response = route53._error_response("InvalidChangeBatch", f"[{message}]")
    return found


def _checked_health_check(original: Handler) -> Handler:
    def create(body: bytes) -> Any:
        root = route53._parse_body(body)
        config = route53._find(root, "HealthCheckConfig") if root is not None else None
        kind = route53._text(config, "Type") if config is not None else ""
        if kind and kind != _HEALTH_CHECK_TYPE:
            message = f"not in the twin: route53.CreateHealthCheck of type {kind}"
            return route53._error_response("NotImplemented", message, 501)
        return original(body)

    return create
