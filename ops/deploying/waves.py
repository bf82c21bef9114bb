"""Deploying in waves: no customer reaches a region before it has shown that it works.

Route 53 answers with a region whose control is Off as long as no other is On, so the first region is checked
and given the traffic before the second one's records exist.
"""

from dataclasses import dataclass, field
from typing import Protocol

from blueprint import output_names as names
from ops.checks import findings, smoke
from ops.console import Console
from ops.deployed.answering import ask
from ops.deployed.deployment import Deployment, parse
from ops.deployed.options import DeploymentChoice, routing_switch
from ops.deployed.target import AWS, export_outputs
from ops.deploying.preflight import inspect
from ops.errors import OpsError
from ops.routing.plan import plan_init, plan_on, traffic
from ops.routing.switch import change


class Deployer(Protocol):
    """Deploys one stack."""

    def up(self, stack: str) -> None: ...


def deploy(choice: DeploymentChoice, deployer: Deployer, console: Console) -> tuple[Deployment, list[str]]:
    """Preflight on AWS, then waves: what is deployed now, and what was done. OpsError where either stops."""
    if choice.target.name == AWS:
        found = inspect(choice.target, choice.plan, report=console.progress)
        console.note(findings.table(found))
        if not findings.passed(found):
            raise OpsError(
                "Preflight found what would stop the deployment, above; nothing was deployed, and no traffic "
                "moved."
            )
    waves = Waves(choice=choice, deployer=deployer, console=console)
    return waves.run(), waves.done


@dataclass
class Waves:
    """Deploys the stacks of a plan one after the other. `done` says what was reached, for the outcome."""

    choice: DeploymentChoice
    deployer: Deployer
    console: Console
    done: list[str] = field(default_factory=list)

    def run(self) -> Deployment:
        """Every stack in turn; stops with an OpsError at the first that does not pass.

        Either way it says which regions have the traffic then.
        """
        try:
            found = self._every_stack()
        except OpsError:
            self.console.note(self._traffic())
            raise
        self.console.note(self._traffic())
        if self.choice.target.name == AWS:
            self.console.note(f"{self.choice.export_file} holds what a failover needs: commit it.")
        return found

    def _every_stack(self) -> Deployment:
        for stack in self.choice.plan.names:
            new = stack not in self.choice.target.outputs(self.choice.plan)
            self.console.note(f"== {stack} ({self.choice.plan.regions[stack]})")
            self.deployer.up(stack)
            if new and self._made_strong_tables(stack):
                self.console.note("Once more: the new tables' replicas take deletion protection only now.")
                self.deployer.up(stack)
            self.done.append(f"{stack} deployed")
            self._check(stack, new=new)
            self._admit(stack, new=new)
        return self._deployment()

    def _traffic(self) -> str:
        """Which regions have the traffic, as the routing controls say, whatever the deployment came to."""
        try:
            return traffic(routing_switch(self.choice.target, self._deployment()).read().states)
        except OpsError as error:
            return f"Which regions have the traffic is not known: {error}"

    def _made_strong_tables(self, stack: str) -> bool:
        """The AWS provider leaves deletion protection out when it creates a strong table's replicas."""
        outputs = self.choice.target.outputs(self.choice.plan).get(stack, {})
        return stack == self.choice.plan.primary and outputs.get(names.CONSISTENCY) == "strong"

    def _check(self, stack: str, *, new: bool) -> None:
        region = self.choice.plan.regions[stack]
        deployment = self._deployment()
        results = smoke.check(
            self.choice.target,
            deployment,
            (region,),
            report=self.console.progress,
            read_in=ask(self.choice.target, deployment.regions).answering,
        )
        self.console.note(smoke.table(results))
        if not smoke.passed(results):
            left = "it was not given any traffic" if new else "its routing control was left as it is"
            raise OpsError(
                f"{stack} is deployed, but fails its smoke test; {left}, and no further stack was deployed. "
                f"Mend it and run the same command again, or look closer: python -m ops smoke "
                f"--region {region}"
            )
        self.done.append(f"{stack} passed its smoke test")

    def _admit(self, stack: str, *, new: bool) -> None:
        """Give a new region its traffic; one deployed before keeps its state: it may be Off on purpose."""
        region = self.choice.plan.regions[stack]
        switch = routing_switch(self.choice.target, self._deployment())
        states = switch.read().states
        if stack == self.choice.plan.primary:
            plan = plan_init(states, region)
        elif new:
            plan = plan_on(states, region)
        else:
            self.console.note(
                f"{region} is {'On' if states[region] else 'Off'}, as before this deployment."
                + ("" if states[region] else f" To give it traffic: python -m ops controls on {region}")
            )
            return
        if plan.empty:
            self.console.note(plan.reason)
            return
        change(switch, plan, self.console)
        self.done.append(f"{region} takes traffic")

    def _deployment(self) -> Deployment:
        outputs = self.choice.target.outputs(self.choice.plan)
        found = parse(outputs, source=f"outputs on the {self.choice.target.name} target")
        if self.choice.target.name == AWS:
            file = self.choice.export_file
            export_outputs(self.choice.target, self.choice.plan, outputs, file)
        return found
