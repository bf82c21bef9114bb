"""Everything of the order service that one region needs to answer requests by its regional address."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi

from blueprint import openapi
from blueprint.naming import Namer
from blueprint.order_service import FunctionSpec
from components.app.account_log_role import StandingLogRole
from components.app.artifacts import Artifacts
from components.app.function_resources import FunctionSettings
from components.app.functions import OrderFunctions, OrderFunctionsArgs
from components.app.rest_api import ApiSettings, OrdersRestApi, RestApiArgs


@dataclass(frozen=True, kw_only=True)
class RegionalAppArgs:
    namer: Namer
    region: str
    account_id: pulumi.Input[str]
    functions: Mapping[str, FunctionSpec]
    """By their keys in the functions' contract: create, read, fill."""
    function_settings: FunctionSettings
    document: openapi.Document
    """The API's, with placeholders for the functions' ARNs."""
    api_settings: ApiSettings
    consistency: str
    """Of the tables: `eventual` or `strong`."""
    tables: Mapping[str, pulumi.Input[str]]
    """Physical table names by the keys customers, products and orders; the same in all regions."""
    artifacts: Artifacts
    log_role: StandingLogRole = ()


class RegionalApp(pulumi.ComponentResource):
    """Makes OrderFunctions and an OrdersRestApi; the component's provider must be the region's."""

    def __init__(self, name: str, args: RegionalAppArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("resilient-orders:app:RegionalApp", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        self._functions = OrderFunctions(
            f"{name}-orders",
            OrderFunctionsArgs(
                namer=args.namer,
                region=args.region,
                account_id=args.account_id,
                functions=args.functions,
                consistency=args.consistency,
                tables=args.tables,
                settings=args.function_settings,
                artifacts=args.artifacts,
            ),
            opts=child,
        )
        self._api = OrdersRestApi(
            f"{name}-api",
            RestApiArgs(
                namer=args.namer,
                region=args.region,
                account_id=args.account_id,
                document=args.document,
                settings=args.api_settings,
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
        """By the functions' keys: create, read and, where it is deployed, fill."""
        return self._functions.arns
