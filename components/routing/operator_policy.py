"""The rights of whoever moves traffic in an incident, as a policy to attach to a break-glass user or role."""

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


class OperatorPolicy(pulumi.ComponentResource):
    """Makes a managed Policy that nobody has yet: who may move traffic is not for the program to say."""

    def __init__(
        self, name: str, args: OperatorPolicyArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("resilient-orders:routing:OperatorPolicy", name, None, opts)
        controls = pulumi.Output.all(*args.routing_controls.values())
        self._policy = aws.iam.Policy(
            f"{name}-policy",
            name=args.namer.physical("operator", IAM_POLICY),
            description="Move traffic between the regions: list, read and switch these routing controls.",
            policy=controls.apply(lambda arns: policies.as_json(policies.operator(routing_controls=arns))),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.register_outputs({"arn": self.arn})

    @property
    def arn(self) -> pulumi.Output[str]:
        return self._policy.arn
