"""Options that several commands share, and what they stand for."""

from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic

from ops.console import Console
from ops.deployed.deployment import Deployment
from ops.deployed.stacks import DEFAULT_STACK, StackPlan, read_plan
from ops.deployed.target import (
    AWS,
    TWIN,
    Target,
    default_target,
    find_deployment,
    known_deployment,
    open_target,
)
from ops.routing.cluster import ClusterEndpoints
from ops.routing.switch import RoutingSwitch


def add_target(parser: ArgumentParser) -> None:
    """`--target`, `--stack` and `--deployment`."""
    parser.add_argument(
        "--target",
        choices=(TWIN, AWS),
        default=default_target(),
        help="the local twin of AWS, or real AWS (default: $OPS_TARGET, else twin)",
    )
    parser.add_argument(
        "--stack",
        default=DEFAULT_STACK,
        metavar="NAME",
        help="one of the stacks to work on; its stack file names the others (default: %(default)s)",
    )
    parser.add_argument(
        "--deployment",
        type=Path,
        metavar="FILE",
        help="a file written by `export`, instead of asking for the stacks' outputs",
    )


PROJECT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, kw_only=True)
class Place:
    """A target and the stacks that belong together there. `told` is told the age of an exported file."""

    target: Target
    plan: StackPlan
    file: Path | None
    told: Callable[[str], None] = field(default_factory=lambda: Console().note)

    def deployment(self) -> Deployment:
        """As it is deployed now, or as the file says that was named."""
        return self._announced(find_deployment(self.target, self.plan, self.file))

    def known(self) -> Deployment:
        """As it was last seen; needs no Pulumi where it was exported."""
        return self._announced(known_deployment(self.target, self.plan, self.file))

    def _announced(self, found: Deployment) -> Deployment:
        if found.exported_at is not None:
            self.told(f"{self.target.name}: {found.source}")
        return found


def place(arguments: Namespace) -> Place:
    """What the options of `add_target` name."""
    return Place(
        target=open_target(arguments.target),
        plan=read_plan(arguments.stack, PROJECT),
        file=arguments.deployment,
    )


def routing_switch(
    target: Target, deployment: Deployment, *, clock: Callable[[], float] = monotonic
) -> RoutingSwitch:
    """The deployment's routing controls, through its cluster's endpoints; `clock` stamps the changes."""
    cluster = ClusterEndpoints(deployment.endpoints, target.cluster_client)
    return RoutingSwitch(cluster, deployment.controls, clock=clock)
