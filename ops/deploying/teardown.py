"""Taking a deployment down: what stands, in which order it can go, and draining before it goes.

A secondary is drained before its record goes. The primary goes last: its health checks are in every region's
record, and Route 53 deletes a health check that records still use (Route 53 API, DeleteHealthCheck).
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from botocore.exceptions import ClientError

from blueprint import output_names as names
from ops.aws_errors import explained
from ops.console import Console
from ops.deployed.deployment import Outputs
from ops.deployed.options import DeploymentChoice, routing_switch
from ops.errors import DeploymentError, RefusedError
from ops.routing.plan import Plan, States, plan_off
from ops.routing.switch import change

# A changed control reaches Route 53 within "a few seconds" (ARC developer guide).
PROPAGATION_SECONDS = 5.0


@dataclass(frozen=True, kw_only=True)
class StackResource:
    """A resource that a stack holds; `protected` by Pulumi or by AWS, `retained` when the stack goes."""

    type: str
    name: str
    identity: str
    protected: bool = False
    retained: bool = False


class Destroyer(Protocol):
    """Knows what stacks hold, and takes them down."""

    def standing(self, stack: str) -> Sequence[StackResource]:
        """What the stack holds now, also after a deployment or a destruction that failed half-way."""

    def unprotect(self, stack: str) -> None:
        """Deploy the stack with `protect` false."""

    def destroy(self, stack: str) -> None: ...


@dataclass(kw_only=True)
class Teardown:
    """Takes the stacks of a plan down; run again after a failure, it goes on with what is left.

    `drain_seconds` is how long clients may hold an answer of DNS that names a drained region.
    """

    choice: DeploymentChoice
    destroyer: Destroyer
    console: Console
    drain_seconds: float
    pause: Callable[[float], None] = time.sleep
    standing: Mapping[str, Sequence[StackResource]] = field(init=False)
    outputs: Mapping[str, Outputs] = field(init=False)

    def __post_init__(self) -> None:
        self.standing = {stack: self.destroyer.standing(stack) for stack in self.choice.plan.names}
        self.outputs = self.choice.target.outputs(self.choice.plan)

    @property
    def order(self) -> list[str]:
        """The stacks that hold something, in the order in which they can go: the primary last."""
        plan = self.choice.plan
        return [stack for stack in (*reversed(plan.secondaries), plan.primary) if self.standing[stack]]

    @property
    def protected(self) -> Mapping[str, Sequence[StackResource]]:
        """What is protected now, by stack."""
        found = {stack: [one for one in self.standing[stack] if one.protected] for stack in self.order}
        return {stack: protected for stack, protected in found.items() if protected}

    def run(self) -> None:
        """Lift the protection, then drain and destroy stack by stack. OpsError at the first that fails."""
        plan, order = self.choice.plan, self.order
        for stack in self.protected:
            self.console.note(f"== {stack} ({plan.regions[stack]}): lifting its protection")
            self.destroyer.unprotect(stack)
        for stack in order:
            self.console.note(f"== {stack} ({plan.regions[stack]})")
            if stack == plan.primary:
                self.refuse_while_secondaries_exist()
            else:
                self._drain(stack)
            self.destroyer.destroy(stack)
            # Said now: a run that goes on after a failure no longer knows of it.
            for one in self.standing[stack]:
                if one.retained:
                    self.console.note(f"Kept on purpose: {one.type.rpartition(':')[2]} {one.identity}")

    def refuse_a_policy_in_use(self) -> None:
        """RefusedError while somebody has an operator policy: IAM would not delete it, at the very end."""
        outputs = self.outputs.get(self.choice.plan.primary, {})
        for name in (names.OPERATOR_POLICY_ARN, names.OPERATOR_CHECK_POLICY_ARN):
            if arn := outputs.get(name):
                self._refuse_in_use(arn)

    def _refuse_in_use(self, arn: str) -> None:
        plan = self.choice.plan
        with explained("see whether the operator policies are in use"):
            iam = self.choice.target.client("iam", plan.regions[plan.primary])
            try:
                users = iam.get_policy(PolicyArn=arn)["Policy"].get("AttachmentCount", 0)
            except ClientError as error:
                if error.response["Error"]["Code"] != "NoSuchEntity":
                    raise
                return
        if users:
            raise RefusedError(
                f"The operator policy {arn} is attached to {users} users, groups or roles, and IAM keeps "
                "what is in use. Detach it first; who has it says: aws iam list-entities-for-policy "
                f"--policy-arn {arn}. Nothing was destroyed."
            )

    def refuse_while_secondaries_exist(self) -> None:
        """RefusedError while anything else still needs what the primary owns."""
        plan = self.choice.plan
        living = [stack for stack in plan.secondaries if self.destroyer.standing(stack)]
        if living:
            raise RefusedError(
                f"{plan.primary} stays, since {', '.join(living)} still needs its health checks and tables. "
                "Destroy the others first, or run this again."
            )
        records = self._records_of_others()
        if records:
            raise RefusedError(
                f"{plan.primary} stays, since records still use its health checks: those of "
                f"{', '.join(records)}. They are of stacks that `stacks` does not name. Name these again and "
                "destroy them, or remove the records."
            )

    def _records_of_others(self) -> list[str]:
        """The other regions whose records have a health check of the primary."""
        outputs = self.outputs.get(self.choice.plan.primary, {})
        checks = set(((outputs.get(names.ARC) or {}).get(names.ARC_HEALTH_CHECKS) or {}).values())
        zone = outputs.get(names.HOSTED_ZONE_ID)
        if not checks or not zone:
            return []
        with explained("look for records that use the health checks"):
            route53 = self.choice.target.client("route53", self.choice.plan.regions[self.choice.plan.primary])
            pages = route53.get_paginator("list_resource_record_sets").paginate(HostedZoneId=zone)
            found = [record for page in pages for record in page["ResourceRecordSets"]]
        own = self.choice.plan.regions[self.choice.plan.primary]
        return sorted(
            str(record["SetIdentifier"])
            for record in found
            if record.get("HealthCheckId") in checks and record.get("SetIdentifier") != own
        )

    def _drain(self, stack: str) -> None:
        """Move a region's traffic to the others and wait until clients have followed."""
        region = self.choice.plan.regions[stack]
        try:
            deployment = self.choice.deployment()
        except DeploymentError as error:
            self.console.note(f"Not drained: {error}")
            return
        if region not in deployment.controls.arns:
            return
        switch = routing_switch(self.choice.target, deployment)
        left = [other for other in self.order if other != stack and self.destroyer.standing(other)]
        plan = drain_plan(
            switch.read().states,
            region,
            left=[self.choice.plan.regions[other] for other in left],
            keeper=self.choice.plan.regions[self.choice.plan.primary],
        )
        if plan.empty:
            return
        change(switch, plan, self.console)
        self.console.note(f"Waiting {self.drain_seconds:g} s until clients have left {region} ...")
        self.pause(self.drain_seconds)


