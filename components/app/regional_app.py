"""Everything of the order service that one region needs to answer requests by its regional address."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi

from blueprint.stack_config import StackConfig
from components.app.account_log_role import StandingLogRole
from components.app.artifacts import Artifacts
from components.app.functions import OrderFunctions, OrderFunctionsArgs
from components.app.rest_api import OrdersRestApi, RestApiArgs


@dataclass(frozen=True, kw_only=True)
class RegionalAppArgs:
    config: StackConfig
    region: str
    account_id: pulumi.Input[str]
    tables: Mapping[str, pulumi.Input[str]]
    """Physical table names by the keys customers, products and orders; the same in all regions."""
    artifacts: Artifacts
    log_role: StandingLogRole = ()


class RegionalApp(pulumi.ComponentResource):
    """Functions and API of a region; the component's provider must be that region's."""

    def __init__(self, name: str, args: RegionalAppArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("resilient-orders:app:RegionalApp", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        self._functions = OrderFunctions(
            f"{name}-orders",
            OrderFunctionsArgs(
                config=args.config,
                region=args.region,
                account_id=args.account_id,
                tables=args.tables,
                artifacts=args.artifacts,
            ),
            opts=child,
        )
        self._api = OrdersRestApi(
            f"{name}-api",
            RestApiArgs(
                config=args.config,
                region=args.region,
                account_id=args.account_id,
                functions=self._functions.resources,
                log_role=args.log_role,
            ),
            opts=child,
        )
        self.register_outputs({"apiUrl": self.api_url, "functionArns": dict(self.function_arns)})

    @property
    def rest_api_id(self) -> pulumi.Output[str]:
        return self._api.rest_api_id

    @property
    def stage_name(self) -> pulumi.Output[str]:
        return self._api.stage_name

    @property
    def api_url(self) -> pulumi.Output[str]:
        return self._api.api_url

    @property
    def function_arns(self) -> Mapping[str, pulumi.Output[str]]:
        """By create, read and fill; without fill where it is switched off."""
        return self._functions.arns
