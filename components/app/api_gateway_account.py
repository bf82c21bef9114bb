"""API Gateway's account-wide setting in a region: the role under which it writes every API's logs."""

from dataclasses import dataclass
from typing import Final

import pulumi
from pulumi_aws import apigateway, iam

from blueprint import policies
from blueprint.naming import IAM_ROLE, Namer

_RANDOM_ENDING: Final = "-0000000"  # as long as what Pulumi adds to a name of its own making


@dataclass(frozen=True, kw_only=True)
class ApiGatewayAccountArgs:
    namer: Namer
    region: str
    account_id: pulumi.Input[str]


class ApiGatewayAccount(pulumi.ComponentResource):
    """Makes a Role with a RolePolicy, and sets it as the region's Account.

    The setting is one a region, shared with every other API of the account. So nothing of it is deleted with
    the stack: the provider would reset the setting, and the logs of all of the region's APIs would stop.
    """

    def __init__(
        self, name: str, args: ApiGatewayAccountArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("resilient-orders:app:ApiGatewayAccount", name, None, opts)
        kept = pulumi.ResourceOptions(parent=self, retain_on_delete=True)
        args.namer.physical(f"api-gateway-logs{_RANDOM_ENDING}", IAM_ROLE)
        role = iam.Role(
            # The role outlives the stack, so a fixed name would stop the next deployment: Pulumi ends this
            # one with random digits.
            args.namer.physical("api-gateway-logs"),
            assume_role_policy=policies.as_json(policies.trust("apigateway.amazonaws.com")),
            opts=kept,
        )
        policy = iam.RolePolicy(
            f"{name}-policy",
            name="write-api-logs",
            role=role.name,
            policy=pulumi.Output.from_input(args.account_id).apply(
                lambda account: policies.as_json(
                    policies.api_gateway_logs(region=args.region, account_id=account)
                )
            ),
            opts=kept,
        )
        # API Gateway tries the role at once, so the policy must be there.
        self._account = apigateway.Account(
            name,
            cloudwatch_role_arn=role.arn,
            opts=pulumi.ResourceOptions(parent=self, retain_on_delete=True, depends_on=[policy]),
        )
        self.register_outputs({"roleArn": role.arn})

    @property
    def resource(self) -> pulumi.Resource:
        """What a stage with access logs has to wait for."""
        return self._account
