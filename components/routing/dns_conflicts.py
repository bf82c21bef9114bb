"""What already stands at the service's name and would not stand beside our record."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from blueprint.stack_config import StackConfig
from components.errors import HostedZoneError


@dataclass(frozen=True, kw_only=True)
class StandingRecord:
    """One record set of the hosted zone; `set_identifier` is empty for a record without routing policy."""

    name: str
    type: str
    set_identifier: str


def record_type(dns_record: str) -> str:
    """The type in Route 53 of a record that is `cname` or `alias`."""
    return "CNAME" if dns_record == "cname" else "A"


def refuse_conflicts(config: StackConfig, records: Iterable[StandingRecord]) -> None:
    """Raises HostedZoneError where Route 53 would refuse the region's record, before the old one is gone.

    A CNAME tolerates no other type at its name (RFC 1034, section 3.6.2). A record changes its type by being
    deleted first, so finding out from Route 53 would leave the region without any.
    """
    wanted = record_type(config.dns_record)
    others = _others(config, records)
    conflicts = sorted(
        {f"{r.type} of {r.set_identifier or 'nobody here'}" for r in others if _clash(r.type, wanted)}
    )
    if conflicts:
        raise HostedZoneError(
            f"{config.domain_name} holds records that a {wanted} record cannot stand beside.",
            seen=conflicts,
            why=f"`dnsRecord` is {config.dns_record}, and a CNAME tolerates no other type at its name.",
            do="Go back to the former `dnsRecord`. To change it: move all traffic to the primary's region, "
            "destroy the other regional stacks, run pulumi up in the primary with the new value, then deploy "
            "the others again.",
        )
    if any(r.type == wanted and not r.set_identifier for r in others):
        raise HostedZoneError(
            f"{config.domain_name} has a {wanted} record without a routing policy.",
            seen=wanted,
            why="Route 53 takes no latency records beside it.",
            do="Delete that record if nothing needs it, or choose another `domainName`.",
        )


def _others(config: StackConfig, records: Iterable[StandingRecord]) -> Sequence[StandingRecord]:
    at_name = [r for r in records if r.name.rstrip(".").lower() == config.domain_name]
    return [r for r in at_name if r.set_identifier != config.region]


def _clash(standing: str, wanted: str) -> bool:
    # An apex always has NS and SOA, and an alias stands beside them: only CNAME excludes other types.
    return (standing == "CNAME") != (wanted == "CNAME")
