"""API Gateway's log role of a region, where it must be there already: looked up while planning."""

from collections.abc import Sequence

import pulumi
from pulumi_aws import apigateway

from blueprint.stack_config import StackConfig
from components.errors import LogRoleError

StandingLogRole = Sequence[pulumi.Output[pulumi.Resource]]
"""What the stage waits for, and what is billed by the hour: empty where no role has to be there."""


def standing_log_role(config: StackConfig, opts: pulumi.ResourceOptions) -> StandingLogRole:
    """The account's setting, once it is seen to have a role.

    Raises LogRoleError where it has none, in a preview too: AWS would refuse the stage after all the rest was
    made. Read, not managed: the setting is every API's of the region, nothing of it is changed, and a destroy
    leaves it alone. The provider has no data source for it, and its resource reads the whole setting,
    whatever the id (internal/service/apigateway/account.go).
    """
    if config.manage_api_gateway_account or not config.api_access_logs:
        return []
    account = apigateway.Account.get("api-gateway-account", config.region, opts)

    def checked(role: str | None) -> pulumi.Resource:
        if not role:
            raise _no_role(config, role)
        return account

    return [account.cloudwatch_role_arn.apply(checked)]


def _no_role(config: StackConfig, seen: str | None) -> LogRoleError:
    return LogRoleError(
        f"API Gateway has no role to write logs with in {config.region}.",
        seen={"cloudwatchRoleArn": seen},
        why="`apiAccessLogs` is true, and AWS refuses a stage with access logs without this setting, which "
        "all APIs of an account share in a region.",
        do="Set `manageApiGatewayAccount: true`, so that this stack makes a role and sets it; or set one "
        "yourself (API Gateway console, Settings); or set `apiAccessLogs: false`.",
    )
