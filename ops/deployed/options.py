"""Options that several commands share, and what they stand for."""

from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic

from ops.console import Console
from ops.deployed import export as exports
from ops.deployed.deployment import Deployment
from ops.deployed.stacks import DEFAULT_STACK, PROJECT, StackPlan, read_plan
from ops.deployed.target import AWS, TWIN, Target, default_target, export_file, live_deployment, open_target
from ops.errors import DeploymentError, MisuseError, OpsError
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
        help="a file written by `export`, instead of the stacks' outputs; no stack file is needed then",
    )


@dataclass(frozen=True, kw_only=True)
class DeploymentChoice:
    """A target and the stacks that belong together there, or what keeps their files from being read.

    `stack` is the one that was named, `file` an exported file that was. `report` hears the age of a file that
    is used, and what contradicts it.
    """

    target: Target
    stacks: StackPlan | MisuseError
    file: Path | None = None
    stack: str = DEFAULT_STACK
    report: Callable[[str], None] = field(default_factory=lambda: Console().note)

    @property
    def plan(self) -> StackPlan:
        """What the stack files say; MisuseError where they cannot be used."""
        if isinstance(self.stacks, MisuseError):
            raise self.stacks
        return self.stacks

    @property
    def export_file(self) -> Path:
        """Where the deployment is exported to, and on AWS looked for."""
        primary = self.stack if isinstance(self.stacks, MisuseError) else self.stacks.primary
        return export_file(self.target, primary)

    def deployment(self) -> Deployment:
        """As it is deployed now, or as the file says that was named."""
        return self._exported(self.file) if self.file else live_deployment(self.target, self.plan)

    def known(self) -> Deployment:
        """As it was last seen: where it was exported it needs neither Pulumi nor the stack files."""
        if self.file is None and self.target.name == AWS:
            committed = self._committed()
            return self._exported(committed) if committed else self._asked()
        return self.deployment()

    def _committed(self) -> Path | None:
        """The exported file of the primary, else of the stack named: a primary may be half-edited."""
        files = (self.export_file, export_file(self.target, self.stack))
        return next((file for file in files if file.exists()), None)

    def _exported(self, file: Path) -> Deployment:
        found = exports.load(file, target=self.target.name)
        for one in self._contradictions(found):
            self.report(f"Warning: {one}")
        self.report(f"{self.target.name}: {found.source}")
        return found

    def _contradictions(self, found: Deployment) -> list[str]:
        if isinstance(self.stacks, MisuseError):
            # One line: YAML's complaints draw pictures.
            return [f"{' '.join(str(self.stacks).split())} The file is believed: {found.source}"]
        return exports.contradictions(
            found, primary=self.stacks.primary, domain_name=self.stacks.config.domain_name
        )

    def _asked(self) -> Deployment:
        """Of Pulumi, since the file is missing; DeploymentError when that does not answer either."""
        self.report(f"Warning: {self.export_file} is not there; Pulumi is asked what is deployed.")
        try:
            return live_deployment(self.target, self.plan)
        except OpsError as error:
            raise DeploymentError(
                f"{self.export_file} is not there, which says what is deployed and where the routing controls"
                f" are. {exports.WHERE_FROM} Asked instead, Pulumi did not say: {error}"
            ) from error


def place(arguments: Namespace, console: Console) -> DeploymentChoice:
    """What the options of `add_target` name."""
    return DeploymentChoice(
        target=open_target(arguments.target),
        stacks=_stacks(arguments.stack),
        file=arguments.deployment,
        stack=arguments.stack,
        report=console.note,
    )


def _stacks(stack: str) -> StackPlan | MisuseError:
    try:
        return read_plan(stack, PROJECT)
    except MisuseError as error:
        return error


def routing_switch(
    target: Target, deployment: Deployment, *, clock: Callable[[], float] = monotonic
) -> RoutingSwitch:
    """The deployment's routing controls, through its cluster's endpoints; `clock` stamps the changes."""
    cluster = ClusterEndpoints(deployment.endpoints, target.cluster_client)
    return RoutingSwitch(cluster, deployment.controls, clock=clock)
