"""What the canaries of a stack watch: its own API, from inside and outside, and the shared name."""

from collections.abc import Mapping, Sequence

import pulumi

from blueprint import order_service, policies
from blueprint.canary_names import DOMAIN, INSIDE, OUTSIDE
from blueprint.stack_config import StackConfig
from components.app.regional_app import RegionalApp
from components.routing.regional_endpoint import RegionalEndpoint
from components.watching.canary import WatchedSite
from functions.orders.contract import METRICS_NAMESPACE


def inside(config: StackConfig, app: RegionalApp, account_id: pulumi.Input[str]) -> WatchedSite:
    """The region's API, seen in the region; the result is told to the observer region."""
    metric = order_service.canary_result_metric(config.region, config.observer_region)
    return _own_api(config, app, account_id, INSIDE, metric=metric, namespaces=[METRICS_NAMESPACE])


def outside(config: StackConfig, app: RegionalApp, account_id: pulumi.Input[str]) -> WatchedSite:
    """The region's API, seen in the observer region."""
    return _own_api(config, app, account_id, OUTSIDE, metric={}, namespaces=[])


def _own_api(
    config: StackConfig,
    app: RegionalApp,
    account_id: pulumi.Input[str],
    viewpoint: str,
    *,
    metric: Mapping[str, str],
    namespaces: Sequence[str],
) -> WatchedSite:
    """The region's API, called by its own address."""
    region = config.region
    known = pulumi.Output.all(account=account_id, api=app.rest_api_id)
    return WatchedSite(
        viewpoint=viewpoint,
        calls=known.apply(lambda ids: _calls(config, ids["account"], {region: ids["api"]})),
        environment=app.api_url.apply(
            lambda url: {
                **order_service.canary_check(url, signing_region=region, regions=[region]),
                **metric,
            }
        ),
        ready=[app],
        namespaces=namespaces,
    )


def domain(config: StackConfig, endpoint: RegionalEndpoint, account_id: pulumi.Input[str]) -> WatchedSite:
    """The shared name. Which API answers is Route 53's choice, also one that is deployed later."""
    apis = dict.fromkeys(config.regions, "*")
    return WatchedSite(
        viewpoint=DOMAIN,
        calls=pulumi.Output.from_input(account_id).apply(lambda account: _calls(config, account, apis)),
        environment=order_service.canary_check(
            endpoint.url, signing_region=order_service.ALL_REGIONS, regions=config.regions
        ),
        ready=[endpoint],
    )


def _calls(config: StackConfig, account_id: str, apis: Mapping[str, str]) -> Sequence[str]:
    """The routes of APIs by region, as a policy names them."""
    return [
        policies.invoke_route(
            region=region, account_id=account_id, api_id=api, stage=config.api_stage, route=route
        )
        for region, api in apis.items()
        for route in order_service.canary_routes()
    ]
