"""The rights of operators in an incident, as two policies to attach to a break-glass user or role."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from blueprint import policies
from blueprint.naming import IAM_POLICY, Namer


@dataclass(frozen=True, kw_only=True)
class OperatorPolicyArgs:
    namer: Namer
    routing_controls: Mapping[str, pulumi.Input[str]]
    """Their ARNs by region."""
    checks: pulumi.Input[policies.PolicyDocument]
    """What looking at the regions takes."""


class OperatorPolicy(pulumi.ComponentResource):
    """Makes managed Policies that nobody has yet, since who may do this is not for the program to say:

    - one that moves traffic, and nothing else
    - one that looks at the regions, and changes nothing
    """

    def __init__(
        self, name: str, args: OperatorPolicyArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("resilient-orders:routing:OperatorPolicy", name, None, opts)
        controls = pulumi.Output.all(*args.routing_controls.values())
        self._switch = aws.iam.Policy(
            f"{name}-policy",
            name=args.namer.physical("operator", IAM_POLICY),
            description="Move traffic between the regions: list, read and switch these routing controls.",
            policy=controls.apply(lambda arns: policies.as_json(policies.operator(routing_controls=arns))),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self._check = aws.iam.Policy(
            f"{name}-check-policy",
            name=args.namer.physical("operator-check", IAM_POLICY),
            description="Look at the regions: call health, read an order, read states, settings and alarms.",
            policy=pulumi.Output.from_input(args.checks).apply(policies.as_json),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.register_outputs({"arn": self.arn, "checkArn": self.check_arn})

    @property
    def arn(self) -> pulumi.Output[str]:
        """Of the policy that moves traffic."""
        return self._switch.arn

    @property
    def check_arn(self) -> pulumi.Output[str]:
        """Of the policy that looks at the regions."""
        return self._check.arn
