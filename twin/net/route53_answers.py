"""What Route 53 answers to a DNS question: pure decisions over a zone's records, without sockets or state.

Models simple and latency records, health checks with fail-open ("How Amazon Route 53 chooses records when
health checking is configured", Route 53 developer guide), aliases and CNAMEs that lead into the same zones or
to AWS names, wildcards (RFC 4592), and negative answers. Other routing policies are not modelled: a question
that meets one fails with SERVFAIL, and says so in `Reply.problem`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum

# "If the alias target is ... API Gateway, the TTL is 60 seconds" (Route 53 developer guide, alias records).
AWS_TARGET_TTL = 60
# A chain longer than any real one; a loop of CNAMEs ends here.
_MAX_CHAIN = 8


class Rcode(IntEnum):
    """DNS response codes (RFC 1035)."""

    NOERROR = 0
    SERVFAIL = 2
    NXDOMAIN = 3
    REFUSED = 5


@dataclass(frozen=True, kw_only=True)
class Alias:
    """An alias record's target."""

    name: str
    evaluate_target_health: bool = False


@dataclass(frozen=True, kw_only=True)
class RecordSet:
    """A resource record set. Names are lower-case without a trailing dot; `ttl` in seconds."""

    name: str
    type: str
    ttl: int = 300
    values: tuple[str, ...] = ()
    alias: Alias | None = None
    latency_region: str | None = None
    health_check: str | None = None
    other_policy: str | None = None


@dataclass(frozen=True, kw_only=True)
class Zone:
    """A public hosted zone."""

    name: str
    records: tuple[RecordSet, ...]


@dataclass(frozen=True, kw_only=True)
class DnsState:
    """Everything an answer depends on besides the question.

    `healthy(health_check_id)` is what DNS knows of a check now; `aws_address(name)` the address of an AWS
    name of the twin's regions, None for other names; `latency(a, b)` the round trip between regions.
    """

    zones: Sequence[Zone]
    healthy: Callable[[str], bool]
    aws_address: Callable[[str], str | None]
    latency: Callable[[str, str], float]


@dataclass(frozen=True, kw_only=True)
class DnsAnswer:
    """One record of a reply: `value` in zone file form."""

    name: str
    type: str
    ttl: int
    value: str


@dataclass(kw_only=True)
class Reply:
    """A reply: answers in order of the chain, and the SOA that negative answers are cached by."""

    rcode: Rcode = Rcode.NOERROR
    answers: list[DnsAnswer] = field(default_factory=list)
    authority: list[DnsAnswer] = field(default_factory=list)
    by_location: bool = False
    problem: str | None = None


class _UnmodelledError(Exception):
    """A record whose routing policy is not modelled."""


def resolve(world: DnsState, name: str, kind: str, near: str) -> Reply:
    """The reply to a question of type `kind` (`A`, `AAAA`, `CNAME`, ...) by a client near a region."""
    reply = Reply()
    try:
        _follow(world, _plain(name), kind, near, reply)
    except _UnmodelledError as error:
        return Reply(rcode=Rcode.SERVFAIL, problem=str(error))
    return reply


def _follow(world: DnsState, name: str, kind: str, near: str, reply: Reply) -> None:
    for _ in range(_MAX_CHAIN):
        target = _step(world, name, kind, near, reply)
        if target is None:
            return
        name = target
    reply.rcode = Rcode.SERVFAIL
    reply.problem = f"the chain of CNAMEs from {reply.answers[0].name} does not end"


def _step(world: DnsState, name: str, kind: str, near: str, reply: Reply) -> str | None:
    """Answer for one name; returns the target of a CNAME that is to be followed."""
    zone = _zone_of(world.zones, name)
    if zone is None:
        _aws_name(world, name, kind, reply)
        return None
    found = _at_name(zone, name)
    if found is None:
        exists = any(record.name.endswith("." + name) for record in zone.records)
        _negative(zone, reply, Rcode.NOERROR if exists else Rcode.NXDOMAIN)
        return None
    cnames = _choose(world, [r for r in found if r.type == "CNAME"], near, reply)
    if cnames and kind not in ("CNAME", "ANY"):
        target = _plain(cnames[0].alias.name if cnames[0].alias else cnames[0].values[0])
        reply.answers.append(DnsAnswer(name=name, type="CNAME", ttl=cnames[0].ttl, value=target + "."))
        return target
    kinds = sorted({r.type for r in found}) if kind == "ANY" else [kind]
    for record in [r for k in kinds for r in _choose(world, [r for r in found if r.type == k], near, reply)]:
        _answer(world, name, record, near, reply)
    if not reply.answers:
        _negative(zone, reply, Rcode.NOERROR)
    return None


