"""What would stop a deployment of any stack, looked up before the first: what was seen, and what to do."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from ops.aws_errors import explained
from ops.checks.findings import Finding, State
from ops.deployed import deployment as deployments
from ops.deployed.answering import known_caller
from ops.deployed.deployment import Outputs
from ops.deployed.stacks import StackPlan
from ops.deployed.target import Target
from ops.errors import OpsError


def inspect(target: Target, plan: StackPlan, report: Callable[[str], None] = lambda _: None) -> list[Finding]:
    """All checks, in the order in which a deployment would trip over them."""
    checks: list[tuple[str, Callable[[], Finding]]] = [
        ("account", partial(account, target, plan)),
        ("hosted zone", partial(hosted_zone, target, plan)),
    ]
    for region in plan.regions.values():
        name = f"API Gateway's log role in {region}"
        checks.append((name, partial(log_role, target, plan, region, name)))
    checks.append(("primary stack", partial(primary, target, plan)))
    findings = []
    for name, check in checks:
        report(f"{name} ...")
        try:
            findings.append(check())
        except OpsError as error:
            findings.append(Finding(name=name, state=State.FAILED, seen=str(error)))
    return findings


def account(target: Target, plan: StackPlan) -> Finding:
    """The caller's account against the configured one."""
    caller = known_caller(target, plan.config.account_id, tuple(plan.regions.values())).account
    if plan.config.account_id:
        return Finding(name="account", state=State.OK, seen=caller)
    return Finding(
        name="account",
        state=State.OK,
        seen=f"{caller} (any account is accepted)",
        todo=f"pulumi config set accountId {caller} makes sure that it is always this one",
    )


def hosted_zone(target: Target, plan: StackPlan) -> Finding:
    """The public zone that the shared name will be in."""
    name = "hosted zone"
    with explained("look up the hosted zone"):
        route53 = target.client("route53", plan.regions[plan.primary])
        found = route53.list_hosted_zones_by_name(DNSName=plan.config.hosted_zone)["HostedZones"]
    public = [zone for zone in found if _is(zone, plan.config.hosted_zone)]
    chosen = [zone for zone in public if plan.config.hosted_zone_id in ("", _bare_id(zone))]
    if len(chosen) == 1:
        return Finding(name=name, state=State.OK, seen=f"{plan.config.hosted_zone}, {_bare_id(chosen[0])}")
    if len(chosen) > 1:
        ids = ", ".join(_bare_id(zone) for zone in chosen)
        return Finding(
            name=name,
            state=State.FAILED,
            seen=f"{len(chosen)} public zones are named {plan.config.hosted_zone}: {ids}",
            todo="pulumi config set hostedZoneId with the one that is delegated to",
        )
    return Finding(
        name=name,
        state=State.FAILED,
        seen=f"no public zone {plan.config.hosted_zone}"
        + (f" with id {plan.config.hosted_zone_id}" if plan.config.hosted_zone_id else ""),
        todo="create it, or correct hostedZone and hostedZoneId in every stack file",
    )


def log_role(target: Target, plan: StackPlan, region: str, name: str) -> Finding:
    """API Gateway writes access logs only with an account-wide role in the region."""
    if not plan.config.api_access_logs:
        return Finding(name=name, state=State.OK, seen="not needed: apiAccessLogs is false")
    with explained(f"read API Gateway's settings in {region}"):
        role = target.client("apigateway", region).get_account().get("cloudwatchRoleArn")
    if role:
        return Finding(name=name, state=State.OK, seen=role)
    if plan.config.manage_api_gateway_account:
        return Finding(name=name, state=State.LATER, seen="none yet; the stack makes it")
    return Finding(
        name=name,
        state=State.FAILED,
        seen="none, and access logs need it",
        todo="set manageApiGatewayAccount to true in one stack of the region, or apiAccessLogs to false",
    )


def primary(target: Target, plan: StackPlan) -> Finding:
    """Secondary stacks read the primary's outputs."""
    name = f"primary stack {plan.primary}"
    outputs: Mapping[str, Outputs] = target.outputs(plan)
    if plan.primary not in outputs:
        return Finding(
            name=name, state=State.LATER, seen="not deployed", todo="it goes first; ops deploy does that"
        )
    found = deployments.parse({plan.primary: outputs[plan.primary]}, source=f"{target.name} outputs")
    return Finding(name=name, state=State.OK, seen=f"deployed in {found.primary.region}")


def _is(zone: Mapping[str, Any], name: str) -> bool:
    return str(zone["Name"]).rstrip(".") == name.rstrip(".") and not zone.get("Config", {}).get("PrivateZone")


def _bare_id(zone: Mapping[str, Any]) -> str:
    return str(zone["Id"]).rpartition("/")[2]
