"""The canaries of one stack: those that run in its own region, and those that run in the observer region."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from blueprint.naming import Namer
from components.app.private_bucket import PrivateBucket
from components.packing.canary_bundle import CanaryScript
from components.watching.canary import Canary, CanaryArgs, CanarySettings, WatchedSite
from components.watching.canary_site import CanarySite, CanarySiteArgs


@dataclass(frozen=True, kw_only=True)
class SyntheticsArgs:
    namer: Namer
    account_id: pulumi.Input[str]
    script: CanaryScript
    settings: CanarySettings
    region: str
    """The stack's own."""
    artifacts: PrivateBucket
    """Of the stack's region; in the observer region the stack makes its own bucket."""
    from_inside: Sequence[WatchedSite]
    """What is watched from the stack's region."""
    observer_region: str
    observer: aws.Provider
    """Of the observer region."""
    from_observer: Sequence[WatchedSite]
    """What is watched from the observer region."""


class Synthetics(pulumi.ComponentResource):
    """Makes a CanarySite in the stack's region and one in the observer's, and a Canary for each watched site.

    The component's provider must be that of the stack's region.
    """

    def __init__(self, name: str, args: SyntheticsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("resilient-orders:app:Synthetics", name, None, opts)
        self._name = name
        self._args = args
        self._own = pulumi.ResourceOptions(parent=self)
        self._observer = pulumi.ResourceOptions(parent=self, provider=args.observer)
        inside, observer = self._create_inside_site(), self._create_observer_site()
        self._canaries = [
            *(self._create_canary(name, site, inside, self._own) for site in args.from_inside),
            *(
                self._create_canary(f"{name}-observer", site, observer, self._observer)
                for site in args.from_observer
            ),
        ]
        self.register_outputs({"names": self.names})

    @property
    def names(self) -> Sequence[pulumi.Output[str]]:
        """Those inside first, then the observer's, each in the order of the arguments."""
        return [canary.canary_name for canary in self._canaries]

    def _create_inside_site(self) -> CanarySite:
        args = self._args
        return CanarySite(
            f"{self._name}-site",
            CanarySiteArgs(
                namer=args.namer,
                region=args.region,
                runtime=args.settings.runtime,
                script=args.script,
                bucket=args.artifacts,
            ),
            opts=self._own,
        )

    def _create_observer_site(self) -> CanarySite:
        args = self._args
        return CanarySite(
            f"{self._name}-observer",
            CanarySiteArgs(
                namer=args.namer,
                region=args.observer_region,
                runtime=args.settings.runtime,
                script=args.script,
            ),
            opts=self._observer,
        )

    def _create_canary(
        self, prefix: str, watched: WatchedSite, site: CanarySite, opts: pulumi.ResourceOptions
    ) -> Canary:
        return Canary(
            f"{prefix}-{watched.viewpoint}",
            CanaryArgs(
                namer=self._args.namer,
                watched=watched,
                site=site,
                account_id=self._args.account_id,
                settings=self._args.settings,
            ),
            opts=opts,
        )
