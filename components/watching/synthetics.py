"""The canaries of one stack: who watches its region from inside, from outside, and through the name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from blueprint import order_service, policies
from blueprint.canary_names import DOMAIN, INSIDE, OUTSIDE
from blueprint.stack_config import StackConfig
from components.app.private_bucket import PrivateBucket
from components.app.regional_app import RegionalApp
from components.packing.canary_bundle import HANDLER, order_read_bundle
from components.routing.regional_endpoint import RegionalEndpoint
from components.watching.canary import Canary, CanaryArgs
from components.watching.canary_site import CanarySite, CanarySiteArgs
from functions.orders.contract import METRICS_NAMESPACE


@dataclass(frozen=True, kw_only=True)
class SyntheticsArgs:
    """`artifacts` is the bucket of the stack's region; in the observer region the stack makes its own."""

    config: StackConfig
    account_id: pulumi.Input[str]
    app: RegionalApp
    endpoint: RegionalEndpoint
    artifacts: PrivateBucket
    observer: aws.Provider


class Synthetics(pulumi.ComponentResource):
    """`inside` runs in the stack's region, `outside` and the primary's `domain` in the observer region."""

    def __init__(self, name: str, args: SyntheticsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("resilient-orders:app:Synthetics", name, None, opts)
        self._name = name
        self._args = args
        self._own = pulumi.ResourceOptions(parent=self)
        self._observer = pulumi.ResourceOptions(parent=self, provider=args.observer)
        here, observing = self._create_sites()
        self._canaries = [self._create_inside(here), self._create_outside(observing)]
        if args.config.is_primary:
            self._canaries.append(self._create_domain(observing))
        self.register_outputs({"names": self.names})

    @property
    def names(self) -> Sequence[pulumi.Output[str]]:
        """In the order of canary_names.viewpoints."""
        return [canary.canary_name for canary in self._canaries]

    def _create_sites(self) -> tuple[CanarySite, CanarySite]:
        config, bundle = self._args.config, order_read_bundle()
        here = CanarySite(
            f"{self._name}-site",
            CanarySiteArgs(config=config, region=config.region, bundle=bundle, bucket=self._args.artifacts),
            opts=self._own,
        )
        observing = CanarySite(
            f"{self._name}-observer",
            CanarySiteArgs(config=config, region=config.observer_region, bundle=bundle),
            opts=self._observer,
        )
        return here, observing

    def _create_inside(self, site: CanarySite) -> Canary:
        config = self._args.config
        metric = order_service.canary_result_metric(config.region, config.observer_region)
        name = f"{self._name}-{INSIDE}"
        return self._create_regional(name, INSIDE, site, self._own, metric, [METRICS_NAMESPACE])

    def _create_outside(self, site: CanarySite) -> Canary:
        name = f"{self._name}-observer-{OUTSIDE}"
        return self._create_regional(name, OUTSIDE, site, self._observer, {}, [])

    def _create_regional(
        self,
        name: str,
        viewpoint: str,
        site: CanarySite,
        opts: pulumi.ResourceOptions,
        metric: Mapping[str, str],
        namespaces: Sequence[str],
    ) -> Canary:
        """One that calls the region's API by its own address."""
        args, region = self._args, self._args.config.region
        known = pulumi.Output.all(account=args.account_id, api=args.app.rest_api_id)
        return Canary(
            name,
            CanaryArgs(
                config=args.config,
                viewpoint=viewpoint,
                region=site.region,
                account_id=args.account_id,
                handler=HANDLER,
                code=site.code,
                results=site.bucket,
                calls=known.apply(lambda ids: self._calls(ids["account"], {region: ids["api"]})),
                environment=args.app.api_url.apply(
                    lambda url: {
                        **order_service.canary_check(url, signing_region=region, regions=[region]),
                        **metric,
                    }
                ),
                ready=[args.app],
                namespaces=namespaces,
            ),
            opts=opts,
        )

    def _create_domain(self, site: CanarySite) -> Canary:
        """One that calls the name. Which API answers is Route 53's choice, also one deployed later."""
        args, regions = self._args, self._args.config.regions
        return Canary(
            f"{self._name}-observer-{DOMAIN}",
            CanaryArgs(
                config=args.config,
                viewpoint=DOMAIN,
                region=site.region,
                account_id=args.account_id,
                handler=HANDLER,
                code=site.code,
                results=site.bucket,
                calls=pulumi.Output.from_input(args.account_id).apply(
                    lambda account: self._calls(account, dict.fromkeys(regions, "*"))
                ),
                environment=order_service.canary_check(
                    args.endpoint.url,
                    signing_region=order_service.ALL_REGIONS,
                    regions=regions,
                ),
                ready=[args.endpoint],
            ),
            opts=self._observer,
        )

    def _calls(self, account_id: str, apis: Mapping[str, str]) -> Sequence[str]:
        """The routes of APIs by region, as a policy names them."""
        return [
            policies.invoke_route(
                region=region,
                account_id=account_id,
                api_id=api,
                stage=self._args.config.api_stage,
                route=route,
            )
            for region, api in apis.items()
            for route in order_service.canary_routes()
        ]
