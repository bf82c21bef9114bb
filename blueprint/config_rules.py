"""Checks that need more than one key, or the world's data. Each is a function that refuses or returns."""

import re
from collections import Counter
from typing import TYPE_CHECKING

from blueprint.aws_regions import STRONG_REGION_SETS, commercial_regions, strong_set_of
from blueprint.errors import ConfigError

if TYPE_CHECKING:
    from blueprint.stack_config import StackConfig

# Behind "resilient-orders-" it leaves 27 of a role name's 64 characters (IAM quotas page) to the role.
STACK_NAME_CHARACTERS = 19
# The first name in an ACM certificate (ACM API, RequestCertificate: RFC 5280's common name).
CERTIFICATE_NAME_CHARACTERS = 64
# A strongly consistent global table is three regions: three replicas, or two and a witness (DynamoDB guide).
STRONG_REGIONS = 3
# AWS::Route53RecoveryReadiness::ResourceSet in CloudFormation's reference; two functions a region are one.
READINESS_RESOURCES_PER_SET = 6
READINESS_RESOURCES_PER_REGION = 2


def check(config: "StackConfig") -> None:
    """Raises ConfigError for the first rule that the configuration breaks."""
    for rule in (_stacks, _regions, _this_stack, _primary, _observer, _names, _domain, _strong, _readiness):
        rule(config)


def _stacks(config: "StackConfig") -> None:
    if len(config.stacks) < 2:
        raise ConfigError(
            "`stacks` names fewer than two regional stacks.",
            seen=dict(config.stacks),
            why="The service is active in at least two regions, or there is nowhere to fail over to.",
            do="Add a stack and its region.",
        )
    for stack in config.stacks:
        if not re.fullmatch(rf"[a-z][a-z0-9-]{{0,{STACK_NAME_CHARACTERS - 1}}}", stack):
            raise ConfigError(
                "`stacks` holds a name that cannot be part of AWS names.",
                seen=stack,
                why="Every physical name carries the stack, and bucket and canary names have only lower-case "
                "letters, digits and hyphens.",
                do=f"Name the stack with at most {STACK_NAME_CHARACTERS} of these, starting with a letter.",
            )


def _regions(config: "StackConfig") -> None:
    for stack, region in config.stacks.items():
        _known_region(f"stacks.{stack}", region)
    _known_region("observerRegion", config.observer_region)
    if config.witness_region:
        _known_region("witnessRegion", config.witness_region)
    region, count = Counter(config.regions).most_common(1)[0]
    if count > 1:
        raise ConfigError(
            "`stacks` puts two stacks into one region.",
            seen={stack: r for stack, r in config.stacks.items() if r == region},
            why="Both would want the region's latency record and routing control.",
            do="Give each stack a region of its own.",
        )


def _known_region(key: str, region: str) -> None:
    if region not in commercial_regions():
        raise ConfigError(
            f"`{key}` is not an AWS region.",
            seen=region,
            why="The installed AWS SDK knows no such region in the commercial partition.",
            do=f"Write one of: {', '.join(sorted(commercial_regions()))}.",
        )


def _this_stack(config: "StackConfig") -> None:
    if config.stack not in config.stacks:
        raise ConfigError(
            f"The stack `{config.stack}` is not in `stacks`.",
            seen=dict(config.stacks),
            why="A stack's region is its own entry there, so this stack has none.",
            do=f"Add `{config.stack}` and its region to `stacks` in every stack file, or select another.",
        )


def _primary(config: "StackConfig") -> None:
    if config.primary_stack not in config.stacks:
        raise ConfigError(
            "`primaryStack` is not in `stacks`.",
            seen=config.primary_stack,
            why="One of the regional stacks owns the tables and the routing controls.",
            do=f"Write one of: {', '.join(config.stacks)}.",
        )


def _observer(config: "StackConfig") -> None:
    if config.observer_region in config.regions:
        raise ConfigError(
            "`observerRegion` is one of the application regions.",
            seen=config.observer_region,
            why="Who watches from inside a region sees nothing when that region is gone.",
            do="Choose a region that `stacks` does not use.",
        )


def _names(config: "StackConfig") -> None:
    label = r"(?!-)[a-z0-9-]{1,63}(?<!-)"
    for key, name in (("domainName", config.domain_name), ("hostedZone", config.hosted_zone)):
        if not re.fullmatch(rf"{label}(\.{label})+", name) or len(name) > CERTIFICATE_NAME_CHARACTERS:
            raise ConfigError(
                f"`{key}` is not a name that a certificate can hold.",
                seen=name,
                why="It needs two or more lower-case labels, no wildcard and no dot at the end, and ACM "
                f"takes at most {CERTIFICATE_NAME_CHARACTERS} characters.",
                do="Write it like orders.example.com.",
            )


def _domain(config: "StackConfig") -> None:
    domain, zone = config.domain_name, config.hosted_zone
    if domain != zone and not domain.endswith(f".{zone}"):
        raise ConfigError(
            "`domainName` is outside the hosted zone.",
            seen={"domainName": domain, "hostedZone": zone},
            why="The records of a name can only be written into a zone that holds the name.",
            do=f"Write a name under {zone}, or the zone that {domain} is in.",
        )
    if domain == zone and config.dns_record == "cname":
        raise ConfigError(
            "`domainName` is the zone's apex, and `dnsRecord` is cname.",
            seen={"domainName": domain, "hostedZone": zone, "dnsRecord": config.dns_record},
            why="A CNAME tolerates no other record at its name, and an apex always has NS and SOA.",
            do=f"Use a name under it, like orders.{zone}, or set `dnsRecord` to alias.",
        )


def _strong(config: "StackConfig") -> None:
    if not config.is_strong:
        return
    _strong_count(config)
    used = [*config.regions, *([config.witness_region] if config.witness_region else [])]
    if config.witness_region in config.regions:
        raise ConfigError(
            "`witnessRegion` is one of the application regions.",
            seen=config.witness_region,
            why="A witness holds no readable replica, so a region cannot be both.",
            do="Choose a third region of the same set.",
        )
    if config.strong_region_check and strong_set_of(used) is None:
        raise ConfigError(
            "`consistency` is strong, and the regions are not in one of AWS's region sets.",
            seen=used,
            why="Strongly consistent global tables cannot span "
            + " or ".join(f"({', '.join(sorted(s))})" for s in STRONG_REGION_SETS)
            + ".",
            do="Use regions of one set, or set `strongRegionCheck` to false where AWS allows more by now.",
        )


def _strong_count(config: "StackConfig") -> None:
    has_witness = bool(config.witness_region)
    if len(config.regions) + has_witness == STRONG_REGIONS:
        return
    remedy = {
        2: "Set `witnessRegion` to a third region of the same set.",
        3: 'Set `witnessRegion` to "".',
    }
    raise ConfigError(
        "`consistency` is strong, and the regions are not three.",
        seen={"regions": list(config.regions), "witnessRegion": config.witness_region},
        why="A strongly consistent global table has three replicas, or two and a witness.",
        do=remedy.get(len(config.regions), "Use two stacks and a witness, or three stacks and none."),
    )


def _readiness(config: "StackConfig") -> None:
    most = READINESS_RESOURCES_PER_SET // READINESS_RESOURCES_PER_REGION
    if config.readiness and len(config.regions) > most:
        raise ConfigError(
            "`readiness` is true, and there are more regions than readiness checks can audit.",
            seen=list(config.regions),
            why=f"A set holds at most {READINESS_RESOURCES_PER_SET} resources, two functions of each region.",
            do="Set `readiness` to false; python -m ops parity compares any number of regions.",
        )