def drain_plan(states: States, region: str, *, left: Sequence[str], keeper: str) -> Plan:
    """Switch a region Off; the keeper is switched On with it where none of those that are left is."""
    others_on = [other for other in left if other != region and states.get(other)]
    return plan_off(states, region, on=None if others_on else keeper)


def describe(teardown: Teardown) -> str:
    """What is about to happen, before anybody is asked."""
    plan, lines = teardown.choice.plan, []
    for stack in teardown.order:
        held = teardown.standing[stack]
        lines.append(f"{stack} ({plan.regions[stack]}): {len(held)} resources" + _kept(held))
    for stack, protected in teardown.protected.items():
        lines.append(
            f"First the protection of {stack} is lifted, by a deployment with protect=false: "
            f"{len(protected)} resources ({_kinds(protected)})."
        )
    return "\n".join(lines)


def _kept(held: Sequence[StackResource]) -> str:
    retained = [one for one in held if one.retained]
    return f", of which {len(retained)} stay ({_kinds(retained)})" if retained else ""


def _kinds(resources: Sequence[StackResource]) -> str:
    """`3 Table, 3 TableReplica`."""
    kinds = [one.type.rpartition(":")[2] for one in resources]
    return ", ".join(f"{kinds.count(kind)} {kind}" for kind in sorted(set(kinds)))


def client_seconds(record: str, ttl: int) -> float:
    """How long clients may still come to a region after its control was switched Off."""
    return (60.0 if record == "alias" else float(ttl)) + PROPAGATION_SECONDS


def standing_of(exported: Mapping[str, Any]) -> list[StackResource]:
    """What `pulumi stack export` says of a stack; the stack itself, components and providers left out."""
    resources = (exported.get("deployment") or {}).get("resources") or []
    return [
        StackResource(
            type=str(one["type"]),
            name=str(one["urn"]).rpartition("::")[2],
            identity=str(one.get("id", "")),
            protected=bool(one.get("protect") or (one.get("inputs") or {}).get("deletionProtectionEnabled")),
            retained=bool(one.get("retainOnDelete")),
        )
        for one in resources
        if one.get("custom") and not one.get("external") and not str(one["type"]).startswith("pulumi:")
    ]
