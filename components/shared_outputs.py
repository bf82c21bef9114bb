"""What a region must know of the foundation, from the components or from the primary stack's outputs."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi

from blueprint import output_names as names
from blueprint.stack_config import StackConfig
from components.errors import PrimaryStackError
from components.foundation import Foundation
from components.routing.regional_endpoint import domain_url
from functions.orders.contract import BASE_PATH, TABLES


@dataclass(frozen=True, kw_only=True)
class SharedOutputs:
    """Two constructors, one shape: both kinds of stack run the same regional code on it."""

    table_names: Mapping[str, pulumi.Output[str]]
    hosted_zone_id: pulumi.Output[str]
    health_check_id: pulumi.Output[str]
    """The health check of the stack's own region."""
    validation_record_fqdn: pulumi.Output[str] | None
    """Where the record is made by this stack; None where the primary made it before."""
    arc: pulumi.Output[dict[str, Any]]
    """The stack output `arc`."""
    operator_policy_arn: pulumi.Output[str]
    operator_check_policy_arn: pulumi.Output[str]
    """Empty where the primary was deployed before there was one."""

    @classmethod
    def from_foundation(cls, config: StackConfig, foundation: Foundation) -> "SharedOutputs":
        return cls(
            table_names=foundation.tables.names,
            hosted_zone_id=foundation.hosted_zone_id,
            health_check_id=foundation.arc.health_checks[config.region],
            validation_record_fqdn=foundation.validation_record_fqdn,
            arc=foundation.arc.outputs,
            operator_policy_arn=foundation.operator_policy.arn,
            operator_check_policy_arn=foundation.operator_policy.check_arn,
        )

    @classmethod
    def from_primary_stack(cls, config: StackConfig) -> "SharedOutputs":
        """Reads the primary's outputs; PrimaryStackError, once they are read, if they cannot serve this one.

        A primary that never existed is the engine's own error, which no program can catch; so the stack is
        named before it is read.
        """
        primary = f"{pulumi.get_organization()}/{config.project}/{config.primary_stack}"
        pulumi.log.info(f"Reading the outputs of {primary}: a stack that must be deployed before this one.")
        checked = pulumi.StackReference(primary).outputs.apply(lambda outputs: check_primary(config, outputs))
        return cls(
            table_names={table: checked.apply(_at(names.TABLE_NAMES, table)) for table in TABLES},
            hosted_zone_id=checked.apply(_at(names.HOSTED_ZONE_ID)),
            health_check_id=checked.apply(_at(names.ARC, names.ARC_HEALTH_CHECKS, config.region)),
            validation_record_fqdn=None,
            arc=checked.apply(_at(names.ARC)),
            operator_policy_arn=checked.apply(_at(names.OPERATOR_POLICY_ARN)),
            operator_check_policy_arn=checked.apply(
                lambda outputs: outputs.get(names.OPERATOR_CHECK_POLICY_ARN, "")
            ),
        )


def _at(*path: str) -> Any:
    def value(outputs: Mapping[str, Any]) -> Any:
        found: Any = outputs
        for key in path:
            found = found[key]
        return found

    return value


def check_primary(config: StackConfig, outputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """The outputs themselves, if this stack can be built on them; otherwise PrimaryStackError."""
    redeploy = f"Run pulumi up in the stack {config.primary_stack} with this version of the program first."
    if not outputs:
        raise PrimaryStackError(
            f"The primary stack {config.primary_stack} has no outputs.",
            seen=dict(outputs),
            why="It was never deployed, or is destroyed: there are no tables to serve orders from.",
            do=redeploy,
        )
    _check_version(config, outputs, redeploy)
    _check_complete(config, outputs, redeploy)
    _check_same_deployment(config, outputs)
    return outputs


def _check_version(config: StackConfig, outputs: Mapping[str, Any], redeploy: str) -> None:
    seen = outputs.get(names.SCHEMA_VERSION_KEY)
    version = int(seen) if isinstance(seen, int | float) else 0
    if version < names.SCHEMA_VERSION:
        raise PrimaryStackError(
            f"The primary stack {config.primary_stack} was deployed by an older version of this program.",
            seen={names.SCHEMA_VERSION_KEY: seen},
            why=f"Its outputs must have version {names.SCHEMA_VERSION}.",
            do=redeploy,
        )
    if version > names.SCHEMA_VERSION:
        raise PrimaryStackError(
            f"The primary stack {config.primary_stack} was deployed by a newer version of this program.",
            seen={names.SCHEMA_VERSION_KEY: seen},
            why=f"This version understands outputs of version {names.SCHEMA_VERSION} only.",
            do="Deploy this stack with the version that deployed the primary.",
        )


def _check_complete(config: StackConfig, outputs: Mapping[str, Any], redeploy: str) -> None:
    needed: list[tuple[str, ...]] = [(key,) for key in names.GLOBAL]
    needed += [(names.TABLE_NAMES, table) for table in TABLES]
    for arc_output in (names.ARC_ROUTING_CONTROLS, names.ARC_HEALTH_CHECKS):
        needed.append((names.ARC, arc_output, config.region))
    missing = [".".join(path) for path in needed if not _has(outputs, path)]
    if missing:
        raise PrimaryStackError(
            f"The primary stack {config.primary_stack} lacks outputs that this stack needs.",
            seen={"missing": missing, "present": sorted(outputs)},
            why="It was deployed with other `stacks`, or not to its end.",
            do=f"Make `stacks` the same in every stack file. {redeploy}",
        )


def _has(outputs: Mapping[str, Any], path: tuple[str, ...]) -> bool:
    found: Any = outputs
    for key in path:
        if not isinstance(found, Mapping) or not found.get(key):
            return False
        found = found[key]
    return True


def _check_same_deployment(config: StackConfig, outputs: Mapping[str, Any]) -> None:
    expected = {
        names.DOMAIN_URL: domain_url(config.domain_name, BASE_PATH),
        # A CNAME tolerates no other type beside it: Route 53 would refuse ours, after the former one is gone.
        names.DNS_RECORD: config.dns_record,
        names.CONSISTENCY: config.consistency,
    }
    seen = {key: outputs[key] for key, value in expected.items() if outputs[key] != value}
    if seen:
        wanted = {key: expected[key] for key in seen}
        raise PrimaryStackError(
            f"The primary stack {config.primary_stack} is configured differently.",
            seen=seen,
            why=f"This stack has {wanted}; all stacks serve one name from one set of tables.",
            do="Make `domainName`, `dnsRecord` and `consistency` the same in every stack file.",
        )