def _answer(world: DnsState, name: str, record: RecordSet, near: str, reply: Reply) -> None:
    if record.alias is None:
        reply.answers += [
            DnsAnswer(name=name, type=record.type, ttl=record.ttl, value=v) for v in record.values
        ]
        return
    target = _plain(record.alias.name)
    inner = Reply()
    _follow(world, target, record.type, near, inner)
    reply.by_location = reply.by_location or inner.by_location
    # An alias answers with its target's addresses under its own name.
    reply.answers += [
        DnsAnswer(name=name, type=a.type, ttl=a.ttl, value=a.value)
        for a in inner.answers
        if a.type == record.type
    ]


def _choose(world: DnsState, records: Sequence[RecordSet], near: str, reply: Reply) -> list[RecordSet]:
    """The record set of a group that Route 53 answers with."""
    for record in records:
        if record.other_policy is not None:
            raise _UnmodelledError(f"{record.name} has {record.other_policy} routing, which the twin lacks")
    grouped = [record for record in records if record.latency_region is not None]
    if not grouped:
        return list(records[:1])
    reply.by_location = True
    # When no record is healthy, Route 53 answers as if all were.
    candidates = [r for r in grouped if _is_healthy(world, r)] or grouped
    return [min(candidates, key=lambda r: (world.latency(near, r.latency_region or ""), r.latency_region))]


def _is_healthy(world: DnsState, record: RecordSet) -> bool:
    if record.health_check is not None and not world.healthy(record.health_check):
        return False
    if record.alias is None or not record.alias.evaluate_target_health:
        return True
    return _target_is_healthy(world, _plain(record.alias.name), record.type)


def _target_is_healthy(world: DnsState, target: str, kind: str) -> bool:
    """Evaluate Target Health: a target in a hosted zone is healthy when any of its records is.

    API Gateway's names have no health of their own to evaluate.
    """
    zone = _zone_of(world.zones, target)
    records = [r for r in (_at_name(zone, target) or () if zone else ()) if r.type == kind]
    return not records or any(_is_healthy(world, record) for record in records)


def _aws_name(world: DnsState, name: str, kind: str, reply: Reply) -> None:
    address = world.aws_address(name)
    if address is None:
        # A chain that leaves what the twin knows ends with its last CNAME, as at an authoritative server.
        if not reply.answers:
            reply.rcode = Rcode.REFUSED
        return
    if kind == "A":
        reply.answers.append(DnsAnswer(name=name, type="A", ttl=AWS_TARGET_TTL, value=address))


def _negative(zone: Zone, reply: Reply, rcode: Rcode) -> None:
    reply.rcode = rcode
    for record in zone.records:
        if record.type == "SOA" and record.name == zone.name:
            ttl = min(record.ttl, _minimum(record.values[0]))
            reply.authority = [DnsAnswer(name=zone.name, type="SOA", ttl=ttl, value=record.values[0])]


def _minimum(soa: str) -> int:
    last = soa.split()[-1]
    return int(last) if last.isdigit() else 0


def _zone_of(zones: Iterable[Zone], name: str) -> Zone | None:
    holding = [zone for zone in zones if name == zone.name or name.endswith("." + zone.name)]
    return max(holding, key=lambda zone: len(zone.name), default=None)


def _at_name(zone: Zone, name: str) -> tuple[RecordSet, ...] | None:
    """The records at a name, or those of the wildcard that covers it; None when the name has none."""
    by_name: Mapping[str, list[RecordSet]] = _by_name(zone)
    if name in by_name:
        return tuple(by_name[name])
    if any(known.endswith("." + name) for known in by_name):
        return None  # an empty non-terminal exists, so no wildcard applies (RFC 4592)
    closest = name
    while closest != zone.name:
        closest = closest.partition(".")[2]
        if f"*.{closest}" in by_name:
            return tuple(by_name[f"*.{closest}"])
        if closest in by_name or any(known.endswith("." + closest) for known in by_name):
            return None
    return None


def _by_name(zone: Zone) -> dict[str, list[RecordSet]]:
    names: dict[str, list[RecordSet]] = {}
    for record in zone.records:
        names.setdefault(record.name, []).append(record)
    return names


def _plain(name: str) -> str:
    return name.lower().rstrip(".")
